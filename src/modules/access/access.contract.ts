/** What other modules may use of access. */
export { Authorization, type AuthorizationResult } from './authorization.js';
export { type Departure, Departures } from './memberships/departures.js';
export { type GuestPermission, Guests } from './memberships/guests.js';
export {
  type ChangeDecision,
  type LoadedMember,
  MembershipChanges,
  type MemberKind,
  showsOwner,
} from './memberships/membership-changes.js';
export { MemberListDto, MemberView } from './memberships/member.dto.js';
export { Operation } from './operation.js';
export { OwnerGuard, ownershipFrom, ownershipStream } from './owner-guard/owner-guard.js';
export { type OwnerNotice, OwnerNoticeMails, ownerNoticeProjection } from './owner-guard/owner-notices.js';
export { OwnerProcessManager } from './owner-guard/owner.process-manager.js';
export { placeStreams } from './memberships/place-streams.js';
export { canBeGivenAt, roleCatalogueFrom, Roles, roleStream } from './roles/roles.js';
export { ArchivableScopes, type ScopeListRequest } from './scopes/archivable-scopes.js';
export { type Counted, Headcounts } from './scopes/headcounts.js';
export { NamedOrganisation, NamedScope } from './scopes/named-scope.dto.js';
export { ProfileDto, profileOf, ProfileView, VERSION } from './scopes/profile.dto.js';
export { ScopeListDto } from './scopes/scope-list.dto.js';
export { scopeListProjection } from './scopes/scope-list.projection.js';
export { EditScopeCommand, ScopeCommand, ScopeQuery } from './scopes/scope-messages.js';
export { type Scope, Scopes } from './scopes/scopes.js';
export { type Sight, Sights } from './sights.js';
