import { Injectable } from '@nestjs/common';
import { placeStreams } from '../../access/access.contract.js';
import { scopeOf, type ScopeRef } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { requireContext, runInContext } from '../../../shared/request-context/request-context.js';
import type { InvitationTables } from '../manage/invitation-list.projection.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';

/** A place that a person holds, of any type. */
export interface OwnPlace {
  kind: string;
  membershipId: string;
  stream: string;
  scope: ScopeRef;
  organisationId: string | null;
  isRole: boolean;
  endsWithLastRole: boolean;
}

/** All places of one person, and how they leave them. */
@Injectable()
export class OwnPlaces {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /**
   * The places that the person holds, by the streams. It also reads the streams of their invitations, because one of
   * these may begin a place. May miss an invitation of a moment ago.
   */
  async heldBy(personId: string, reads: StreamSource = this.store): Promise<OwnPlace[]> {
    const invited = await this.invitationStreams(personId);
    const found = await Promise.all(
      this.policies.all.map(async ({ kind, type: { members } }) => {
        const listed = await placeStreams(this.database, members.projection.tables[0] ?? '', kind)(personId, null);
        const streams = [
          ...new Set([...listed, ...invited.filter((stream) => StreamId.parse(stream).category === kind)]),
        ];
        return { kind, members, streams };
      }),
    );
    const histories = await reads.readMany(found.flatMap(({ streams }) => streams));
    return found.flatMap(({ kind, members, streams }) =>
      streams.flatMap((stream) => {
        const history = histories.get(stream) ?? [];
        const [first, member] = [history[0], members.activeFrom(history)];
        if (!first || member?.personId !== personId) return [];
        const { isRole, endsWithLastRole = false } = members;
        const { organisationId } = first.metadata;
        const membershipId = StreamId.parse(stream).uuid;
        return [{ kind, membershipId, stream, scope: scopeOf(first), organisationId, isRole, endsWithLastRole }];
      }),
    );
  }

  /** Checks that the person could leave now, without doing it. @throws RuleBroken as `leave` */
  async mustBeAbleToLeave(personId: string, { kind, membershipId }: OwnPlace): Promise<void> {
    await this.policies.of(kind).mustBeAbleToLeave(personId, membershipId);
  }

  /**
   * Leaves by the rules of the type. It is a decision of its own, because one command may leave many places, and one of
   * them twice.
   * @param turn distinguishes it from an earlier leave of the same command
   * @throws RuleBroken `not-found` when they left meanwhile, and the codes of the type
   */
  async leave(personId: string, { kind, membershipId, stream }: OwnPlace, turn: number): Promise<void> {
    const context = requireContext();
    const own = { ...context, commandId: deterministicId(context.commandId, stream, String(turn)) };
    try {
      await runInContext(own, async () => this.policies.of(kind).endMembership(personId, membershipId, {}));
    } finally {
      if (own.position !== undefined) context.position = own.position;
    }
  }

  private async invitationStreams(personId: string): Promise<string[]> {
    const rows = await this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select('stream')
      .distinct()
      .where('person_id', '=', personId)
      .execute();
    return rows.map(({ stream }) => stream);
  }
}
