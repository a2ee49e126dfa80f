/** What a chart counts, in the order of its bars. */
const SERIES = ['sent', 'accepted', 'expired'] as const;
export type Series = (typeof SERIES)[number];

/** The counts of one week. @see InvitationWeekView */
export interface CountedWeek extends Record<Series, number> {
  /** The date of the Monday. */
  week: string;
}

/** The first of so many weeks has its date below the bars, because a phone has no room for more. */
const WEEKS_PER_DATE = 3;
/** Pixels from the top of the drawing. */
const PLOT = { top: 16, bottom: 128 };
/** The part of a week's width that is free between its bars and those of the next week. */
const FREE = 0.25;
/** A bar of a single invitation beside thousands stays visible. */
const LEAST_HEIGHT = 2;

/** A bar. Across, it is in per cent of the width, so that the drawing fits every window; down, in pixels. */
interface Bar {
  series: Series;
  x: number;
  width: number;
  y: number;
  height: number;
}

/** The drawing of overview/parts/weeks-chart.hbs. */
export interface WeeksChart {
  bars: Bar[];
  /** The lines behind the bars, each with its value. */
  lines: { y: number; value: number }[];
  /** The dates below the bars, in per cent of the width. */
  dates: { x: number; week: string }[];
  totals: Record<Series, number>;
  /** The most in one bar. */
  most: number;
}

/** Draws the weeks, oldest first. */
export function weeksChart(weeks: readonly CountedWeek[]): WeeksChart {
  const most = Math.max(0, ...weeks.flatMap((week) => SERIES.map((series) => week[series])));
  const top = roundAbove(most);
  const step = 100 / weeks.length;
  const width = (step * (1 - FREE)) / SERIES.length;
  const heightOf = (count: number): number =>
    Math.max(LEAST_HEIGHT, Math.round((count / top) * (PLOT.bottom - PLOT.top)));
  return {
    bars: weeks.flatMap((week, n) =>
      SERIES.flatMap((series, place): Bar[] => {
        if (week[series] === 0) return [];
        const height = heightOf(week[series]);
        return [{ series, x: across(n * step + place * width), width: across(width), y: PLOT.bottom - height, height }];
      }),
    ),
    lines: [0, top / 2, top].map((value) => ({
      value,
      y: PLOT.bottom - Math.round((value / top) * (PLOT.bottom - PLOT.top)),
    })),
    dates: weeks.flatMap(({ week }, n) => (n % WEEKS_PER_DATE === 0 ? [{ x: across(n * step), week }] : [])),
    totals: totalsOf(weeks),
    most,
  };
}

function totalsOf(weeks: readonly CountedWeek[]): Record<Series, number> {
  const total = (series: Series): number => weeks.reduce((sum, week) => sum + week[series], 0);
  return { sent: total('sent'), accepted: total('accepted'), expired: total('expired') };
}

/** The next round number, whose half is whole too: 2, 4, 6, 8, 10, 12, 16, 20, 30, 40, 60, 80, 100, 120 … */
function roundAbove(most: number): number {
  let round = [2, 4, 6, 8, 10].find((each) => each >= most);
  for (let power = 1; round === undefined; power *= 10)
    round = [12, 16, 20, 30, 40, 60, 80, 100].map((each) => each * power).find((each) => each >= most);
  return round;
}

/** Two decimals are exact to a tenth of a pixel. */
function across(percent: number): number {
  return Math.round(percent * 100) / 100;
}
