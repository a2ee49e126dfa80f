import { recorded, THEN } from '../../../test/support/given.js';
import { endObserving, evolveObserver, observerFrom } from './observer.js';
import type { ObserverEvent } from './observer.events.js';

const ANN = '22222222-0000-4000-8000-000000000001';
const REASON = { personId: ANN, sealed: 'why' };
const accepted = { type: 'InvitationAccepted', data: { invitationId: 'i', personId: ANN, grant: {} } };
const removed = { type: 'ObserverRemoved', data: {} };
const left = { type: 'ObserverLeft', data: { reason: REASON } };

it('an observer begins with an accepted invitation', () => {
  expect(observerFrom([recorded(accepted)])).toEqual({ personId: ANN, since: THEN, active: true });
  expect(observerFrom([])).toBeUndefined();
});

it.each([removed, left])('an observer ends with $type, and may begin again', (end) => {
  const again = recorded(accepted, 2, { recordedAt: '2026-06-01T00:00:00.000Z' });
  expect(observerFrom([recorded(accepted), recorded(end, 1)])).toBeUndefined();
  expect(observerFrom([recorded(accepted), recorded(end, 1), again])).toMatchObject({
    personId: ANN,
    since: '2026-06-01T00:00:00.000Z',
  });
});

it('an observer who ended keeps the person and the start, because the read model needs them', () => {
  const observer = evolveObserver(undefined, recorded(accepted) as ObserverEvent);
  expect(evolveObserver(observer, recorded(removed, 1) as ObserverEvent)).toEqual({ ...observer, active: false });
  expect(evolveObserver(undefined, recorded(removed) as ObserverEvent)).toBeUndefined();
});

it('an observer leaves or is removed, with the sealed reason if there is one', () => {
  expect(endObserving('left', REASON)).toEqual([left]);
  expect(endObserving('removed')).toEqual([removed]);
});
