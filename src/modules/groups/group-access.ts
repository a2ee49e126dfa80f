import { Injectable } from '@nestjs/common';
import { HeldRoles, type HeldRole } from '../../shared/access/held-roles.js';
import { PLATFORM } from '../../shared/access/scope-ref.js';
import type { Scope } from '../../shared/access/scopes.js';
import { Clock } from '../../shared/clock.js';
import { Database } from '../../shared/database/database.js';
import { EventStore, uuidOf } from '../../shared/event-store/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-store/read-set.js';
import { membershipStream } from '../../shared/invitations/membership-stream.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { isGone, type KnownGroup } from './group.js';
import { GROUP_MEMBERS, permissionsOf, type ActiveGroupMember } from './group-member.js';
import type { GroupMemberTables } from './group-member-list.projection.js';
import { isInLiveGroup } from './group-network.js';
import { GroupScopes } from './group-scopes.js';
import type { PermissionSet } from './permission-set.js';

/** What somebody is to a group at this moment. */
export interface GroupStanding {
  scope: Scope;
  group: KnownGroup;
  /** Of the one membership that the person has or could have. */
  membershipId: string;
  member: ActiveGroupMember | undefined;
  isSuperAdmin: boolean;
  /** By their set; a super-admin has both, member or not. */
  permissions: PermissionSet | undefined;
  /** An owner of the organisation, or a super-admin: sees that there is the group, deletes and restores it. */
  isAccountAdministrator: boolean;
  /** At the organisation or the platform. */
  holdsRole: boolean;
  organisationArchived: boolean;
  /** Where all of this was read. */
  reads: StreamSource;
}

/**
 * The gate to groups. Decides on streams as the gate to everything else does; no role of the organisation opens a group's content.
 * A deleted group is there for account administrators alone. A command hands in its read set, a query reads the store. Source: DOMAIN §2, §4
 */
@Injectable()
export class GroupAccess {
  constructor(
    private readonly groupScopes: GroupScopes,
    private readonly store: EventStore,
    private readonly heldRoles: HeldRoles,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** For what every member may see, in a group that isn't deleted. @throws RuleBroken `not-found`, `forbidden` */
  async asMember(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding & { permissions: PermissionSet }> {
    const standing = await this.standing(personId, groupId, reads);
    const { permissions } = standing;
    if (standing.group.status === 'deleted') throw new RuleBroken('not-found');
    if (!permissions) return this.refuse(personId, standing);
    return { ...standing, permissions };
  }

  /** To see that it is there, and how it is called: members and account administrators. @throws RuleBroken `not-found`, `forbidden` */
  async asInsider(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.standing(personId, groupId, reads);
    if (!standing.permissions && !standing.isAccountAdministrator) return this.refuse(personId, standing);
    if (isGone(standing.group, this.clock.now())) throw new RuleBroken('not-found');
    return standing;
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  async asAdministrator(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding & { permissions: PermissionSet }> {
    const standing = await this.asMember(personId, groupId, reads);
    if (!standing.permissions.administrator) throw new RuleBroken('forbidden');
    return standing;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async toAdminister(personId: string, groupId: string, reads: ReadSet): Promise<GroupStanding & { permissions: PermissionSet }> {
    return mustBeOpen(await this.asAdministrator(personId, groupId, reads));
  }

  /** To look at what administering would come to, where nothing is stored. @throws RuleBroken as `toAdminister` */
  async toReview(personId: string, groupId: string): Promise<GroupStanding> {
    return mustBeOpen(await this.asAdministrator(personId, groupId));
  }

  /** @throws RuleBroken `not-found`, `forbidden`; `scope-archived` for an archived organisation's */
  async asAccountAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<GroupStanding> {
    const standing = await this.standing(personId, groupId, reads);
    if (!standing.isAccountAdministrator) return this.refuse(personId, standing);
    if (standing.organisationArchived) throw new RuleBroken('scope-archived');
    return standing;
  }

  /** What somebody is to a group, nothing at all included. @throws RuleBroken `not-found` when there is no such group, or it is deleted and they are no account administrator */
  async standing(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const loaded = await this.groupScopes.loadGroup(groupId, reads);
    if (!loaded) throw new RuleBroken('not-found');
    const standing = await this.standingIn(personId, loaded, reads);
    if (loaded.group.status === 'deleted' && !standing.isAccountAdministrator) throw new RuleBroken('not-found');
    return standing;
  }

  /** Whether somebody is a member of any group of the organisation. May not know yet of one who joined a moment ago; never counts one who is gone. */
  async isMemberWithin(personId: string, organisationId: string, reads: StreamSource = this.store): Promise<boolean> {
    const rows = await this.database.kysely<GroupMemberTables>().selectFrom('group_member').select('id')
      .where('person_id', '=', personId).where('organisation_id', '=', organisationId).where('active', '=', true).where(isInLiveGroup()).execute();
    const histories = await reads.readMany(rows.map(({ id }) => `groupMember-${id}`));
    return [...histories.values()].some((history) => GROUP_MEMBERS.activeFrom(history) !== undefined);
  }

  private async standingIn(personId: string, { group, scope, organisationArchived }: Pick<GroupStanding, 'group' | 'scope' | 'organisationArchived'>, reads: StreamSource): Promise<GroupStanding> {
    const organisation = { kind: 'organisation' as const, id: group.organisationId };
    const stream = membershipStream('groupMember', scope, personId);
    const [history, held] = await Promise.all([reads.read(stream), this.heldRoles.in(personId, [organisation, PLATFORM], reads)]);
    const member = GROUP_MEMBERS.activeFrom(history);
    const isSuperAdmin = held.some(({ role }) => role.id === 'super-admin');
    const permissions = isSuperAdmin ? { administrator: true, contentCreator: true } : member && permissionsOf(member);
    const isAccountAdministrator = administersAccount(held);
    return { scope, group, membershipId: uuidOf(stream), member, isSuperAdmin, permissions, isAccountAdministrator, holdsRole: held.length > 0, organisationArchived, reads };
  }

  /** For whoever may know that there is the group: any role in its organisation, or a place in one of its groups. @throws RuleBroken `not-found` */
  async asAcquaintance(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.standing(personId, groupId, reads);
    if (!standing.permissions && !(await this.belongs(personId, standing))) throw new RuleBroken('not-found');
    return standing;
  }

  private async refuse(personId: string, standing: GroupStanding): Promise<never> {
    throw new RuleBroken((await this.belongs(personId, standing)) ? 'forbidden' : 'not-found');
  }

  private async belongs(personId: string, { group: { organisationId }, holdsRole, reads }: GroupStanding): Promise<boolean> {
    return holdsRole || (await this.heldRoles.anyWithin(personId, organisationId, reads)) || (await this.isMemberWithin(personId, organisationId, reads));
  }
}

/** Whether roles held at an organisation and above make an account administrator. Source: DOMAIN §4 */
export function administersAccount(held: readonly HeldRole[]): boolean {
  return held.some(({ role }) => role.id === 'super-admin' || role.id === 'organisation-owner');
}

/** @throws RuleBroken `scope-archived` */
export function mustBeOpen<Standing extends GroupStanding>(standing: Standing): Standing {
  if (standing.scope.archived) throw new RuleBroken('scope-archived');
  return standing;
}
