import { Injectable } from '@nestjs/common';
import type { Attribution } from '../../shared/event-sourcing/command-handling.js';
import type { Scope } from '../access/access.contract.js';
import { Authority, type HeldRole, HeldRoles } from '../access/access.domain.contract.js';
import { membershipStream } from '../invitations/invitations.contract.js';
import { PLATFORM } from '../../shared/event-sourcing/scope-ref.js';
import { Clock } from '../../shared/time/clock.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { uuidOf } from '../../shared/event-sourcing/stream-id.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/read-set.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { isGone, type KnownGroup } from './group/group.js';
import { GROUP_MEMBERS, permissionsOf, type ActiveGroupMember } from './members/group-member.js';
import { GroupScopes } from './group/group-scopes.js';
import type { PermissionSet } from './members/permission-set.js';

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
  /** By `staff.view` at the organisation or the platform; account administrators have it. */
  seesStaff: boolean;
  organisationArchived: boolean;
}

/**
 * The gate to groups. Decides on streams as the gate to everything else does; no role of the organisation opens a group's content.
 * A deleted group is there for account administrators alone. A command hands in its read set, a query reads the store. Source: docs/domain.md §5.2, §9
 */
@Injectable()
export class GroupAccess {
  constructor(
    private readonly groupScopes: GroupScopes,
    private readonly store: EventStore,
    private readonly heldRoles: HeldRoles,
    private readonly clock: Clock,
  ) {}

  /** For lists of what every member may see, in a group that isn't deleted. @throws RuleBroken `not-found`; `forbidden` for an account administrator who is no member */
  async asMember(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupStanding & { permissions: PermissionSet }> {
    const standing = await this.standing(personId, groupId, reads);
    const { permissions } = standing;
    if (standing.group.status === 'deleted') throw new RuleBroken('not-found');
    if (!permissions) return refuse(standing);
    return { ...standing, permissions };
  }

  /** For one thing in it that every member may see: it isn't there for account administrators. @throws RuleBroken `not-found` */
  async toSeeContent(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupStanding & { permissions: PermissionSet }> {
    const standing = await this.standing(personId, groupId, reads);
    const { permissions } = standing;
    if (!permissions || standing.group.status === 'deleted') throw new RuleBroken('not-found');
    return { ...standing, permissions };
  }

  /** For who may see its invitations by their ids: administrators and account administrators; null for everybody else. */
  async invitationsSeen(personId: string, groupId: string, reads: StreamSource): Promise<GroupStanding | null> {
    const standing = await this.standing(personId, groupId, reads);
    const isAdministrator = standing.group.status !== 'deleted' && standing.permissions?.administrator === true;
    return isAdministrator || standing.isAccountAdministrator ? standing : null;
  }

  /** To see that it is there, and how it is called: members and account administrators. @throws RuleBroken `not-found` */
  async asInsider(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.standing(personId, groupId, reads);
    if (!seesGroup(standing)) throw new RuleBroken('not-found');
    if (isGone(standing.group, this.clock.now())) throw new RuleBroken('not-found');
    return standing;
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  async asAdministrator(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupStanding & { permissions: PermissionSet }> {
    const standing = await this.asMember(personId, groupId, reads);
    if (!standing.permissions.administrator) throw new RuleBroken('forbidden');
    return standing;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async toAdminister(
    personId: string,
    groupId: string,
    reads: ReadSet,
  ): Promise<GroupStanding & { permissions: PermissionSet }> {
    return mustBeOpen(await this.asAdministrator(personId, groupId, reads));
  }

  /** As `asAppointer`, where it may be written. @throws RuleBroken also `scope-archived` */
  async toAppoint(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    return mustBeOpen(await this.asAppointer(personId, groupId, reads));
  }

  /** @throws RuleBroken `not-found`, `forbidden`; `scope-archived` for an archived organisation's */
  async asAccountAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<GroupStanding> {
    const standing = await this.standing(personId, groupId, reads);
    if (!standing.isAccountAdministrator) return refuse(standing);
    if (standing.organisationArchived) throw new RuleBroken('scope-archived');
    return standing;
  }

  /** To see who is in it, and to act on that: its members see, its administrators and account administrators act. @throws RuleBroken `not-found`, `forbidden` */
  async asMemberOrOwner(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.asInsider(personId, groupId, reads);
    if (standing.group.status === 'deleted') throw new RuleBroken('not-found');
    return standing;
  }

  /** To invite, remove and appoint: its administrators; account administrators too, who see no content by it. @throws RuleBroken `not-found`, `forbidden` */
  async asAppointer(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.asMemberOrOwner(personId, groupId, reads);
    if (!standing.permissions?.administrator && !standing.isAccountAdministrator) throw new RuleBroken('forbidden');
    return standing;
  }

  /** To find people by name and to pick them: who may appoint and holds a role in the organisation. @throws RuleBroken `not-found`, `forbidden` */
  async toPick(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupStanding> {
    const standing = await this.asAppointer(personId, groupId, reads);
    if (!standing.holdsRole && !(await this.heldRoles.anyWithin(personId, standing.group.organisationId, reads)))
      throw new RuleBroken('forbidden');
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

  private async standingIn(
    personId: string,
    { group, scope, organisationArchived }: Pick<GroupStanding, 'group' | 'scope' | 'organisationArchived'>,
    reads: StreamSource,
  ): Promise<GroupStanding> {
    const organisation = { kind: 'organisation' as const, id: group.organisationId };
    const stream = membershipStream('groupMember', scope, personId);
    const [history, held] = await Promise.all([
      reads.read(stream),
      this.heldRoles.in(personId, [organisation, PLATFORM], reads),
    ]);
    const member = GROUP_MEMBERS.activeFrom(history);
    const isSuperAdmin = held.some(({ role }) => role.id === 'super-admin');
    const permissions = isSuperAdmin ? { administrator: true, contentCreator: true } : member && permissionsOf(member);
    const isAccountAdministrator = administersAccount(held);
    return {
      scope,
      group,
      membershipId: uuidOf(stream),
      member,
      isSuperAdmin,
      permissions,
      isAccountAdministrator,
      holdsRole: held.length > 0,
      seesStaff: new Authority(held).can('staff.view'),
      organisationArchived,
    };
  }
}

/** Members and account administrators. Source: docs/domain.md §5.2 */
function seesGroup({ permissions, isAccountAdministrator }: GroupStanding): boolean {
  return permissions !== undefined || isAccountAdministrator;
}

function refuse(standing: GroupStanding): never {
  throw new RuleBroken(seesGroup(standing) ? 'forbidden' : 'not-found');
}

/** Whether roles held at an organisation and above make an account administrator. Source: docs/domain.md §9 */
export function administersAccount(held: readonly HeldRole[]): boolean {
  return held.some(({ role }) => role.id === 'super-admin' || role.id === 'organisation-owner');
}

/** @throws RuleBroken `scope-archived` */
export function mustBeOpen<Standing extends GroupStanding>(standing: Standing): Standing {
  if (standing.scope.archived) throw new RuleBroken('scope-archived');
  return standing;
}

/** Who stores something in the group, for an event's metadata. */
export function attributionIn({ scope, group: { organisationId } }: GroupStanding, actor: string): Attribution {
  return { actor, scope: { kind: scope.kind, id: scope.id }, organisationId };
}

/** Whether somebody gives this set in the group: its administrators any; account administrators make administrators and nothing else. @throws RuleBroken `forbidden` */
export function mustGive({ permissions }: GroupStanding, set: PermissionSet): void {
  if (!permissions?.administrator && !set.administrator) throw new RuleBroken('forbidden');
}
