/** What other modules may use of access in their own deciders: plain TypeScript. */
export { type Archivable, changesTo, isRestorable, mustBeActive } from './archivable.js';
export { Authority } from './authority.js';
export { BUILT_IN_ROLES, OWNER_ROLES, type Role } from './built-in-roles.js';
export type { CustomRoleEvent, CustomRoleFact } from './custom-role.events.js';
export { Enrolments, type EnrolmentStatus } from './enrolments.js';
export { GroupPlaces } from './group-places.js';
export { type HeldRole, HeldRoles } from './held-roles.js';
export { CLINICAL_PERMISSIONS, type Permission, PERMISSIONS, withImplied, withPatientsView } from './permissions.js';
export { placeName } from './place-name.js';
export {
  type CustomRole,
  defineRole,
  deleteRole,
  editRole,
  evolveRoleCatalogue,
  idsStandingFor,
  mustExist,
  resolveRole,
  type RoleCatalogue,
  successorIn,
} from './role-catalogue.js';
