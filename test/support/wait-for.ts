import { setTimeout } from 'node:timers/promises';

/** Between two looks, so that looking doesn't take the time of what is waited for. */
const LOOK_AGAIN_MS = 5;

/** Looks again and again until there is something to see. No clock decides: it only ends a test that would never end. @throws after `ms` */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen | undefined | null | false>,
  ms = 20_000,
): Promise<Seen> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    await setTimeout(LOOK_AGAIN_MS);
  }
  throw new Error(`${what}: not within ${String(ms)} ms`);
}
