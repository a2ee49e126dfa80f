import type { PatientLinkDomainEvent } from './patient-link.events.js';
import {
  createPatientLink,
  evolvePatientLink,
  mustBeOpen,
  releaseUse,
  reserveUse,
  revokePatientLink,
  UNKNOWN_LINK,
  type PatientLink,
} from './patient-link.js';
import { decider } from '../../../../test/support/given.js';

const given = decider<PatientLink, PatientLinkDomainEvent>(UNKNOWN_LINK, evolvePatientLink);
const NOW = new Date('2026-01-05T10:00:00.000Z');
const END = '2026-01-06T10:00:00.000Z';
const options = { name: 'Poster', window: '24h', maxUses: 2, locale: 'en' } as const;
const created: PatientLinkDomainEvent = { type: 'PatientLinkCreated', data: { ...options, expiresAt: END } };
const revoked: PatientLinkDomainEvent = { type: 'PatientLinkRevoked', data: {} };
const reserved = (invitationId: string): PatientLinkDomainEvent => ({
  type: 'PatientLinkPlaceReserved',
  data: { invitationId },
});
const released = (invitationId: string): PatientLinkDomainEvent => ({
  type: 'PatientLinkPlaceReleased',
  data: { invitationId },
});

describe('a patient link', () => {
  it('is created once and revoked once', () => {
    given()
      .when((none) => createPatientLink(none, options, NOW))
      .then(created);
    given(created)
      .when((link) => createPatientLink(link, options, NOW))
      .thenNothing();
    given(created).when(revokePatientLink).then(revoked);
    given(created, revoked).when(revokePatientLink).thenNothing();
    given().when(revokePatientLink).thenRefused('not-found');
  });

  it('has the number of uses that it was created with, one for each invitation', () => {
    given(created)
      .when((link) => reserveUse(link, 'a'))
      .then(reserved('a'));
    given(created, reserved('a'))
      .when((link) => reserveUse(link, 'a'))
      .thenNothing();
    given(created, reserved('a'), reserved('b'))
      .when((link) => reserveUse(link, 'b'))
      .thenNothing();
    given(created, reserved('a'), reserved('b'))
      .when((link) => reserveUse(link, 'c'))
      .thenRefused('link-used-up');
    given(created, reserved('a'), reserved('b'), released('a'))
      .when((link) => reserveUse(link, 'c'))
      .then(reserved('c'));
    given(created, reserved('a'))
      .when((link) => releaseUse(link, 'a'))
      .then(released('a'));
    given(created)
      .when((link) => releaseUse(link, 'a'))
      .thenNothing();
  });

  it('still reserves a use after it was revoked, because the person asked in time', () => {
    given(created, revoked)
      .when((link) => reserveUse(link, 'a'))
      .then(reserved('a'));
  });

  it.each([
    ['link-not-found', []],
    ['link-revoked', [created, revoked]],
    ['link-used-up', [created, reserved('a'), reserved('b')]],
  ] as const)('is refused with %s', (code, domainEvents) => {
    given(...domainEvents)
      .when((link) => (mustBeOpen(link, true, NOW), []))
      .thenRefused(code);
  });

  it('is stopped when its creator may no longer invite, unless it ended before', () => {
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

  it('expires at its end, not before', () => {
    const { state } = given(created);
    expect(mustBeOpen(state, true, new Date(Date.parse(END) - 1))).toMatchObject({ name: 'Poster' });
    given(created)
      .when((link) => (mustBeOpen(link, true, new Date(END)), []))
      .thenRefused('link-expired');
  });
});
