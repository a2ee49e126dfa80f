/** What other modules may use of staff: memberships, the people of an organisation, and the calls of pages. */
export { ChangedRoleDto, InviteStaffDto, STAFF_WINDOWS } from './invitations/staff-invitation.dto.js';
export { ChangeRole } from './members/change-role.command.js';
export { ListOwnMemberships } from './members/list-own-memberships.query.js';
export { ChangeRoleDto, EndMembershipDto, StaffListDto, StaffMemberView } from './members/staff.dto.js';
export { staffPeople } from './members/staff-people.js';
export { staffMemberFrom } from './members/staff-member.js';
