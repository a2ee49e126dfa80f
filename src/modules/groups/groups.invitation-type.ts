import { MemberListDto } from '../access/access.contract.js';
import { ReasonDto } from '../../shared/http/reason.dto.js';
import type { InvitationType } from '../invitations/invitations.contract.js';
import { ChangedSetDto, GROUP_WINDOWS, InviteGroupMembersDto } from './invitations/group-invitation.dto.js';
import { GroupInvitationPolicy } from './invitations/group-invitation.policy.js';
import { GROUP_INVITATION_TEXTS } from './invitations/group-invitation.texts.js';
import { ChangePermissions } from './members/change-permissions.command.js';
import { ChangePermissionsDto, GroupMemberPage, GroupMemberView } from './members/group-member.dto.js';
import { GROUP_MEMBER_STREAMS } from './members/group-member.events.js';
import { GROUP_MEMBERSHIP } from './members/group-membership.js';

/** The invitation of people to a group, with a permission set. */
export const GROUPS: InvitationType = {
  kind: 'groupMember',
  linkNumber: 3,
  windows: GROUP_WINDOWS,
  defaultWindow: '30d',
  policy: GroupInvitationPolicy,
  streams: GROUP_MEMBER_STREAMS,
  members: GROUP_MEMBERSHIP,
  mail: GROUP_INVITATION_TEXTS,
  routes: {
    tag: 'Group invitations',
    operations: 'groupInvitations',
    invitees: 'people to',
    segment: 'invitations',
    one: 'group-invitation',
    body: InviteGroupMembersDto,
    resendBody: 'ResendGroupInvitationDto',
    change: { body: 'ChangeGroupInvitationDto', fields: ChangedSetDto },
    places: [{ scope: 'group' }],
    notes: {
      invite:
        'By address, or by id from the network. Administrators of the group may invite; account administrators may invite administrators. Ids need a role in the organisation.',
      list: 'For administrators of the group, and for account administrators.',
    },
    codes: { invite: ['forbidden'], list: ['forbidden'] },
  },
  memberRoutes: {
    tag: 'Group members',
    operations: 'groupMembers',
    members: 'members of',
    segment: 'members',
    one: 'group-member',
    path: 'group-members',
    query: MemberListDto,
    page: GroupMemberPage,
    endBody: ReasonDto,
    change: {
      operation: 'Change',
      summary: 'Change the permission set of a group member',
      description:
        'Administrators of the group may change other members. Account administrators may appoint administrators. Nobody may change their own set.',
      body: ChangePermissionsDto,
      view: GroupMemberView,
      codes: ['forbidden'],
      command: (actor, membershipId, dto: ChangePermissionsDto) => new ChangePermissions(actor, membershipId, dto),
    },
    codes: { list: ['forbidden'], end: ['forbidden', 'last-owner'] },
  },
};
