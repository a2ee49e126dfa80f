/** What other modules may use of staff: a person's memberships, and the people of an organisation. */
export { ListOwnMemberships } from './members/list-own-memberships.query.js';
export { StaffMemberView } from './members/staff.dto.js';
export { staffPeople } from './members/staff-people.js';
export { staffMemberFrom } from './members/staff-role-assignments.js';
