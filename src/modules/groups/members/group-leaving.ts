import { Injectable } from '@nestjs/common';
import { type Departure, OwnerGuard, type PlaceKind, placeStreams } from '../../access/access.contract.js';
import {
  invitationListProjection,
  invitationOf,
  type InvitationTables,
  lastIssueIn,
  pendingOf,
} from '../../invitations/invitations.contract.js';
import { revokeInvitation } from '../../invitations/invitations.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { BrokenStream } from '../../../shared/event-sourcing/broken-streams.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore, revisionOf, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { isGroupMemberEvent } from './group-member.events.js';
import { endGroupMembership, GROUP_MEMBERS } from './group-member.js';
import { groupMemberListProjection } from './group-member-list.projection.js';
import { scopeOf } from '../../access/access.domain.contract.js';

/** Group memberships, as places that people hold, and the invitations to them. */
@Injectable()
export class GroupLeaving {
  readonly places: PlaceKind = {
    ends: ['GroupMemberRemoved', 'GroupMemberLeft'],
    isRole: false,
    projection: groupMemberListProjection.name,
    streamsOf: async (personId, organisationId) =>
      placeStreams(this.database, 'group_member', 'groupMember')(personId, organisationId),
    personIn: (history) =>
      history
        .filter(isGroupMemberEvent)
        .flatMap((event) =>
          event.type === 'InvitationAccepted' || event.type === 'GroupFounderJoined' ? [event.data.personId] : [],
        )
        .at(-1),
    isHeld: (history) => GROUP_MEMBERS.activeFrom(history) !== undefined,
  };

  /** The read models that list a person's invitations. */
  readonly needs: readonly string[] = [invitationListProjection.name];

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
    private readonly ownerGuard: OwnerGuard,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the group memberships of a person who lost their last role in the organisation, the last administrator's too.
   * Revokes pending invitations as well. Idempotent, and leaves alone what was offered after the departure. An earlier
   * offer may have been accepted since, so it ends too.
   * @throws BrokenStream when all others are ended
   */
  async follow({ personId, organisationId, cause }: Departure): Promise<void> {
    const streams = new Set([
      ...(await this.places.streamsOf(personId, organisationId)),
      ...(await this.invitedIn(personId, organisationId)),
    ]);
    let broken: BrokenStream | undefined;
    for (const stream of streams) {
      try {
        await this.commandHandling.retrying(async () => this.end(stream, cause));
      } catch (error) {
        if (!(error instanceof BrokenStream)) throw error;
        broken = error;
      }
    }
    if (broken) throw broken;
  }

  private async end(stream: string, cause: StoredEvent): Promise<void> {
    const history = await this.store.read(stream);
    // A founder was invited by nobody, and may have been invited again later.
    const [first, offered] = [history[0], lastIssueIn(history) ?? history[0]];
    if (!first || !offered || this.store.comparePositions(offered.position, cause.position) > 0) return;
    const [member, pending, revision] = [
      GROUP_MEMBERS.activeFrom(history),
      pendingOf(history, this.clock.now()),
      revisionOf(history),
    ];
    const scope = scopeOf(first);
    const { organisationId } = first.metadata;
    const { actor } = cause.metadata;
    if (!member) {
      const domainEvents = pending ? revokeInvitation(invitationOf(history), pending.invitationId) : [];
      if (domainEvents.length > 0)
        await this.commandHandling.appendExpecting(
          stream,
          revision,
          { actor, scope, organisationId },
          domainEvents,
          null,
        );
      return;
    }
    const [domainEvent] = endGroupMembership(member, actor === member.personId ? 'left' : 'removed');
    if (!domainEvent) return;
    if (GROUP_MEMBERS.isOwner(member, scope))
      await this.ownerGuard.releaseAndChange(
        { personId: member.personId, stream, scope, organisationId },
        actor,
        revision,
        domainEvent,
        true,
        null,
      );
    else
      await this.commandHandling.appendExpecting(
        stream,
        revision,
        { actor, scope, organisationId },
        [domainEvent],
        null,
      );
  }

  /** The streams of every invitation of the person to groups there. May lag. */
  private async invitedIn(personId: string, organisationId: string): Promise<string[]> {
    const query = this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select('stream')
      .distinct()
      .where('person_id', '=', personId)
      .where('kind', '=', 'groupMember')
      .where('organisation_id', '=', organisationId);
    return (await query.execute()).map(({ stream }) => stream);
  }
}
