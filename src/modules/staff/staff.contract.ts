/** What other modules may ask of the staff: where somebody is on it, and who is on it in an organisation. */
export { ListOwnMemberships } from './members/list-own-memberships.query.js';
export { StaffMemberView } from './members/staff.dto.js';
export { staffPeople } from './members/staff-people.js';
export { staffMemberFrom } from './members/staff-role-assignments.js';
