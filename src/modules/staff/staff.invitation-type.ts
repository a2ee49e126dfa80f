import type { InvitationType } from '../invitations/invitations.contract.js';
import {
  ChangedRoleDto,
  InvitePlatformStaffDto,
  InviteStaffDto,
  STAFF_WINDOWS,
} from './invitations/staff-invitation.dto.js';
import { StaffInvitationPolicy } from './invitations/staff-invitation.policy.js';
import { STAFF_INVITATION_TEXTS } from './invitations/staff-invitation.texts.js';
import { ChangeRole } from './members/change-role.command.js';
import { ChangeRoleDto, EndMembershipDto, StaffListDto, StaffMemberView, StaffPage } from './members/staff.dto.js';
import { STAFF_STREAMS } from './members/staff-member.events.js';
import { STAFF_MEMBERSHIP } from './members/staff-membership.js';

/** The invitation of staff to a deployment, an organisation or the platform, with a role there. */
export const STAFF: InvitationType = {
  kind: 'staff',
  linkNumber: 1,
  windows: STAFF_WINDOWS,
  defaultWindow: '7d',
  permissions: {
    manage: 'staff.manage',
    view: 'staff.view',
    identify: 'staff.view',
    seenBy: ['staff.view', 'staff.manage'],
    byInvitee: false,
  },
  policy: StaffInvitationPolicy,
  streams: STAFF_STREAMS,
  members: STAFF_MEMBERSHIP,
  mail: STAFF_INVITATION_TEXTS,
  routes: {
    tag: 'Staff invitations',
    operations: 'staffInvitations',
    invitees: 'people to the staff of',
    segment: 'staff-invitations',
    one: 'staff-invitation',
    body: InviteStaffDto,
    resendBody: 'ResendStaffInvitationDto',
    change: { body: 'ChangeStaffInvitationDto', fields: ChangedRoleDto },
    places: [
      { scope: 'organisation', listsBelow: true, operationIds: operationIds('Organisation') },
      { scope: 'deployment', operationIds: operationIds('Deployment') },
      {
        scope: 'platform',
        tag: 'Platform staff',
        body: InvitePlatformStaffDto,
        operationIds: {
          invite: 'platformStaffInvite',
          previewImport: 'platformStaffPreviewImport',
          list: 'platformStaffInvitations',
        },
      },
    ],
    codes: { invite: ['role-not-grantable', 'role-not-for-scope'], change: ['role-not-grantable'] },
  },
  memberRoutes: {
    tag: 'Staff',
    operations: 'staff',
    members: 'staff of',
    segment: 'staff',
    one: 'staff',
    path: 'staff',
    listIds: {
      organisation: 'staffOfOrganisation',
      deployment: 'staffOfDeployment',
      platform: 'platformStaffStaff',
    },
    query: StaffListDto,
    page: StaffPage,
    view: StaffMemberView,
    endBody: EndMembershipDto,
    change: {
      operation: 'ChangeRole',
      summary: 'Change the role of a staff member',
      body: ChangeRoleDto,
      view: StaffMemberView,
      codes: ['role-not-grantable', 'role-not-for-scope'],
      command: (actor, membershipId, dto: ChangeRoleDto) => new ChangeRole(actor, membershipId, dto),
    },
    codes: { end: ['role-not-grantable', 'last-owner'] },
  },
};

function operationIds(place: string): { invite: string; previewImport: string; list: string } {
  return {
    invite: `staffInvitationsInviteTo${place}`,
    previewImport: `staffInvitationsPreviewImportFor${place}`,
    list: `staffInvitationsOf${place}`,
  };
}
