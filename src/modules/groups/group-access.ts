import { Injectable } from '@nestjs/common';
import type { EventContext } from '../../shared/event-sourcing/command-handling.js';
import type { Scope } from '../access/access.contract.js';
import {
  EffectivePermissions,
  type RoleAssignment,
  RoleAssignments,
  PLATFORM,
} from '../access/access.domain.contract.js';
import { membershipStream } from '../invitations/invitations.contract.js';
import { Clock } from '../../shared/time/clock.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { isGone, type KnownGroup } from './group/group.js';
import { GROUP_MEMBERS, permissionsOf, type ActiveGroupMember } from './members/group-member.js';
import { GroupScopes } from './group/group-scopes.js';
import type { PermissionSet } from './members/permission-set.js';

/** What a person may do in a group at this moment. */
export interface GroupAuthorization {
  scope: Scope;
  group: KnownGroup;
  /** The id of the one membership that the person has or could have. */
  membershipId: string;
  member: ActiveGroupMember | undefined;
  isSuperAdmin: boolean;
  /** By the member's set; a super-admin has both permissions, member or not. */
  permissions: PermissionSet | undefined;
  /** An owner of the organisation, or a super-admin: knows that the group exists, deletes and restores it. */
  isAccountAdministrator: boolean;
  /** At the organisation or the platform. */
  holdsRole: boolean;
  /** By `staff.view` at the organisation or the platform; account administrators have it. */
  seesStaff: boolean;
  organisationArchived: boolean;
}

/**
 * Authorises callers in groups, on streams as `Authorization` does. No role of the organisation opens a group's
 * content. A deleted group exists for account administrators alone. A command passes its read set; a query reads the
 * store. Source: docs/domain.md §5.2, §9
 */
@Injectable()
export class GroupAccess {
  constructor(
    private readonly groupScopes: GroupScopes,
    private readonly store: EventStore,
    private readonly roleAssignments: RoleAssignments,
    private readonly clock: Clock,
  ) {}

  /**
   * For lists that every member may see, in a group that isn't deleted.
   * @throws RuleBroken `not-found`; `forbidden` for an account administrator who is no member
   */
  async requireMember(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorization = await this.evaluate(personId, groupId, reads);
    const { permissions } = authorization;
    if (authorization.group.status === 'deleted') throw new RuleBroken('not-found');
    if (!permissions) return refuse(authorization);
    return { ...authorization, permissions };
  }

  /**
   * For one thing that every member may see. Account administrators who are no members get `not-found`.
   * @throws RuleBroken `not-found`
   */
  async requireContentVisible(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorization = await this.evaluate(personId, groupId, reads);
    const { permissions } = authorization;
    if (!permissions || authorization.group.status === 'deleted') throw new RuleBroken('not-found');
    return { ...authorization, permissions };
  }

  /** For invitations by their ids: administrators and account administrators see them. Null for everybody else. */
  async invitationsSeen(personId: string, groupId: string, reads: StreamSource): Promise<GroupAuthorization | null> {
    const authorization = await this.evaluate(personId, groupId, reads);
    const isAdministrator =
      authorization.group.status !== 'deleted' && authorization.permissions?.administrator === true;
    return isAdministrator || authorization.isAccountAdministrator ? authorization : null;
  }

