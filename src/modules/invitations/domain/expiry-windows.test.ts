import { EXPIRY_WINDOWS, expiryOf, isPast, reminderAt, type ExpiryWindow } from './expiry-windows.js';

const FROM = new Date('2026-01-05T12:00:00.000Z');

it.each<[ExpiryWindow, string | null]>([
  ['24h', null],
  ['48h', null],
  ['72h', null],
  ['7d', '2026-01-10T12:00:00.000Z'],
  ['30d', '2026-02-02T12:00:00.000Z'],
  ['1y', '2027-01-03T12:00:00.000Z'],
])('an invitation with a window of %s has its reminder at %s', (window, at) => {
  expect(reminderAt(window, expiryOf(window, FROM))).toBe(at);
});

it('a window ends at its end, not a millisecond before', () => {
  for (const window of Object.keys(EXPIRY_WINDOWS) as ExpiryWindow[]) {
    const end = expiryOf(window, FROM);
    expect([isPast(end, new Date(Date.parse(end) - 1)), isPast(end, new Date(end))]).toEqual([false, true]);
  }
});

describe('a window of a year is a calendar year, in leap years too', () => {
  it.each([
    ['2026-01-05T12:00:00.000Z', '2027-01-05T12:00:00.000Z'],
    ['2027-03-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2027-02-28T23:59:59.999Z', '2028-02-28T23:59:59.999Z'],
    ['2028-02-28T08:30:00.000Z', '2029-02-28T08:30:00.000Z'],
    ['2028-02-29T08:30:00.000Z', '2029-02-28T08:30:00.000Z'],
    ['2028-03-01T08:30:00.000Z', '2029-03-01T08:30:00.000Z'],
    ['2027-12-31T23:00:00.000Z', '2028-12-31T23:00:00.000Z'],
  ])('from %s to %s', (from, to) => {
    expect(expiryOf('1y', new Date(from))).toBe(to);
  });
});
