/** What other modules may use of access. */
export { Authorization, type AuthorizationResult } from './authorization.js';
export { type Departure, Departures, type PlaceKind } from './memberships/departures.js';
export { MembershipChanges, type MemberKind, showsOwner } from './memberships/membership-changes.js';
export { MemberListDto, MemberView } from './memberships/member.dto.js';
export { NamedOrganisation, NamedScope } from './named-scope.dto.js';
export { Operation } from './operation.js';
export { OwnerGuard, ownershipFrom, ownershipStream } from './owner-guard/owner-guard.js';
export { OwnerProcessManager } from './owner-guard/owner.process-manager.js';
export { placeStreams } from './memberships/place-streams.js';
export { ProfileDto, TargetsDto, targetsOf } from './profile.dto.js';
export { canBeGivenAt, roleCatalogueFrom, Roles, roleStream } from './roles/roles.js';
export { type Scope, Scopes } from './scopes.js';
export { type Sight, Sights } from './sights.js';
