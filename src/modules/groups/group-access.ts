import { Injectable } from '@nestjs/common';
import type { EventContext } from '../../shared/event-sourcing/command-handling.js';
import type { Scope } from '../access/access.contract.js';
import { EffectivePermissions, type RoleAssignment, RoleAssignments } from '../access/access.domain.contract.js';
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
export interface GroupAuthorization {
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
    private readonly roleAssignments: RoleAssignments,
    private readonly clock: Clock,
  ) {}

  /** For lists of what every member may see, in a group that isn't deleted. @throws RuleBroken `not-found`; `forbidden` for an account administrator who is no member */
  async requireMember(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorized = await this.evaluate(personId, groupId, reads);
    const { permissions } = authorized;
    if (authorized.group.status === 'deleted') throw new RuleBroken('not-found');
    if (!permissions) return refuse(authorized);
    return { ...authorized, permissions };
  }

  /** For one thing in it that every member may see: it isn't there for account administrators. @throws RuleBroken `not-found` */
  async requireContentVisible(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorized = await this.evaluate(personId, groupId, reads);
    const { permissions } = authorized;
    if (!permissions || authorized.group.status === 'deleted') throw new RuleBroken('not-found');
    return { ...authorized, permissions };
  }

  /** For who may see its invitations by their ids: administrators and account administrators; null for everybody else. */
  async invitationsSeen(personId: string, groupId: string, reads: StreamSource): Promise<GroupAuthorization | null> {
    const authorized = await this.evaluate(personId, groupId, reads);
    const isAdministrator = authorized.group.status !== 'deleted' && authorized.permissions?.administrator === true;
    return isAdministrator || authorized.isAccountAdministrator ? authorized : null;
  }

  /** To see that it is there, and how it is called: members and account administrators. @throws RuleBroken `not-found` */
  async requireKnownToExist(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorized = await this.evaluate(personId, groupId, reads);
    if (!seesGroup(authorized)) throw new RuleBroken('not-found');
    if (isGone(authorized.group, this.clock.now())) throw new RuleBroken('not-found');
    return authorized;
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  async requireAdministrator(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorized = await this.requireMember(personId, groupId, reads);
    if (!authorized.permissions.administrator) throw new RuleBroken('forbidden');
    return authorized;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async requireOpenAdministrator(
    personId: string,
    groupId: string,
    reads: ReadSet,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    return mustBeOpen(await this.requireAdministrator(personId, groupId, reads));
  }

  /** As `asAppointer`, where it may be written. @throws RuleBroken also `scope-archived` */
  async requireOpenAppointer(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    return mustBeOpen(await this.requireAppointer(personId, groupId, reads));
  }

  /** @throws RuleBroken `not-found`, `forbidden`; `scope-archived` for an archived organisation's */
  async requireAccountAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<GroupAuthorization> {
    const authorized = await this.evaluate(personId, groupId, reads);
    if (!authorized.isAccountAdministrator) return refuse(authorized);
    if (authorized.organisationArchived) throw new RuleBroken('scope-archived');
    return authorized;
  }

  /** To see who is in it, and to act on that: its members see, its administrators and account administrators act. @throws RuleBroken `not-found`, `forbidden` */
  async requireMemberOrOwner(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorized = await this.requireKnownToExist(personId, groupId, reads);
    if (authorized.group.status === 'deleted') throw new RuleBroken('not-found');
    return authorized;
  }

  /** To invite, remove and appoint: its administrators; account administrators too, who see no content by it. @throws RuleBroken `not-found`, `forbidden` */
  async requireAppointer(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorized = await this.requireMemberOrOwner(personId, groupId, reads);
    if (!authorized.permissions?.administrator && !authorized.isAccountAdministrator) throw new RuleBroken('forbidden');
    return authorized;
  }

  /** To find people by name and to pick them: who may appoint and holds a role in the organisation. @throws RuleBroken `not-found`, `forbidden` */
  async requirePicker(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorized = await this.requireAppointer(personId, groupId, reads);
    if (
      !authorized.holdsRole &&
      !(await this.roleAssignments.anyWithin(personId, authorized.group.organisationId, reads))
    )
      throw new RuleBroken('forbidden');
    return authorized;
  }

  /** What somebody is to a group, nothing at all included. @throws RuleBroken `not-found` when there is no such group, or it is deleted and they are no account administrator */
  async evaluate(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupAuthorization> {
    const loaded = await this.groupScopes.loadGroup(groupId, reads);
    if (!loaded) throw new RuleBroken('not-found');
    const authorized = await this.evaluateIn(personId, loaded, reads);
    if (loaded.group.status === 'deleted' && !authorized.isAccountAdministrator) throw new RuleBroken('not-found');
    return authorized;
  }

  private async evaluateIn(
    personId: string,
    { group, scope, organisationArchived }: Pick<GroupAuthorization, 'group' | 'scope' | 'organisationArchived'>,
    reads: StreamSource,
  ): Promise<GroupAuthorization> {
    const organisation = { kind: 'organisation' as const, id: group.organisationId };
    const stream = membershipStream('groupMember', scope, personId);
    const [history, held] = await Promise.all([
      reads.read(stream),
      this.roleAssignments.in(personId, [organisation, PLATFORM], reads),
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
      seesStaff: new EffectivePermissions(held).can('staff.view'),
      organisationArchived,
    };
  }
}

/** Members and account administrators. Source: docs/domain.md §5.2 */
function seesGroup({ permissions, isAccountAdministrator }: GroupAuthorization): boolean {
  return permissions !== undefined || isAccountAdministrator;
}

function refuse(authorized: GroupAuthorization): never {
  throw new RuleBroken(seesGroup(authorized) ? 'forbidden' : 'not-found');
}

/** Whether roles held at an organisation and above make an account administrator. Source: docs/domain.md §9 */
export function administersAccount(held: readonly RoleAssignment[]): boolean {
  return held.some(({ role }) => role.id === 'super-admin' || role.id === 'organisation-owner');
}

/** @throws RuleBroken `scope-archived` */
export function mustBeOpen<Authorized extends GroupAuthorization>(authorized: Authorized): Authorized {
  if (authorized.scope.archived) throw new RuleBroken('scope-archived');
  return authorized;
}

/** Who stores something in the group, for an event's metadata. */
export function eventContextIn({ scope, group: { organisationId } }: GroupAuthorization, actor: string): EventContext {
  return { actor, scope: { kind: scope.kind, id: scope.id }, organisationId };
}

/** Whether somebody gives this set in the group: its administrators any; account administrators make administrators and nothing else. @throws RuleBroken `forbidden` */
export function mustGive({ permissions }: GroupAuthorization, set: PermissionSet): void {
  if (!permissions?.administrator && !set.administrator) throw new RuleBroken('forbidden');
}
