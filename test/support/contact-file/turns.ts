/** CPU time of this thread, in milliseconds. Other work on the machine does not count. */
export interface Turns {
  cpuMs: number;
  /** The longest time for which other work of this process had to wait. */
  longestTurnMs: number;
}

const MOST_READINGS = 5;

/** Measures work while other work asks for the event loop all the time. */
async function turnsOf(work: () => Promise<void>): Promise<Turns> {
  let longestTurnMs = 0;
  let last = cpuMs();
  const turn = (): void => {
    longestTurnMs = Math.max(longestTurnMs, cpuMs() - last);
    last = cpuMs();
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const start = cpuMs();
  try {
    await work();
  } finally {
    clearImmediate(next);
  }
  return { cpuMs: cpuMs() - start, longestTurnMs: Math.max(longestTurnMs, cpuMs() - last) };
}

/** The least of several measurements, taken until they are good, because a busy machine slows down its caches too. */
export async function leastTurns(
  work: () => Promise<void>,
  isGood: (least: Turns) => boolean,
  atLeast = 1,
): Promise<Turns> {
  const least = await turnsOf(work);
  for (let taken = 1; taken < MOST_READINGS && (taken < atLeast || !isGood(least)); taken += 1) {
    const { cpuMs: ms, longestTurnMs } = await turnsOf(work);
    least.cpuMs = Math.min(least.cpuMs, ms);
    least.longestTurnMs = Math.min(least.longestTurnMs, longestTurnMs);
  }
  return least;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
