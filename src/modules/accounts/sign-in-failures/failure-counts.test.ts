import { FailureCounts, MOST_HOURS, MOST_PEOPLE } from './failure-counts.js';

const ANN = '22222222-0000-4000-8000-000000000002';
const NINE = '2026-01-05T09:00:00.000Z';
const TEN = '2026-01-05T10:00:00.000Z';
const at = (time: string): Date => new Date(`2026-01-05T${time}Z`);

describe('counts of failed sign-ins', () => {
  it('are kept by hour and person, with all unknown addresses together', () => {
    const counts = new FailureCounts();
    for (const time of ['09:00:00.000', '09:59:59.999', '10:00:00.000']) counts.add(at(time), ANN);
    for (const time of ['09:10:00', '09:20:00']) counts.add(at(time), null);
    expect(counts.of(NINE)).toEqual([
      { of: 'person', personId: ANN, hour: NINE, count: 2 },
      { of: 'unknown-addresses', personId: null, hour: NINE, count: 2 },
    ]);
    expect(counts.of(TEN)).toEqual([{ of: 'person', personId: ANN, hour: TEN, count: 1 }]);
  });

  it('wait from the end of their hour on, until they are forgotten', () => {
    const counts = new FailureCounts();
    counts.add(at('10:30:00'), ANN);
    counts.add(at('09:30:00'), ANN);
    expect(counts.waiting(at('09:59:59.999'))).toEqual([]);
    expect(counts.waiting(at('10:59:59.999'))).toEqual([NINE]);
    expect(counts.waiting()).toEqual([NINE, TEN]);
    counts.forget(NINE);
    expect([counts.waiting(), counts.of(NINE)]).toEqual([[TEN], []]);
  });

  it('of people beyond the limit are kept together, and those within it go on', () => {
    const counts = new FailureCounts();
    for (let n = 0; n < MOST_PEOPLE + 500; n += 1) counts.add(at('09:00:00'), `person ${String(n)}`);
    counts.add(at('09:00:00'), 'person 0');
    counts.add(at('09:00:00'), null);
    const kept = counts.of(NINE);
    expect(kept).toHaveLength(MOST_PEOPLE + 2);
    expect(kept[0]).toEqual({ of: 'person', personId: 'person 0', hour: NINE, count: 2 });
    expect(kept.slice(-2).map(({ of, count }) => [of, count])).toEqual([
      ['unknown-addresses', 1],
      ['further-people', 500],
    ]);
  });

  it('of the oldest hours are dropped when too many hours wait', () => {
    const counts = new FailureCounts();
    const begin = at('00:00:00').getTime();
    for (let n = 0; n < MOST_HOURS + 2; n += 1) counts.add(new Date(begin + n * 60 * 60 * 1000), ANN);
    expect(counts.waiting()).toHaveLength(MOST_HOURS);
    expect(counts.waiting()[0]).toBe('2026-01-05T02:00:00.000Z');
  });
});
