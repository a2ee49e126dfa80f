import { setTimeout } from 'node:timers/promises';

/** Resolves after so many ms, or when the signal aborts. Never throws, holds no process open. For pacing work, not for waiting until something has happened. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
