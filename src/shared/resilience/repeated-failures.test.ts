import { RepeatedFailures } from './repeated-failures.js';
import { TestClock } from '../../../test/support/test-clock.js';

let clock: TestClock;
let lines: object[];
let failures: RepeatedFailures<'away' | 'full'>;
beforeEach(() => {
  clock = new TestClock();
  clock.set('2026-01-01T00:00:00Z');
  lines = [];
  failures = new RepeatedFailures(['away', 'full'], clock, (failure, latest) => {
    lines.push({ ...failure, ...latest });
  });
});

function record(times: number, reason: 'away' | 'full', latest?: object): void {
  for (let n = 0; n < times; n++) failures.record(reason, latest);
}

describe('a repeated failure', () => {
  it('is logged at once the first time, with its details', () => {
    failures.record('away', { code: 'ECONNREFUSED' });
    expect(lines).toEqual([{ reason: 'away', count: 1, code: 'ECONNREFUSED' }]);
  });

  it('is not logged again within a minute', () => {
    record(2848, 'away');
    clock.advance(59_999);
    record(1, 'away');
    expect(lines).toHaveLength(1);
  });

  it('is logged a minute later, with the count since the last line', () => {
    record(5, 'away');
    clock.advance(60_000);
    record(3, 'away');
    expect(lines.slice(1)).toEqual([{ reason: 'away', count: 5 }]);
    clock.advance(60_000);
    record(1, 'away');
    expect(lines.slice(2)).toEqual([{ reason: 'away', count: 3 }]);
  });

  it('is logged for each reason separately', () => {
    record(2, 'away');
    record(2, 'full');
    expect(lines).toEqual([
      { reason: 'away', count: 1 },
      { reason: 'full', count: 1 },
    ]);
  });

  it('is logged after the clock was set back', () => {
    record(1, 'away');
    clock.advance(-3_600_000);
    record(1, 'away');
    expect(lines).toHaveLength(2);
  });

  it('is counted by reason, from 0, independently of the lines', () => {
    record(3, 'away');
    expect(Object.fromEntries(failures.totals)).toEqual({ away: 3, full: 0 });
  });
});
