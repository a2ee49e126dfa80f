import {
  archiveScope,
  createScope,
  editScope,
  evolveScope,
  restoreScope,
  type Archivable,
  type ScopeDeclaration,
} from '../../src/modules/access/scopes/scope-decider.js';
import type { ScopeProfile } from '../../src/modules/access/scopes/scope-profile.js';
import type { DomainEvent } from '../../src/shared/event-sourcing/command-handling.js';
import { decider } from './given.js';

interface ScopeRules<Profile extends ScopeProfile> {
  /** The start of its event types, such as `Organisation`. */
  noun: string;
  of: ScopeDeclaration<Profile>;
  /** A profile with terms of use and a target of 100 patients. */
  profile: Profile;
}

/** Defines the tests of the rules of scopes with a profile, for one kind of scope. */
export function describeScopeRules<Profile extends ScopeProfile>({ noun, of, profile }: ScopeRules<Profile>): void {
  type State = Archivable<Profile>;
  const given = decider<State, DomainEvent>({ status: 'unknown' }, (state, event: DomainEvent) =>
    evolveScope(of, state, event),
  );
  const create = (wanted: Profile) => (state: State) => createScope(of, state, wanted);
  const edit = (changes: Partial<ScopeProfile>) => (state: State) => editScope(of, state, changes as Partial<Profile>);
  const archive = (state: State): DomainEvent[] => archiveScope(of, state);
  const restore = (state: State): DomainEvent[] => restoreScope(of, state);

  const created: DomainEvent = { type: `${noun}Created`, data: profile };
  const edited = (data: Partial<ScopeProfile>): DomainEvent => ({ type: `${noun}Edited`, data });
  const renamed = edited({ name: 'Lakeside' });
  const archived: DomainEvent = { type: `${noun}Archived`, data: {} };
  const restored: DomainEvent = { type: `${noun}Restored`, data: {} };

  describe(`${noun}: creation`, () => {
    it('stores its profile', () => {
      given().when(create(profile)).then(created);
      expect(given(created).state).toEqual({ status: 'active', profile });
    });

    it('stores nothing if it exists, archived or not', () => {
      given(created)
        .when(create({ ...profile, name: 'Other' }))
        .thenNothing();
      given(created, archived).when(create(profile)).thenNothing();
    });
  });

  describe(`${noun}: editing`, () => {
    it('stores only the fields that differ', () => {
      given(created)
        .when(edit({ ...profile, name: 'Lakeside' }))
        .then(renamed);
      expect(given(created, renamed).state).toEqual({ status: 'active', profile: { ...profile, name: 'Lakeside' } });
    });

    it('can remove a field, and change one target', () => {
      const changes = { termsUrl: null, targets: { patients: 100, staff: 5 } };
      given(created).when(edit(changes)).then(edited(changes));
    });

    it('stores nothing if no field differs or none is given', () => {
      given(created)
        .when(edit(structuredClone(profile)))
        .thenNothing();
      given(created, renamed)
        .when(edit({ name: 'Lakeside' }))
        .thenNothing();
      given(created).when(edit({})).thenNothing();
    });

    it('is refused for an unknown and for an archived scope', () => {
      given()
        .when(edit({ name: 'X' }))
        .thenRefused('not-found');
      given(created, archived)
        .when(edit({ name: 'X' }))
        .thenRefused('scope-archived');
    });
  });

  describe(`${noun}: archiving and restoring`, () => {
    it('archives it, and restores it unchanged', () => {
      given(created).when(archive).then(archived);
      given(created, archived).when(restore).then(restored);
      expect(given(created, renamed, archived).state.status).toBe('archived');
      expect(given(created, renamed, archived, restored).state).toEqual(given(created, renamed).state);
    });

    it('refuses to archive an archived or unknown scope', () => {
      given(created, archived).when(archive).thenRefused('scope-archived');
      given().when(archive).thenRefused('not-found');
    });

    it('restores nothing if it is not archived, and refuses an unknown scope', () => {
      given(created).when(restore).thenNothing();
      given(created, archived, restored).when(restore).thenNothing();
      given().when(restore).thenRefused('not-found');
    });
  });

  it(`${noun}: events about an unknown scope change nothing`, () => {
    for (const domainEvent of [renamed, archived, restored])
      expect(given(domainEvent).state).toEqual({ status: 'unknown' });
  });
}