  /**
   * For callers allowed to know the group's existence and name: members and account administrators.
   * @throws RuleBroken `not-found`
   */
  async requireKnownToExist(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorization = await this.evaluate(personId, groupId, reads);
    if (!seesGroup(authorization)) throw new RuleBroken('not-found');
    if (isGone(authorization.group, this.clock.now())) throw new RuleBroken('not-found');
    return authorization;
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  async requireAdministrator(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    const authorization = await this.requireMember(personId, groupId, reads);
    if (!authorization.permissions.administrator) throw new RuleBroken('forbidden');
    return authorization;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async requireOpenAdministrator(
    personId: string,
    groupId: string,
    reads: ReadSet,
  ): Promise<GroupAuthorization & { permissions: PermissionSet }> {
    return mustBeOpen(await this.requireAdministrator(personId, groupId, reads));
  }

  /** As `requireAppointer`, in a group that isn't archived. @throws RuleBroken also `scope-archived` */
  async requireOpenAppointer(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    return mustBeOpen(await this.requireAppointer(personId, groupId, reads));
  }

  /** @throws RuleBroken `not-found`, `forbidden`; `scope-archived` for an archived organisation's */
  async requireAccountAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<GroupAuthorization> {
    const authorization = await this.evaluate(personId, groupId, reads);
    if (!authorization.isAccountAdministrator) return refuse(authorization);
    if (authorization.organisationArchived) throw new RuleBroken('scope-archived');
    return authorization;
  }

  /**
   * For the list of members: members see it, administrators and account administrators act on it.
   * @throws RuleBroken `not-found`, `forbidden`
   */
  async requireMemberOrOwner(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorization = await this.requireKnownToExist(personId, groupId, reads);
    if (authorization.group.status === 'deleted') throw new RuleBroken('not-found');
    return authorization;
  }

  /**
   * For administrators, who invite, remove and appoint. Account administrators may too, and see no content by it.
   * @throws RuleBroken `not-found`, `forbidden`
   */
  async requireAppointer(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorization = await this.requireMemberOrOwner(personId, groupId, reads);
    if (!authorization.permissions?.administrator && !authorization.isAccountAdministrator)
      throw new RuleBroken('forbidden');
    return authorization;
  }

  /**
   * For finding people by name and picking them: callers who may appoint and hold a role in the organisation.
   * @throws RuleBroken `not-found`, `forbidden`
   */
  async requirePicker(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    const authorization = await this.requireAppointer(personId, groupId, reads);
    if (
      !authorization.holdsRole &&
      !(await this.roleAssignments.anyWithin(personId, authorization.group.organisationId, reads))
    )
      throw new RuleBroken('forbidden');
    return authorization;
  }

  /**
   * The person's authorisation in a group, possibly empty.
   * @throws RuleBroken `not-found` when there is no such group, or when it is deleted and they are no account
   * administrator
   */
  async evaluate(personId: string, groupId: string, reads: StreamSource = this.store): Promise<GroupAuthorization> {
    const loaded = await this.groupScopes.loadGroup(groupId, reads);
    if (!loaded) throw new RuleBroken('not-found');
    const authorization = await this.evaluateIn(personId, loaded, reads);
    if (loaded.group.status === 'deleted' && !authorization.isAccountAdministrator) throw new RuleBroken('not-found');
    return authorization;
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
      membershipId: StreamId.parse(stream).uuid,
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

/** Members and account administrators see the group. Source: docs/domain.md §5.2 */
function seesGroup({ permissions, isAccountAdministrator }: GroupAuthorization): boolean {
  return permissions !== undefined || isAccountAdministrator;
}

function refuse(authorization: GroupAuthorization): never {
  throw new RuleBroken(seesGroup(authorization) ? 'forbidden' : 'not-found');
}

/** Whether roles held at an organisation and above make an account administrator. Source: docs/domain.md §9 */
export function administersAccount(held: readonly RoleAssignment[]): boolean {
  return held.some(({ role }) => role.id === 'super-admin' || role.id === 'organisation-owner');
}

/** @throws RuleBroken `scope-archived` */
export function mustBeOpen<Result extends GroupAuthorization>(authorization: Result): Result {
  if (authorization.scope.archived) throw new RuleBroken('scope-archived');
  return authorization;
}

/** The event context of a change that `actor` makes in the group. */
export function eventContextIn({ scope, group: { organisationId } }: GroupAuthorization, actor: string): EventContext {
  return { actor, scope: { kind: scope.kind, id: scope.id }, organisationId };
}

/**
 * Whether the caller may give this set in the group. Administrators give any; account administrators make
 * administrators only.
 * @throws RuleBroken `forbidden`
 */
export function mustGive({ permissions }: GroupAuthorization, set: PermissionSet): void {
  if (!permissions?.administrator && !set.administrator) throw new RuleBroken('forbidden');
}
