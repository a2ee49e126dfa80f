import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../access/scope-ref.js';
import { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { ProjectionRunner } from '../projections/projection-runner.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { isInvitationEvent, type Grant } from './invitation.events.js';
import { evolveInvitationRow, type InvitationRow, type InvitationTables } from './invitation-list.projection.js';

export interface LocatedInvitation {
  row: InvitationRow;
  scope: ScopeRef;
  grant: Grant;
}

const PATIENCE_MS = 2000;

/** Finds the stream of an invitationId. One issued a moment ago is found too: the read model is waited for, what is decided on is the stream. */
@Injectable()
export class InvitationLocator {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly projections: ProjectionRunner,
  ) {}

  /** The invitation as its stream has it. @throws RuleBroken `not-found` */
  async locate(kind: string, invitationId: string): Promise<LocatedInvitation> {
    const found = (await this.stream(kind, invitationId)) ?? ((await this.projections.caughtUp(PATIENCE_MS)) ? await this.stream(kind, invitationId) : undefined);
    if (!found) throw new RuleBroken('not-found');
    const history = (await this.store.read(found)).filter(isInvitationEvent).filter((event) => event.data.invitationId === invitationId);
    const row = history.reduce<InvitationRow | undefined>(evolveInvitationRow, undefined);
    const issued = history.find((event) => event.type === 'InvitationIssued');
    if (!row || !issued) throw new RuleBroken('not-found');
    return { row, scope: issued.metadata.scope, grant: issued.data.grant };
  }

  private async stream(kind: string, invitationId: string): Promise<string | undefined> {
    const row = await this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select('stream')
      .where('id', '=', invitationId)
      .where('kind', '=', kind)
      .executeTakeFirst();
    return row?.stream;
  }
}
