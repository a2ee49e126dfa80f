import type { OrganisationDomainEvent, OrganisationProfile } from './organisation.events.js';
import {
  archiveOrganisation,
  createOrganisation,
  editOrganisation,
  evolveOrganisation,
  restoreOrganisation,
  UNKNOWN_ORGANISATION,
  type Organisation,
} from './organisation.js';
import { decider } from '../../../test/support/given.js';

const given = decider<Organisation, OrganisationDomainEvent>(UNKNOWN_ORGANISATION, evolveOrganisation);

const profile: OrganisationProfile = {
  name: 'Riverside Hospital',
  viewType: 'rpm',
  privacyPolicyUrl: null,
  termsUrl: 'https://riverside.example/terms',
  targets: { patients: 100, staff: null },
};
const created: OrganisationDomainEvent = { type: 'OrganisationCreated', data: profile };
const renamed: OrganisationDomainEvent = { type: 'OrganisationEdited', data: { name: 'Lakeside Hospital' } };
const archived: OrganisationDomainEvent = { type: 'OrganisationArchived', data: {} };
const restored: OrganisationDomainEvent = { type: 'OrganisationRestored', data: {} };

describe('creating an organisation', () => {
  it('gives it its profile', () => {
    given()
      .when((none) => createOrganisation(none, profile))
      .then(created);
    expect(given(created).state).toEqual({ status: 'active', profile });
  });

  it('stores nothing when it exists, archived or not', () => {
    given(created)
      .when((organisation) => createOrganisation(organisation, { ...profile, name: 'Other' }))
      .thenNothing();
    given(created, archived)
      .when((organisation) => createOrganisation(organisation, profile))
      .thenNothing();
  });
});

describe('editing an organisation', () => {
  it('stores only what differs', () => {
    given(created)
      .when((organisation) => editOrganisation(organisation, { ...profile, name: 'Lakeside Hospital' }))
      .then(renamed);
    expect(given(created, renamed).state).toEqual({
      status: 'active',
      profile: { ...profile, name: 'Lakeside Hospital' },
    });
  });

  it('can take something away, and change a number inside', () => {
    given(created)
      .when((organisation) => editOrganisation(organisation, { termsUrl: null, targets: { patients: 100, staff: 5 } }))
      .then({ type: 'OrganisationEdited', data: { termsUrl: null, targets: { patients: 100, staff: 5 } } });
  });

  it('stores nothing when nothing differs or no field is given', () => {
    given(created)
      .when((organisation) => editOrganisation(organisation, structuredClone(profile)))
      .thenNothing();
    given(created, renamed)
      .when((organisation) => editOrganisation(organisation, { name: 'Lakeside Hospital' }))
      .thenNothing();
    given(created)
      .when((organisation) => editOrganisation(organisation, {}))
      .thenNothing();
  });

  it('is refused when there is none, or it is archived', () => {
    given()
      .when((none) => editOrganisation(none, { name: 'X' }))
      .thenRefused('not-found');
    given(created, archived)
      .when((organisation) => editOrganisation(organisation, { name: 'X' }))
      .thenRefused('scope-archived');
  });
});

describe('archiving and restoring an organisation', () => {
  it('archives it, and restores it as it was', () => {
    given(created).when(archiveOrganisation).then(archived);
    given(created, archived).when(restoreOrganisation).then(restored);
    expect(given(created, renamed, archived).state.status).toBe('archived');
    expect(given(created, renamed, archived, restored).state).toEqual(given(created, renamed).state);
  });

  it('archiving is refused when it is archived or unknown', () => {
    given(created, archived).when(archiveOrganisation).thenRefused('scope-archived');
    given().when(archiveOrganisation).thenRefused('not-found');
  });

  it('restoring stores nothing when it is not archived, and is refused when unknown', () => {
    given(created).when(restoreOrganisation).thenNothing();
    given(created, archived, restored).when(restoreOrganisation).thenNothing();
    given().when(restoreOrganisation).thenRefused('not-found');
  });
});

it('events about an organisation that was never created change nothing', () => {
  for (const domainEvent of [renamed, archived, restored])
    expect(given(domainEvent).state).toEqual(UNKNOWN_ORGANISATION);
});
