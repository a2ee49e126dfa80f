import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { isInvitationEvent, type Grant } from '../domain/invitation.events.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { ResolvedInvitation } from '../links/invitation-links.js';
import { evolveInvitationRow, type InvitationRow, type InvitationTables } from './invitation-list.projection.js';
import { invitationOf, newestIssueOf } from '../domain/membership-stream.js';

export interface LocatedInvitation {
  row: InvitationRow;
  scope: ScopeRef;
  grant: Grant;
}

/**
 * Finds an invitation by its id. It waits for the read model, so that it also finds new invitations. What it returns
 * comes from the stream.
 */
@Injectable()
export class InvitationLocator {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly projections: ProjectionRunner,
    private readonly policies: InvitationPolicies,
  ) {}

  /** The invitation with this stored id, as its stream has it; undefined when there is none of this kind. */
  async find(
    kind: string,
    invitationId: string,
    reads: StreamSource = this.store,
  ): Promise<LocatedInvitation | undefined> {
    const found = await this.stream(invitationId);
    if (!found || StreamId.parse(found).category !== kind) return undefined;
    const history = (await reads.read(found))
      .filter(isInvitationEvent)
      .filter((event) => event.data.invitationId === invitationId);
    const row = history.reduce<InvitationRow | undefined>(evolveInvitationRow, undefined);
    const issued = history.find((event) => event.type === 'InvitationIssued');
    const offered = history.findLast(
      (event) => event.type === 'InvitationIssued' || event.type === 'InvitationChanged',
    );
    return row && issued && offered && { row, scope: scopeOf(issued), grant: offered.data.grant };
  }

  /** Those of the ids that belong to an invitation. May lag. */
  async existing(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select('id')
      .where(sql<boolean>`id = any(${uuids(ids)})`)
      .execute();
    return rows.map(({ id }) => id);
  }

  /**
   * A person's own invitation of any kind, as if they had opened its newest link.
   * @throws RuleBroken `not-found`, also for somebody else's
   */
  async locateOwn(personId: string, invitationId: string): Promise<ResolvedInvitation> {
    const stream = await this.stream(invitationId);
    if (!stream) throw new RuleBroken('not-found');
    const history = await this.store.read(stream);
    const [first] = history;
    const invitation = invitationOf(history);
    const issue = newestIssueOf(invitation, invitationId);
    if (!first || issue === 0 || invitation.status === 'none' || invitation.personId !== personId)
      throw new RuleBroken('not-found');
    const { organisationId } = first.metadata;
    return {
      policy: this.policies.of(StreamId.parse(stream).category),
      stream,
      issue,
      invitationId,
      personId,
      locale: invitation.locale,
      scope: scopeOf(first),
      organisationId,
      history,
    };
  }

  private async stream(invitationId: string): Promise<string | undefined> {
    const db = this.database.kysely<InvitationTables>();
    const look = async () =>
      db.selectFrom('invitation').select('stream').where('id', '=', invitationId).executeTakeFirst();
    return (await this.projections.lookUp(look))?.stream;
  }
}
