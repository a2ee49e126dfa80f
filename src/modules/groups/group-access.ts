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

/** The authorisation of a person in a group at this moment. */
export interface GroupAuthorization {
  scope: Scope;
  group: KnownGroup;
  /** The id of the person's membership, which exists only if they joined. */
  membershipId: string;
  member: ActiveGroupMember | undefined;
  isSuperAdmin: boolean;
  /** The member's set; both permissions for a super-admin, member or not. */
  permissions: PermissionSet | undefined;
  /** Whether the person is an owner of the organisation or a super-admin, who may delete and restore the group. */
  isAccountAdministrator: boolean;
  /** Whether the person holds a role at the organisation or the platform. */
  holdsRole: boolean;
  /** Whether the person has `staff.view` at the organisation or the platform. Account administrators have it. */
  seesStaff: boolean;
  organisationArchived: boolean;
}

/** The authorisation of a member or a super-admin. */
export type MemberAuthorization = GroupAuthorization & { permissions: PermissionSet };

/**
 * Authorises callers in groups. Like `Authorization`, it reads streams. No role of the organisation opens a group's
 * content. Only account administrators see a deleted group. A command passes its read set, and a query reads the store.
 * Source: docs/domain.md §5.2, §9
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
   * Admits members, to lists of a group that isn't deleted.
   * @throws RuleBroken `not-found`; `forbidden` for an account administrator who is no member
   */
  async requireMember(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<MemberAuthorization> {
    const authorization = await this.evaluate(personId, groupId, reads);
    return asMember(authorization) ?? refuse(authorization);
  }

  /**
   * Admits members to one thing of the group. Others get `not-found`, account administrators too.
   * @throws RuleBroken `not-found`
   */
  async requireContentVisible(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<MemberAuthorization> {
    const member = asMember(await this.evaluate(personId, groupId, reads));
    if (!member) throw new RuleBroken('not-found');
    return member;
  }

  /**
   * The authorisation of administrators and account administrators, who may see an invitation by its id; null for
   * others.
   */
  async invitationsSeen(personId: string, groupId: string, reads: StreamSource): Promise<GroupAuthorization | null> {
    const authorization = await this.evaluate(personId, groupId, reads);
    const isAdministrator =
      authorization.group.status !== 'deleted' && authorization.permissions?.administrator === true;
    return isAdministrator || authorization.isAccountAdministrator ? authorization : null;
  }

  /** Whether the person may see the group's invitations at this moment. */
  async seesInvitations(personId: string, groupId: string): Promise<boolean> {
    try {
      return (await this.invitationsSeen(personId, groupId, this.store)) !== null;
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'not-found') return false;
      throw error;
    }
  }

  /**
   * Admits callers who may know that the group exists: members and account administrators.
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

  /**
   * How a person may follow what happened in a group: as an administrator with its content, as another member, or not at
   * all.
   * @throws RuleBroken `not-found` for an unknown group
   */
  async insightOf(personId: string, groupId: string): Promise<'administrator' | 'member' | 'none'> {
    const { permissions, group } = await this.evaluate(personId, groupId, this.store);
    if (!permissions || group.status === 'deleted') return 'none';
    return permissions.administrator ? 'administrator' : 'member';
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  async requireAdministrator(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<MemberAuthorization> {
    const authorization = await this.requireMember(personId, groupId, reads);
    if (!authorization.permissions.administrator) throw new RuleBroken('forbidden');
    return authorization;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async requireOpenAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<MemberAuthorization> {
    return mustBeOpen(await this.requireAdministrator(personId, groupId, reads));
  }

  /** As `requireAppointer`, but refuses an archived group. @throws RuleBroken also `scope-archived` */
  async requireOpenAppointer(
    personId: string,
    groupId: string,
    reads: StreamSource = this.store,
  ): Promise<GroupAuthorization> {
    return mustBeOpen(await this.requireAppointer(personId, groupId, reads));
  }

  /** @throws RuleBroken `not-found`, `forbidden`; `scope-archived` for a group of an archived organisation */
  async requireAccountAdministrator(personId: string, groupId: string, reads: ReadSet): Promise<GroupAuthorization> {
    const authorization = await this.evaluate(personId, groupId, reads);
    if (!authorization.isAccountAdministrator) return refuse(authorization);
    if (authorization.organisationArchived) throw new RuleBroken('scope-archived');
    return authorization;
  }

  /**
   * Admits members and account administrators to the list of members.
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
   * Admits administrators and account administrators to invite, remove and appoint. It opens no content to account
   * administrators.
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
   * Admits callers to find and pick people by name, if they may appoint and hold a role in the organisation.
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
   * @throws RuleBroken `not-found` for an unknown group, or for a deleted one unless they are an account administrator
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

/** The authorisation, if the person is a member and the group isn't deleted; otherwise undefined. */
function asMember(authorization: GroupAuthorization): MemberAuthorization | undefined {
  const { group, permissions } = authorization;
  return permissions && group.status !== 'deleted' ? { ...authorization, permissions } : undefined;
}

function refuse(authorization: GroupAuthorization): never {
  const isKnown = seesGroup(authorization) && authorization.group.status !== 'deleted';
  throw new RuleBroken(isKnown ? 'forbidden' : 'not-found');
}

/**
 * Whether these roles, held at an organisation or the platform, make an account administrator. Source: docs/domain.md
 * §9
 */
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
 * Checks that the caller may give this set in the group. Administrators may give any set, account administrators only
 * sets with administrator rights.
 * @throws RuleBroken `forbidden`
 */
export function mustGive({ permissions }: GroupAuthorization, set: PermissionSet): void {
  if (!permissions?.administrator && !set.administrator) throw new RuleBroken('forbidden');
}
