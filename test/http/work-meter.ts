import { withinTries } from '../support/tries.js';

/** What something cost this thread: CPU time, so that other processes on the machine don't count. */
export interface Work {
  cpuMs: number;
  /** The longest time that the event loop served nothing else. */
  heldMs: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Does it once, in this process, and says what it cost. */
export async function workOf(doIt: () => Promise<unknown>): Promise<Work> {
  const start = cpuMs();
  let last = start;
  let heldMs = 0;
  const look = (): void => {
    const now = cpuMs();
    heldMs = Math.max(heldMs, now - last);
    last = now;
  };
  // Due in each turn that takes longer, and idle otherwise: to wait costs nothing.
  const watching = setInterval(look, 1);
  try {
    await doIt();
  } finally {
    clearInterval(watching);
    look();
  }
  return { cpuMs: cpuMs() - start, heldMs };
}

/** How long what is refused may keep everybody else waiting. */
export const MOST_HELD_MS = 100;
/** Less than this is no work to speak of, whatever it grows with. */
const NOTHING_MS = 25;
/** Four times as much may take so many times as long; sixteen would be quadratic. */
const MOST_GROWTH = 8;
/** A collection of garbage, or a first call that is compiled, happens once. */
const TRIES = 4;

/** Where a call's work isn't in proportion to its size, or holds the loop up, each time it is tried. @param prepare makes ready a call with a quarter of the size, or all of it: only making it counts */
export async function workFaults(
  name: string,
  prepare: (size: 'quarter' | 'whole') => () => Promise<unknown>,
): Promise<string[]> {
  return withinTries(TRIES, async () => {
    const whole = await workOf(prepare('whole'));
    const held = whole.heldMs > MOST_HELD_MS ? [`${name}: holds the loop up for ${whole.heldMs.toFixed(0)} ms`] : [];
    if (whole.cpuMs <= NOTHING_MS) return held;
    const quarter = await workOf(prepare('quarter'));
    const grows =
      whole.cpuMs > MOST_GROWTH * quarter.cpuMs + NOTHING_MS
        ? [`${name}: ${quarter.cpuMs.toFixed(0)} ms for a quarter, ${whole.cpuMs.toFixed(0)} ms for the whole`]
        : [];
    return [...held, ...grows];
  });
}
