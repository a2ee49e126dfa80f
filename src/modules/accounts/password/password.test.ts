import { decider, recorded, THEN } from '../../../../test/support/given.js';
import type { PasswordDomainEvent } from './password.events.js';
import {
  changePassword,
  evolvePassword,
  NO_PASSWORD_CHANGES,
  passwordFrom,
  requestReset,
  usableReset,
  type PasswordState,
} from './password.js';

const given = decider<PasswordState, PasswordDomainEvent>(NO_PASSWORD_CHANGES, evolvePassword);
const now = new Date(THEN);
const END = '2026-01-05T11:00:00.000Z';
const requested = (issue: number): PasswordDomainEvent => ({
  type: 'PasswordResetRequested',
  data: { issue, expiresAt: END, locale: 'en' },
});
const [changed] = changePassword('reset', 'some-change') as [PasswordDomainEvent];
/** Why a link of this issue can't be used; null when it can. */
const refusal = (history: readonly PasswordDomainEvent[], issue: number, at = now): string | null => {
  try {
    usableReset(passwordFrom(history.map((event, n) => recorded(event, n))), issue, at);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a request for a new password', () => {
  it('holds for an hour', () => {
    given()
      .when((state) => requestReset(state, 'en', now))
      .then(requested(1));
  });

  it('replaces the one before', () => {
    given(requested(1))
      .when((state) => requestReset(state, 'en', now))
      .then(requested(2));
    expect(refusal([requested(1), requested(2)], 1)).toBe('password-reset-superseded');
    expect(refusal([requested(1), requested(2)], 2)).toBeNull();
  });

  it('counts on after a change', () => {
    given(requested(1), changed)
      .when((state) => requestReset(state, 'en', now))
      .then(requested(2));
  });
});

describe('a link to a new password', () => {
  it('is of no use after the password was changed, in whatever way', () => {
    expect(refusal([requested(1), changed], 1)).toBe('password-reset-used');
    expect(refusal([requested(1), ...changePassword('changed', 'other')], 1)).toBe('password-reset-used');
  });

  it('is of no use to the account that follows a closed one', () => {
    const closed = { type: 'AccountClosed', data: { closingId: 'one' } } as unknown as PasswordDomainEvent;
    expect(refusal([requested(1), closed], 1)).toBe('password-reset-used');
    expect(refusal([requested(1), closed, requested(2)], 2)).toBeNull();
  });

  it('ends with its hour', () => {
    expect(refusal([requested(1)], 1, new Date('2026-01-05T10:59:59.999Z'))).toBeNull();
    expect(refusal([requested(1)], 1, new Date(END))).toBe('password-reset-expired');
  });

  it.each([0, 2, -1])('of issue %i is unknown when there was one request', (issue) => {
    expect(refusal([requested(1)], issue)).toBe('password-reset-not-found');
  });

  it('is unknown when nobody asked', () => {
    expect(refusal([], 1)).toBe('password-reset-not-found');
  });
});
