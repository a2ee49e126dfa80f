import { Injectable } from '@nestjs/common';
import type { Departure, PlaceKind } from '../../shared/access/departures.js';
import { OwnerGuard } from '../../shared/access/owner-guard.js';
import { Database } from '../../shared/database/database.js';
import { Decisions } from '../../shared/event-store/decisions.js';
import { EventStore, revisionOf, type StoredEvent } from '../../shared/event-store/event-store.js';
import { isGroupMemberEvent } from './group-member.events.js';
import { endGroupMembership, GROUP_MEMBERS } from './group-member.js';
import { groupMemberListProjection, type GroupMemberTables } from './group-member-list.projection.js';

const JOINED: readonly string[] = ['InvitationAccepted', 'GroupFounderJoined'];

/** Group memberships, as places that people hold. */
@Injectable()
export class GroupLeaving {
  readonly places: PlaceKind = {
    ends: ['GroupMemberRemoved', 'GroupMemberLeft'],
    isRole: false,
    projection: groupMemberListProjection.name,
    streamsOf: async (personId, organisationId) => this.streamsOf(personId, organisationId),
    personIn: (history) => history.filter(isGroupMemberEvent).flatMap((event) => (event.type === 'InvitationAccepted' || event.type === 'GroupFounderJoined' ? [event.data.personId] : [])).at(-1),
    isHeld: (history) => GROUP_MEMBERS.activeFrom(history) !== undefined,
  };

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly decisions: Decisions,
    private readonly ownerGuard: OwnerGuard,
  ) {}

  /** Ends the memberships of whoever lost their last role in the organisation, the last administrator's too. Quiet for those that are over, or began after that. */
  async follow({ personId, organisationId, cause }: Departure): Promise<void> {
    for (const stream of await this.streamsOf(personId, organisationId)) await this.decisions.retrying(async () => this.end(stream, cause));
  }

  private async end(stream: string, cause: StoredEvent): Promise<void> {
    const history = await this.store.read(stream);
    const [first, member, joined] = [history[0], GROUP_MEMBERS.activeFrom(history), history.findLast(({ type }) => JOINED.includes(type))];
    if (!first || !member || !joined || this.store.comparePositions(joined.position, cause.position) > 0) return;
    const { scope, organisationId } = first.metadata;
    const { actor } = cause.metadata;
    const [fact] = endGroupMembership(member, actor === member.personId ? 'left' : 'removed');
    if (!fact) return;
    const revision = revisionOf(history);
    if (GROUP_MEMBERS.isOwner(member, scope)) await this.ownerGuard.releaseAndChange({ personId: member.personId, stream, scope, organisationId }, actor, revision, fact, true, null);
    else await this.decisions.appendAt(stream, revision, { actor, scope, organisationId }, [fact], null);
  }

  private async streamsOf(personId: string, organisationId: string | null): Promise<string[]> {
    let query = this.database.kysely<GroupMemberTables>().selectFrom('group_member').select('id').where('person_id', '=', personId);
    if (organisationId !== null) query = query.where('organisation_id', '=', organisationId);
    return (await query.execute()).map(({ id }) => `groupMember-${id}`);
  }
}
