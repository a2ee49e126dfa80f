import { setTimeout } from 'node:timers/promises';

/**
 * Returns the milliseconds until the next beat. A response sent on a beat doesn't reveal how long the work before it
 * took.
 */
export function untilBeat(elapsedMs: number, beatMs: number): number {
  return Math.max(1, Math.ceil(elapsedMs / beatMs)) * beatMs - elapsedMs;
}

/** Ends on the next beat after the work, whether it succeeded or was refused. Longer work ends on a later beat. */
export async function onTheBeat(beatMs: number, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  try {
    await work();
  } finally {
    await setTimeout(untilBeat(performance.now() - begun, beatMs));
  }
}
