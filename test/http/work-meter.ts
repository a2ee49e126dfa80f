import { withinTries } from '../support/tries.js';

/** The cost of a call in this thread. CPU time, so that other processes on the machine don't count. */
export interface Work {
  cpuMs: number;
  /** The longest time for which the event loop served nothing else, in milliseconds. */
  heldMs: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs the work once in this process, and measures its cost. */
export async function workOf(doIt: () => Promise<unknown>): Promise<Work> {
  const start = cpuMs();
  let last = start;
  let heldMs = 0;
  const look = (): void => {
    const now = cpuMs();
    heldMs = Math.max(heldMs, now - last);
    last = now;
  };
  // The interval measures each turn that takes longer than 1 ms. Waiting costs nothing.
  const watching = setInterval(look, 1);
  try {
    await doIt();
  } finally {
    clearInterval(watching);
    look();
  }
  return { cpuMs: cpuMs() - start, heldMs };
}

/** How long a refused call may keep all others waiting. */
export const MOST_HELD_MS = 100;
/** Work below this is too small to judge its growth. */
const NOTHING_MS = 25;
/** A call of four times the size may take so many times as long. Quadratic growth would be sixteen times. */
const MOST_GROWTH = 8;
/** A garbage collection, or a first call that Node compiles, happens once. */
const TRIES = 4;

/**
 * The faults of a call whose work isn't in proportion to its size, or holds the event loop up, in each try.
 * @param prepare prepares a call with a quarter of the size, or all of it. Only the call itself counts.
 */
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
