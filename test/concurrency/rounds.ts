import { severalAtOnce } from '../support/several.js';

/** How often a race runs. The full proof has 100 rounds. */
export const RACE_ROUNDS = Number(process.env.RACE_ROUNDS ?? '6');

/** Runs numbered rounds, several at a time, because they vary each other's timing. */
export async function inRounds(count: number, atOnce: number, round: (n: number) => Promise<void>): Promise<void> {
  await severalAtOnce([...Array(count).keys()], round, atOnce);
}

/** The code of a problem document, or the status of a success. */
export function outcomeOf({ status, body }: { status: number; body: unknown }): string {
  return status < 300 ? String(status) : `${String(status)} ${String((body as { code?: unknown }).code)}`;
}
