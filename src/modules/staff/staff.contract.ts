/** What other modules may ask of the staff: where somebody is on it, and who is on it in an organisation. */
export { ListOwnMemberships } from './list-own-memberships.query.js';
export { StaffMemberView } from './staff.dto.js';
export { staffPeople } from './staff-people.js';
export { staffMemberFrom } from './staff-roles.js';
