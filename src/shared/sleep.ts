import { setTimeout } from 'node:timers/promises';

/** Resolves after so many ms, or when the signal aborts. Never throws, holds no process open. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
