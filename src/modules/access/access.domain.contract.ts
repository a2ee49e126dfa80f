/** What other modules may use of access in their own deciders: plain TypeScript. */
export { EffectivePermissions, GRANTING } from './effective-permissions.js';
export { BUILT_IN_ROLES, OWNER_ROLES, type Role } from './roles/built-in-roles.js';
export type { CustomRoleEvent, CustomRoleDomainEvent } from './custom-roles/custom-role.events.js';
export { Enrolments, type EnrolmentStatus } from './memberships/enrolments.js';
export { GroupPlaces } from './memberships/group-places.js';
export { type RoleAssignment, RoleAssignments } from './roles/role-assignments.js';
export { PLATFORM, SCOPE_KINDS, type ScopeKind, scopeOf, type ScopeRef } from './scope-ref.js';
export {
  allows,
  CLINICAL_PERMISSIONS,
  IMPLIED,
  type Permission,
  ROLE_PERMISSIONS,
  withImplied,
  withPatientsView,
} from './permissions.js';
export { placeName } from './scope-ref.js';
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
} from './custom-roles/role-catalogue.js';
export { evolveScope, type ScopeDeclaration, scopeFrom, scopeStream } from './scopes/scope-decider.js';
export { type Policies, PROFILE_SHAPE, type ScopeProfile } from './scopes/scope-profile.js';
