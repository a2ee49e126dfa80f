import { decider } from '../../../../test/support/given.js';
import type { SignInFailuresDomainEvent } from './sign-in-failures.events.js';
import {
  evolveSignInFailures,
  recordFailures,
  signInFailuresFrom,
  signInFailuresStream,
  type HourOfFailures,
  type SignInFailuresState,
} from './sign-in-failures.js';

const ANN = '22222222-0000-4000-8000-000000000002';
const HOUR = '2026-01-05T09:00:00.000Z';
const failures: HourOfFailures = { of: 'person', personId: ANN, hour: HOUR, count: 3 };
const recorded: SignInFailuresDomainEvent = { type: 'SignInsFailed', data: failures };
const given = decider<SignInFailuresState, SignInFailuresDomainEvent>(signInFailuresFrom([]), evolveSignInFailures);

describe('an hour of failed sign-ins', () => {
  it('is recorded once', () => {
    given()
      .when((state) => recordFailures(state, failures))
      .then(recorded);
    given(recorded)
      .when((state) => recordFailures(state, { ...failures, count: 4 }))
      .thenNothing();
  });

  it('has a stream of its own for each person, hour and instance', () => {
    const streams = [
      signInFailuresStream(failures, 'one'),
      signInFailuresStream(failures, 'other'),
      signInFailuresStream({ ...failures, hour: '2026-01-05T10:00:00.000Z' }, 'one'),
      signInFailuresStream({ ...failures, personId: '22222222-0000-4000-8000-000000000003' }, 'one'),
      signInFailuresStream({ ...failures, of: 'unknown-addresses', personId: null }, 'one'),
      signInFailuresStream({ ...failures, of: 'further-people', personId: null }, 'one'),
    ];
    expect(new Set(streams).size).toBe(streams.length);
    expect(signInFailuresStream({ ...failures, count: 9 }, 'one')).toBe(streams[0]);
  });
});
