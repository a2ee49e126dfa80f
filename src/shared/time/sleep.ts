import { setTimeout } from 'node:timers/promises';

/**
 * Resolves after this many milliseconds, or when the signal aborts. Never throws, and doesn't keep the process running.
 * It is for pacing work, not for waiting until something has happened.
 */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
