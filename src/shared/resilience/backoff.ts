import { sleep } from './timeouts.js';

const FIRST_MS = 100;
const MOST_MS = 10_000;

/** Waits longer after each failure (100 ms, 200 ms … 10 s), or until the signal aborts. Never throws. */
export async function backoff(failures: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1)), signal);
}
