import { HISTORY_AREAS, beforeDay, dayOf, endOfDay, instantOf, kindsOf } from './history-filter.js';
import { KINDS } from '../../history/history.contract.js';

it('every kind but bookkeeping belongs to one area, and no area has more than a call may name', () => {
  const areas = HISTORY_AREAS.map(kindsOf);
  expect(areas.flat().sort()).toEqual(KINDS.filter((kind) => !kind.startsWith('internal.')).sort());
  expect(areas.filter((kinds) => kinds.length === 0 || kinds.length > 20)).toEqual([]);
  expect(['', 'constructor', 'staff.'].flatMap(kindsOf)).toEqual([]);
});

it('days are those of UTC, and today ends now', () => {
  const now = new Date('2026-03-01T23:30:00.000Z');
  expect(dayOf(now)).toBe('2026-03-01');
  expect(beforeDay('2026-03-01')).toBe('2026-02-28T23:59:59.999Z');
  expect(endOfDay('2026-03-01')).toBe('2026-03-01T23:59:59.999Z');
  expect([instantOf('', now), instantOf('2026-03-01', now), instantOf('2026-02-28', now)]).toEqual([
    '',
    '',
    '2026-02-28T23:59:59.999Z',
  ]);
  expect([beforeDay('soon'), endOfDay('soon'), instantOf('soon', now), beforeDay('2026-99-99')]).toEqual([
    'soon',
    'soon',
    'soon',
    '2026-99-99',
  ]);
});
