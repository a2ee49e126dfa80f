import { severalAtOnce } from '../support/several.js';

/** How often a race is run; the full proof is 50. */
export const RACE_ROUNDS = Number(process.env.RACE_ROUNDS ?? '6');

/** Runs numbered rounds, a few at a time: neighbours shift each other's timing. */
export async function inRounds(count: number, atOnce: number, round: (n: number) => Promise<void>): Promise<void> {
  await severalAtOnce([...Array(count).keys()], round, atOnce);
}

/** The code of a problem document, or the status of a success. */
export function outcomeOf({ status, body }: { status: number; body: unknown }): string {
  return status < 300 ? String(status) : `${String(status)} ${String((body as { code?: unknown }).code)}`;
}
