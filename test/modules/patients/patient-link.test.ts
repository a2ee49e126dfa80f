import type { PatientLinkFact } from '../../../src/modules/patients/invite-links/patient-link.events.js';
import {
  createPatientLink,
  evolvePatientLink,
  mustBeOpen,
  releasePlace,
  reservePlace,
  revokePatientLink,
  UNKNOWN_LINK,
  type PatientLink,
} from '../../../src/modules/patients/invite-links/patient-link.js';
import { decider } from '../../support/given.js';

const given = decider<PatientLink, PatientLinkFact>(UNKNOWN_LINK, evolvePatientLink);
const NOW = new Date('2026-01-05T10:00:00.000Z');
const END = '2026-01-06T10:00:00.000Z';
const terms = { name: 'Poster', window: '24h', maxUses: 2, locale: 'en' } as const;
const created: PatientLinkFact = { type: 'PatientLinkCreated', data: { ...terms, expiresAt: END } };
const revoked: PatientLinkFact = { type: 'PatientLinkRevoked', data: {} };
const reserved = (invitationId: string): PatientLinkFact => ({
  type: 'PatientLinkPlaceReserved',
  data: { invitationId },
});
const released = (invitationId: string): PatientLinkFact => ({
  type: 'PatientLinkPlaceReleased',
  data: { invitationId },
});

describe('a patient link', () => {
  it('is made once and withdrawn once', () => {
    given()
      .when((none) => createPatientLink(none, terms, NOW))
      .then(created);
    given(created)
      .when((link) => createPatientLink(link, terms, NOW))
      .thenQuiet();
    given(created).when(revokePatientLink).then(revoked);
    given(created, revoked).when(revokePatientLink).thenQuiet();
    given().when(revokePatientLink).thenRefused('not-found');
  });

  it('has as many places as it says, one for each invitation', () => {
    given(created)
      .when((link) => reservePlace(link, 'a'))
      .then(reserved('a'));
    given(created, reserved('a'))
      .when((link) => reservePlace(link, 'a'))
      .thenQuiet();
    given(created, reserved('a'), reserved('b'))
      .when((link) => reservePlace(link, 'b'))
      .thenQuiet();
    given(created, reserved('a'), reserved('b'))
      .when((link) => reservePlace(link, 'c'))
      .thenRefused('link-used-up');
    given(created, reserved('a'), reserved('b'), released('a'))
      .when((link) => reservePlace(link, 'c'))
      .then(reserved('c'));
    given(created, reserved('a'))
      .when((link) => releasePlace(link, 'a'))
      .then(released('a'));
    given(created)
      .when((link) => releasePlace(link, 'a'))
      .thenQuiet();
  });

  it('keeps its promise to who was invited in time, also after it was withdrawn', () => {
    given(created, revoked)
      .when((link) => reservePlace(link, 'a'))
      .then(reserved('a'));
  });

  it.each([
    ['link-not-found', []],
    ['link-revoked', [created, revoked]],
    ['link-used-up', [created, reserved('a'), reserved('b')]],
  ] as const)('says %s', (code, facts) => {
    given(...facts)
      .when((link) => (mustBeOpen(link, true, NOW), []))
      .thenRefused(code);
  });

  it('says that it is stopped when its maker may invite no more, unless it ended before', () => {
    given(created)
      .when((link) => (mustBeOpen(link, false, NOW), []))
      .thenRefused('link-stopped');
    given(created, revoked)
      .when((link) => (mustBeOpen(link, false, NOW), []))
      .thenRefused('link-revoked');
    given(created)
      .when((link) => (mustBeOpen(link, false, new Date(END)), []))
      .thenRefused('link-expired');
  });

  it('is over at its end, not before', () => {
    const { state } = given(created);
    expect(mustBeOpen(state, true, new Date(Date.parse(END) - 1))).toMatchObject({ name: 'Poster' });
    given(created)
      .when((link) => (mustBeOpen(link, true, new Date(END)), []))
      .thenRefused('link-expired');
  });
});
