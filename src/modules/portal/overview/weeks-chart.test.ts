import { weeksChart, type CountedWeek } from './weeks-chart.js';

const weeks = (...counts: [sent: number, accepted: number, expired: number][]): CountedWeek[] =>
  counts.map(([sent, accepted, expired], n) => ({ week: `2026-11-${String(n + 10)}`, sent, accepted, expired }));

describe('a chart of weeks', () => {
  it('draws a bar for each count but 0, as high as it is many', () => {
    const { bars } = weeksChart(weeks([20, 10, 0], [0, 5, 0]));
    expect(bars.map(({ series, height }) => [series, height])).toEqual([
      ['sent', 112],
      ['accepted', 56],
      ['accepted', 28],
    ]);
    expect(bars.every(({ y, height }) => y + height === 128)).toBe(true);
  });

  it('leaves no bar outside the drawing, and none upon another', () => {
    const { bars } = weeksChart(weeks(...Array.from({ length: 12 }, (): [number, number, number] => [3, 2, 1])));
    expect(bars).toHaveLength(36);
    for (const [n, { x, width }] of bars.entries())
      expect(x + width).toBeLessThanOrEqual((bars[n + 1]?.x ?? 100) + 0.02);
  });

  it('shows one among thousands', () => {
    expect(weeksChart(weeks([9999, 0, 1])).bars.at(-1)).toMatchObject({ series: 'expired', height: 2 });
  });

  it.each([
    [1, [0, 1, 2]],
    [3, [0, 2, 4]],
    [9, [0, 5, 10]],
    [11, [0, 6, 12]],
    [101, [0, 60, 120]],
    [1_000_000, [0, 500_000, 1_000_000]],
  ])('has lines at whole numbers above %i', (most, values) => {
    expect(weeksChart(weeks([most, 0, 0])).lines.map(({ value }) => value)).toEqual(values);
  });

  it('adds up, and dates every third week', () => {
    const { totals, most, dates } = weeksChart(weeks([4, 1, 0], [2, 3, 1], [0, 0, 0], [1, 0, 5]));
    expect([totals, most]).toEqual([{ sent: 7, accepted: 4, expired: 6 }, 5]);
    expect(dates).toEqual([
      { x: 0, week: '2026-11-10' },
      { x: 75, week: '2026-11-13' },
    ]);
  });
});
