import { decider, recorded, THEN } from '../../../../test/support/given.js';
import type { AccountClosingDomainEvent } from '../closing/account-closing.events.js';
import type { PasswordDomainEvent } from '../password/password.events.js';
import type { AddressDomainEvent } from './address.events.js';
import {
  addressFrom,
  changeAddress,
  evolveAddress,
  formerAddresses,
  NO_ADDRESS_CHANGES,
  refuseChange,
  requestChange,
  undoableChange,
  undoChange,
  usableRequest,
  type AddressState,
} from './address.js';

type Event = AddressDomainEvent | PasswordDomainEvent | AccountClosingDomainEvent;
const given = decider<AddressState, Event>(NO_ADDRESS_CHANGES, evolveAddress);
const now = new Date(THEN);
const END = '2026-01-05T11:00:00.000Z';
const UNDO_END = '2026-01-12T10:00:00.000Z';
const sealed = (text: string) => ({ personId: 'somebody', sealed: text });
const requested = (issue: number, address = 'b'): Event => ({
  type: 'AddressChangeRequested',
  data: { issue, expiresAt: END, locale: 'en', address: sealed(address) },
});
const changed = (issue: number, from = 'a', to = 'b', undoUntil = UNDO_END): Event => ({
  type: 'AddressChanged',
  data: { issue, from: sealed(from), to: sealed(to), undoUntil, locale: 'en' },
});
const undone = (issue: number, address = 'a'): Event => ({
  type: 'AddressChangeUndone',
  data: { issue, address: sealed(address) },
});
const passwordChanged: Event = { type: 'PasswordChanged', data: { how: 'changed', changeId: 'some-change' } };
const accountClosed: Event = { type: 'AccountClosed', data: { closingId: 'some-closing' } };
const resetRequested: Event = { type: 'PasswordResetRequested', data: { issue: 1, expiresAt: END, locale: 'en' } };
const stateAfter = (...history: readonly Event[]): AddressState =>
  addressFrom(history.map((event, n) => recorded(event, n)));
/** Why a link can't be used; null when it can. */
const refusal = (use: () => unknown): string | null => {
  try {
    use();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const confirming = (history: readonly Event[], issue: number, at = now) =>
  refusal(() => usableRequest(stateAfter(...history), issue, at));
const undoing = (history: readonly Event[], issue: number, at = now) =>
  refusal(() => undoableChange(stateAfter(...history), issue, at));

describe('a request for another address', () => {
  it('holds for an hour, and replaces the one before', () => {
    given()
      .when((state) => requestChange(state, sealed('b'), 'en', now))
      .then(requested(1));
    given(requested(1), changed(1))
      .when((state) => requestChange(state, sealed('b'), 'en', now))
      .then(requested(2));
    expect(confirming([requested(1), requested(2)], 1)).toBe('address-change-superseded');
    expect(confirming([requested(1), requested(2)], 2)).toBeNull();
  });

  it('becomes a change that can be undone for 7 days', () => {
    given(requested(1))
      .when((state) => changeAddress(state.request!, { from: sealed('a'), to: sealed('b') }, now))
      .then(changed(1));
  });

  it('is refused for good once its address was found to be taken', () => {
    given(requested(1))
      .when((state) => refuseChange(state.request!))
      .then({ type: 'AddressChangeRefused', data: { issue: 1 } });
    const refused: Event = { type: 'AddressChangeRefused', data: { issue: 1 } };
    expect(confirming([requested(1), refused], 1)).toBe('address-taken');
    expect(confirming([requested(1), refused, passwordChanged], 1)).toBe('address-taken');
    expect(stateAfter(requested(1), refused)).toMatchObject({ changes: [], present: null, count: 0 });
  });
});

describe('a link that confirms', () => {
  it.each([
    ['the address was changed', [requested(1), changed(1)]],
    ['the change was undone', [requested(1), changed(1), requested(2), undone(1)]],
    ['the password was changed', [requested(1), passwordChanged]],
    ['the account was closed', [requested(1), accountClosed]],
  ])('is of no use after %s', (_, history) => {
    expect(confirming(history, history.filter(({ type }) => type === 'AddressChangeRequested').length)).toBe(
      'address-change-used',
    );
  });

  it('is not affected by a request for a new password', () => {
    expect(confirming([requested(1), resetRequested], 1)).toBeNull();
  });

  it('ends with its hour', () => {
    expect(confirming([requested(1)], 1, new Date('2026-01-05T10:59:59.999Z'))).toBeNull();
    expect(confirming([requested(1)], 1, new Date(END))).toBe('address-change-expired');
  });

  it.each([0, 2, -1])('of issue %i is unknown when there was one request', (issue) => {
    expect(confirming([requested(1)], issue)).toBe('address-change-not-found');
    expect(confirming([], 1)).toBe('address-change-not-found');
  });
});

describe('a change', () => {
  const twice = [requested(1), changed(1, 'a', 'b'), requested(2, 'c'), changed(2, 'b', 'c')] as const;

  it('makes the address before it a former one, until it can no longer be undone', () => {
    const former = (at: Date): string[] =>
      formerAddresses(stateAfter(...twice), at).map(({ from }) => from.sealed.sealed);
    expect([former(now), former(new Date(UNDO_END))]).toEqual([['a', 'b'], []]);
    expect(stateAfter(...twice)).toMatchObject({ present: { field: 'to', sealed: sealed('c') }, count: 2 });
  });

  it('is undone with all that came after it, so that a second change is no way out', () => {
    const state = stateAfter(...twice, undone(1, 'a'));
    expect(state).toMatchObject({ present: { field: 'address', sealed: sealed('a') }, count: 3 });
    expect(formerAddresses(state, now)).toEqual([]);
    expect([undoing([...twice, undone(1)], 1), undoing([...twice, undone(1)], 2)]).toEqual([
      'address-undo-used',
      'address-undo-used',
    ]);
  });

  it('is undone without the changes before it', () => {
    const state = stateAfter(...twice, undone(2, 'b'));
    expect(formerAddresses(state, now).map(({ from }) => from.sealed.sealed)).toEqual(['a']);
    expect([undoing([...twice, undone(2)], 1), undoing([...twice, undone(2)], 2)]).toEqual([null, 'address-undo-used']);
  });

  it('gives the restored address with the undoing', () => {
    given(...twice)
      .when((state) => undoChange(undoableChange(state, 1, now), sealed('a')))
      .then(undone(1));
  });

  it('is undone after the password was changed too, because a stranger may have changed it', () => {
    expect(undoing([...twice, passwordChanged], 1)).toBeNull();
  });

  it('can be undone until its 7 days are over', () => {
    expect(undoing(twice, 1, new Date('2026-01-12T09:59:59.999Z'))).toBeNull();
    expect(undoing(twice, 1, new Date(UNDO_END))).toBe('address-undo-expired');
    expect([undoing(twice, 3), undoing([], 1), undoing([requested(1)], 1)]).toEqual(
      Array<string>(3).fill('address-undo-not-found'),
    );
  });
});
