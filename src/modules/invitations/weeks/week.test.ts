import { weekOf, weeksUntil } from './week.js';

it.each([
  ['2026-11-30T00:00:00.000Z', '2026-11-30'],
  ['2026-12-06T23:59:59.999Z', '2026-11-30'],
  ['2026-12-07T00:00:00.000Z', '2026-12-07'],
  ['2027-01-01T12:00:00.000Z', '2026-12-28'],
  ['2028-02-29T12:00:00.000Z', '2028-02-28'],
  ['1969-12-29T00:00:00.000Z', '1969-12-29'],
  ['1969-12-28T23:59:59.999Z', '1969-12-22'],
])('%s is in the week of Monday %s', (time, week) => {
  expect(weekOf(time)).toBe(week);
});

it('lists weeks oldest first, also across a change of the clock in summer', () => {
  expect(weeksUntil(new Date('2026-04-01T10:00:00.000Z'), 3)).toEqual(['2026-03-16', '2026-03-23', '2026-03-30']);
});
