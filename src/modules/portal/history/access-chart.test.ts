import { accessChart, type ChartedStep } from './access-chart.js';

const step = (
  at: string,
  membershipId: string,
  permissions: number,
  roleName: string | null = 'Role',
): ChartedStep => ({
  at,
  membershipId,
  kind: 'staff',
  scope: { name: `Place of ${membershipId}` },
  permissions: Array.from({ length: permissions }, (_, n) => `permission.${String(n)}`),
  roleName,
});

it('draws a lane for each membership, with bars as high as it allowed much', () => {
  const chart = accessChart(
    [
      step('2026-01-01T00:00:00.000Z', 'a', 4),
      step('2026-01-03T00:00:00.000Z', 'b', 0),
      step('2026-01-06T00:00:00.000Z', 'a', 2),
      step('2026-01-08T00:00:00.000Z', 'a', 0, null),
    ],
    '2026-01-11T00:00:00.000Z',
  );
  expect(chart).toEqual({
    height: 132,
    lanes: [
      { y: 13, base: 56, name: 'Place of a', kind: 'staff' },
      { y: 69, base: 112, name: 'Place of b', kind: 'staff' },
    ],
    bars: [
      { x: 0, width: 50, y: 24, height: 32 },
      { x: 50, width: 20, y: 40, height: 16 },
      { x: 20, width: 80, y: 109, height: 3 },
    ],
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-11T00:00:00.000Z',
  });
});

it('draws nothing without a step, and a single moment visibly', () => {
  expect(accessChart([], '2026-01-11T00:00:00.000Z')).toBeNull();
  const at = '2026-01-11T00:00:00.000Z';
  expect(accessChart([step(at, 'a', 1)], at)?.bars).toEqual([{ x: 0, width: 0.4, y: 24, height: 32 }]);
});
