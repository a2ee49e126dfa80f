import { allows, type Permission, PLATFORM, type RoleAssignment } from '../../access/access.domain.contract.js';
import type { Pseudonyms } from '../../people/people.contract.js';

/** Where an entry or a grant belongs. */
export interface Place {
  organisation_id: string | null;
  scope_id: string;
}

/** A person as a reader sees them: the id and the name, or an alias and a pseudonym. */
export interface SeenPerson {
  personId: string;
  pseudonym?: string;
}

/** The permissions to identify people. */
const IDENTIFYING: readonly Permission[] = ['staff.view', 'patients.view-identifiers'];

/**
 * How a reader sees the people of a place and of everything below it. Readers who may identify nobody share their
 * aliases with all others like them in the organisation. Source: docs/domain.md §5.3, ADR 0029
 */
export class Viewpoint {
  private readonly identifiesAnybody: boolean;

  /**
   * @param held the roles that the reader holds there, above and below
   * @param group the group in which the reader is, if that is why they may read
   */
  constructor(
    private readonly pseudonyms: Pseudonyms,
    readonly reader: string,
    private readonly held: readonly RoleAssignment[],
    readonly group: string | null = null,
    /** The organisation of the place; null on the platform. */
    readonly organisationId: string | null = null,
    /** Whether the reader reads what happened to themselves. */
    readonly isOfOneself = false,
  ) {
    this.identifiesAnybody =
      group !== null || held.some(({ role }) => IDENTIFYING.some((one) => allows(role.permissions, one)));
  }

  /** How a person sees what happened to themselves: with the names of others, and without their ids. */
  static ofOneself(pseudonyms: Pseudonyms, reader: string): Viewpoint {
    return new Viewpoint(pseudonyms, reader, [], null, null, true);
  }

  /** Whether the reader may see who a person is. @param kind the kind of the entry, or of the grant */
  identifies(personId: string, kind: string, place: Place): boolean {
    if (personId === this.reader || place.scope_id === this.group) return true;
    const permission = kind.startsWith('patient') ? 'patients.view-identifiers' : 'staff.view';
    return this.held.some(({ scope, role }) => covers(scope.id, place) && allows(role.permissions, permission));
  }

  /** Whether the reader sees the platform's own staff by name. */
  get isOfPlatform(): boolean {
    return this.held.some(({ scope }) => scope.id === PLATFORM.id);
  }

  /** Whether the reader may see who a person is, and the key of their pseudonyms and aliases. */
  sightOf(personId: string, kind: string, place: Place): { identifies: boolean; view: string } {
    return { identifies: this.identifies(personId, kind, place), view: this.viewOf(place) };
  }

  see(personId: string, kind: string, place: Place): SeenPerson {
    if (this.identifies(personId, kind, place)) return { personId };
    const view = this.viewOf(place);
    return { personId: this.pseudonyms.alias(view, personId), pseudonym: this.pseudonyms.pseudonymOf(view, personId) };
  }

  /** Ids as the reader may know them: themselves, or aliases. */
  seeIds(ids: readonly string[], identifies: boolean, place: Place): string[] {
    return identifies ? [...ids] : this.pseudonyms.aliases(this.viewOf(place), ids);
  }

  /**
   * The stored ids that an id of this reader may mean. Each entry or grant found by one of them must be compared with
   * what the reader sees, because the id may mean nothing there.
   * @param scopes the scopes whose people the reader may meet
   */
  meaningsOf(id: string, organisationId: string | null, scopes: readonly string[]): string[] {
    const views = this.identifiesAnybody || organisationId === null ? scopes : [organisationId];
    const aliased = views.map((view) => this.pseudonyms.storedId(view, id));
    return [...new Set(this.identifiesAnybody || id === this.reader ? [id, ...aliased] : aliased)];
  }

  private viewOf({ organisation_id: organisationId, scope_id: scopeId }: Place): string {
    return this.identifiesAnybody ? scopeId : (organisationId ?? scopeId);
  }
}

/** Whether a role that is held in a scope holds in a place. */
function covers(scopeId: string, place: Place): boolean {
  return scopeId === PLATFORM.id || scopeId === place.organisation_id || scopeId === place.scope_id;
}
