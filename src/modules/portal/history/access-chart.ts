/** A step of what one membership allowed. @see AccessStepView */
export interface ChartedStep {
  at: string;
  membershipId: string;
  kind: string;
  scope: { name: string };
  permissions: readonly string[];
  /** Null: the membership ended. */
  roleName: string | null;
}

/** Pixels of one membership's lane, and of the name above its bars. */
const LANE = 56;
const NAME = 18;
/** A bar without permissions, as a patient's, stays visible. */
const LEAST_HEIGHT = 3;
const MOST_HEIGHT = LANE - NAME - 6;
/** Pixels below the lanes, for the dates. */
const FOOT = 20;
/** A moment among years stays visible: per cent of the width. */
const LEAST_WIDTH = 0.4;

/** A bar. Across, it is in per cent of the width, so that the drawing fits every window; down, in pixels. */
interface Bar {
  x: number;
  width: number;
  y: number;
  height: number;
}

/** The drawing of history/parts/access-chart.hbs. */
export interface AccessChart {
  height: number;
  lanes: { y: number; base: number; name: string; kind: string }[];
  bars: Bar[];
  /** The first and the last day. */
  from: string;
  to: string;
}

/** Draws a lane for each membership. A bar is as high as the membership allowed much, until `end`. Null: no step. */
export function accessChart(steps: readonly ChartedStep[], end: string): AccessChart | null {
  const [first] = steps;
  if (!first) return null;
  const lanes = [...Map.groupBy(steps, ({ membershipId, kind }) => `${kind} ${membershipId}`).values()];
  const start = Date.parse(first.at);
  const length = Math.max(1, Date.parse(end) - start);
  const most = Math.max(1, ...steps.map(({ permissions }) => permissions.length));
  const across = (time: string): number => Math.round(((Date.parse(time) - start) / length) * 10_000) / 100;
  return {
    height: lanes.length * LANE + FOOT,
    lanes: lanes.map(([step], n) => ({
      y: n * LANE + NAME - 5,
      base: (n + 1) * LANE,
      name: step?.scope.name ?? '',
      kind: step?.kind ?? '',
    })),
    bars: lanes.flatMap((lane, n) =>
      lane.flatMap(({ at, roleName, permissions }, place): Bar[] => {
        if (roleName === null) return [];
        const height = Math.max(LEAST_HEIGHT, Math.round((permissions.length / most) * MOST_HEIGHT));
        const x = Math.min(across(at), 100 - LEAST_WIDTH);
        const width = Math.max(LEAST_WIDTH, across(lane[place + 1]?.at ?? end) - x);
        return [{ x, width: Math.round(width * 100) / 100, y: (n + 1) * LANE - height, height }];
      }),
    ),
    from: first.at,
    to: end,
  };
}
