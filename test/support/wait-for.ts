import { setTimeout } from 'node:timers/promises';

/** The pause between two looks, because looking takes time from the awaited work. */
const LOOK_AGAIN_MS = 5;

/** Looks until the result is neither undefined, null nor false. @param what names it in the error @throws after `ms` */
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
