import { decider, recorded } from '../../../../test/support/given.js';
import type { NameDomainEvent } from './name.events.js';
import { changeName, chosenNameFrom, evolveName, type ChosenName } from './name.js';

const given = decider<ChosenName, NameDomainEvent>(null, evolveName);
const seal = (name: string) => ({ personId: 'ann', sealed: `sealed ${name}` });
const changed = (name: string): NameDomainEvent => ({ type: 'NameChanged', data: { name: seal(name) } });

describe('a name', () => {
  it('changes', () => {
    given()
      .when(() => changeName('Ann', 'Ann Smith', seal))
      .then(changed('Ann Smith'));
    given()
      .when(() => changeName(null, 'Ann Smith', seal))
      .then(changed('Ann Smith'));
  });

  it('is not changed to the same name', () => {
    given(changed('Ann'))
      .when(() => changeName('Ann', 'Ann', seal))
      .thenNothing();
  });

  it('is the one chosen last, until the account is closed', () => {
    const history = [recorded(changed('Ann'), 0), recorded(changed('Ann Smith'), 1)];
    expect(chosenNameFrom(history)).toEqual({ sealed: seal('Ann Smith'), eventId: 'event-1' });
    const closed = recorded({ type: 'AccountClosed', data: { closingId: 'one' } }, 2);
    expect(chosenNameFrom([...history, closed])).toBeNull();
  });
});
