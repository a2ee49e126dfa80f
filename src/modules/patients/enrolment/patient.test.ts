import type { PatientDomainEvent } from './patient.events.js';
import { endEnrolment, evolvePatient, offboard, reactivate, UNKNOWN_PATIENT, type Patient } from './patient.js';
import { domainArrows } from '../../../../test/support/domain-document.js';
import { decider } from '../../../../test/support/given.js';

type DomainEvent =
  PatientDomainEvent | { type: 'InvitationAccepted'; data: { invitationId: string; personId: string; grant: object } };
const given = decider<Patient, DomainEvent>(UNKNOWN_PATIENT, evolvePatient);

const ANN = '22222222-0000-4000-8000-000000000001';
const reason = { personId: ANN, sealed: 'why' };
const enrolled: DomainEvent = { type: 'InvitationAccepted', data: { invitationId: 'i', personId: ANN, grant: {} } };
const offboarded: DomainEvent = { type: 'PatientOffboarded', data: { reason } };
const reactivated: DomainEvent = { type: 'PatientReactivated', data: {} };
const removed: DomainEvent = { type: 'PatientRemoved', data: {} };
const left: DomainEvent = { type: 'PatientLeft', data: {} };

describe('offboarding', () => {
  it('offboards an active patient, once', () => {
    given(enrolled)
      .when((patient) => offboard(patient, reason))
      .then(offboarded);
    given(enrolled, offboarded)
      .when((patient) => offboard(patient, reason))
      .thenNothing();
    given(enrolled, offboarded, reactivated)
      .when((patient) => offboard(patient, reason))
      .then(offboarded);
  });

  it('is refused for a person who is no patient', () => {
    for (const domainEvents of [[], [enrolled, removed], [enrolled, left]])
      given(...domainEvents)
        .when((patient) => offboard(patient, reason))
        .thenRefused('not-found');
  });
});

describe('reactivating', () => {
  it('makes an offboarded patient active, once', () => {
    given(enrolled, offboarded)
      .when((patient) => reactivate(patient))
      .then(reactivated);
    given(enrolled)
      .when((patient) => reactivate(patient))
      .thenNothing();
    expect(given(enrolled, offboarded, reactivated).state).toMatchObject({ status: 'active', personId: ANN });
  });

  it('is refused for a person who is no patient', () => {
    for (const domainEvents of [[], [enrolled, removed]])
      given(...domainEvents)
        .when((patient) => reactivate(patient))
        .thenRefused('not-found');
  });
});

describe('the end of an enrolment', () => {
  it('is a removal by another person, or the patient leaves, unless they are offboarded', () => {
    given(enrolled)
      .when((patient) => endEnrolment(patient, 'removed'))
      .then(removed);
    given(enrolled, offboarded)
      .when((patient) => endEnrolment(patient, 'removed'))
      .then(removed);
    given(enrolled)
      .when((patient) => endEnrolment(patient, 'left'))
      .then(left);
    given(enrolled, offboarded)
      .when((patient) => endEnrolment(patient, 'left'))
      .thenRefused('offboarded');
  });

  it('can be followed by another enrolment', () => {
    expect(given(enrolled, removed, enrolled).state).toMatchObject({ status: 'active' });
    given(enrolled, left)
      .when((patient) => endEnrolment(patient, 'left'))
      .thenRefused('not-found');
  });
});

it('an enrolment changes state as the diagram in docs/domain.md says', () => {
  const lives: DomainEvent[][] = [[enrolled], [enrolled, offboarded], [enrolled, removed], [enrolled, left]];
  const decisions: ((patient: Patient) => readonly PatientDomainEvent[])[] = [
    (patient) => offboard(patient, reason),
    (patient) => reactivate(patient),
    (patient) => endEnrolment(patient, 'removed'),
    (patient) => endEnrolment(patient, 'left'),
  ];
  const arrows = lives.flatMap((life) =>
    decisions.flatMap((decide) => {
      const before = given(...life).state;
      const outcome = given<PatientDomainEvent>(...life)
        .when(decide)
        .inOneWord();
      return outcome.startsWith('Patient')
        ? [`${before.status} --> ${given(...life, ...decide(before)).state.status}: ${outcome}`]
        : [];
    }),
  );
  expect(domainArrows('8.1').sort()).toEqual(
    [`[*] --> ${given(enrolled).state.status}: InvitationAccepted`, ...arrows].sort(),
  );
});
