import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import type { Role } from './built-in-roles.js';
import type { ScopeRef } from '../scope-ref.js';

export interface RoleAssignment {
  scope: ScopeRef;
  role: Role;
}

/**
 * Says who holds which roles. The staff module implements it on membership streams; other modules know only this class.
 */
export abstract class RoleAssignments {
  /**
   * Roles that the person holds in these scopes, as `reads` has their streams; without `reads`, as stored at this
   * moment.
   */
  abstract in(personId: string, scopes: readonly ScopeRef[], reads?: StreamSource): Promise<RoleAssignment[]>;

  /**
   * Roles that the person holds in the organisation and its deployments. May miss a role given a moment ago. Never
   * counts a role that was taken.
   */
  abstract within(personId: string, organisationId: string, reads?: StreamSource): Promise<RoleAssignment[]>;

  /** Whether anybody holds, or is invited to, a role that one of these ids names. May lag. */
  abstract inUse(roleIds: readonly string[], organisationId: string): Promise<boolean>;

  /**
   * Whether the person holds any role in the organisation or below it. May miss a role given a moment ago. Never counts
   * a role that was taken.
   */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;

  /** Scopes in which the person holds a role of their own, for lists. May lag. */
  abstract scopesOf(personId: string): Promise<ScopeRef[]>;

  /** Organisations in which, or below which, the person holds a role, for lists. May lag. */
  abstract organisationsOf(personId: string): Promise<string[]>;

  /** The organisation's deployments in which the person holds a role of their own, for lists. May lag. */
  abstract deploymentsOf(personId: string, organisationId: string): Promise<string[]>;
}
