import { EXPIRY_WINDOWS, expiryOf, isPast, reminderAt, type ExpiryWindow } from '../../../src/shared/invitations/expiry-windows.js';

const FROM = new Date('2026-01-05T12:00:00.000Z');

it.each<[ExpiryWindow, string | null]>([
  ['24h', null],
  ['48h', null],
  ['72h', null],
  ['7d', '2026-01-10T12:00:00.000Z'],
  ['30d', '2026-02-02T12:00:00.000Z'],
  ['1y', '2027-01-03T12:00:00.000Z'],
])('a window of %s is reminded of at %s', (window, at) => {
  expect(reminderAt(window, expiryOf(window, FROM))).toBe(at);
});

it('a window is over at its end, not a millisecond before', () => {
  for (const window of Object.keys(EXPIRY_WINDOWS) as ExpiryWindow[]) {
    const end = expiryOf(window, FROM);
    expect([isPast(end, new Date(Date.parse(end) - 1)), isPast(end, new Date(end))]).toEqual([false, true]);
  }
});
