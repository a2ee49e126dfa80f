import { Injectable } from '@nestjs/common';
import { type Departure, OwnerGuard, placeStreams } from '../../access/access.contract.js';
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
import { endGroupMembership, GROUP_MEMBERS } from './group-member.js';
import { scopeOf } from '../../access/access.domain.contract.js';

/** Ends a person's group memberships and group invitations after their last role in the organisation ends. */
@Injectable()
export class GroupLeaving {
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
   * Ends the memberships, even the last administrator's, and revokes the pending invitations. Idempotent. Keeps
   * memberships and invitations that were issued after the departure. An earlier invitation that was accepted since
   * ends too.
   * @throws BrokenStream after it ended all other memberships
   */
  async follow({ personId, organisationId, cause }: Departure): Promise<void> {
    const streams = new Set([
      ...(await placeStreams(this.database, 'group_member', 'groupMember')(personId, organisationId)),
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
    // Nobody invited a founder, so their first event stands for an invitation. They may have been invited later.
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

  /** The streams of all the person's invitations to groups of the organisation. May lag. */
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
