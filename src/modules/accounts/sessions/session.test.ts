import { decider } from '../../../../test/support/given.js';
import type { SessionDomainEvent } from './session.events.js';
import { endSession, evolveSession, startSession, UNKNOWN_SESSION, type Session } from './session.js';

const PERSON = '5a4d2f3e-0000-4000-8000-00000000aaaa';
const given = decider<Session, SessionDomainEvent>(UNKNOWN_SESSION, evolveSession);
const started: SessionDomainEvent = { type: 'SessionStarted', data: { personId: PERSON, by: 'password' } };
const ended: SessionDomainEvent = { type: 'SessionEnded', data: { how: 'signed-out' } };

describe('a session', () => {
  it('starts once', () => {
    given()
      .when((session) => startSession(session, PERSON, 'password'))
      .then(started);
    given(started)
      .when((session) => startSession(session, PERSON, 'password'))
      .thenNothing();
  });

  it('ends once, for its first reason', () => {
    given(started)
      .when((session) => endSession(session, 'signed-out'))
      .then(ended);
    given(started, ended)
      .when((session) => endSession(session, 'expired'))
      .thenNothing();
  });

  it('does not start again after its end', () => {
    given(started, ended)
      .when((session) => startSession(session, PERSON, 'password'))
      .thenNothing();
  });

  it('records no end when an older version recorded no start', () => {
    given()
      .when((session) => endSession(session, 'signed-out'))
      .thenNothing();
  });
});
