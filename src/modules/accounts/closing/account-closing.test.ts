import { decider, recorded } from '../../../../test/support/given.js';
import type { AccountClosingDomainEvent } from './account-closing.events.js';
import { type Closings, closeAccount, closingsFrom, evolveClosings, NEVER_CLOSED } from './account-closing.js';

const given = decider<Closings, AccountClosingDomainEvent>(NEVER_CLOSED, evolveClosings);
const closed = (closingId: string): AccountClosingDomainEvent => ({ type: 'AccountClosed', data: { closingId } });

describe('the closing of an account', () => {
  it('happens once', () => {
    given()
      .when((closings) => closeAccount(closings, 'one'))
      .then(closed('one'));
    given(closed('one'))
      .when((closings) => closeAccount(closings, 'one'))
      .thenNothing();
  });

  it('happens again to the account that the person made since', () => {
    given(closed('one'))
      .when((closings) => closeAccount(closings, 'two'))
      .then(closed('two'));
  });

  it('is found among other choices of the person', () => {
    const chosen = { type: 'GroupNoticesChosen', data: { acceptances: true } };
    expect(closingsFrom([recorded(chosen, 0), recorded(closed('one'), 1)])).toEqual({ ids: ['one'] });
  });
});
