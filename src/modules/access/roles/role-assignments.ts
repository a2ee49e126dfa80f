import type { StreamSource } from '../../../shared/event-sourcing/read-set.js';
import type { Role } from './built-in-roles.js';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';

export interface RoleAssignment {
  scope: ScopeRef;
  role: Role;
}

/** Who holds what. Implemented by the staff context on membership streams; shared code knows only this. */
export abstract class RoleAssignments {
  /** Roles the person holds in these scopes, as `reads` has their streams; absent: at this moment. */
  abstract in(personId: string, scopes: readonly ScopeRef[], reads?: StreamSource): Promise<RoleAssignment[]>;

  /** Roles the person holds in the organisation itself and in its deployments. May not know yet of one given a moment ago; never counts one that was taken. */
  abstract within(personId: string, organisationId: string, reads?: StreamSource): Promise<RoleAssignment[]>;

  /** Whether anybody holds a role that is named by one of these ids, or is invited to it. May lag. */
  abstract inUse(roleIds: readonly string[], organisationId: string): Promise<boolean>;

  /** Whether the person holds any role at all in the organisation or below it. May not know yet of a role given a moment ago; never counts one that was taken. */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;

  /** Organisations the person holds a role in, or below. May lag: for lists. */
  abstract organisationsOf(personId: string): Promise<string[]>;

  /** The organisation's deployments in which the person holds a role of their own. May lag: for lists. */
  abstract deploymentsOf(personId: string, organisationId: string): Promise<string[]>;
}
