import { sql, type Kysely, type RawBuilder } from 'kysely';
import { AT_ONCE, HAS_FAILED, hasBeenDue, latest, type OutboxTables } from './outbox.js';

/**
 * Mails that weren't sent. `failed`: a dead letter. `retrying`: it failed and waits for another attempt. `waiting`: it
 * is due and wasn't tried yet, or is being sent. `scheduled`: it is due later.
 */
export const UNSENT_STATES = ['failed', 'retrying', 'waiting', 'scheduled'] as const;
export type UnsentState = (typeof UNSENT_STATES)[number];

/** A condition on `outbox`. */
export function isUnsent(state: UnsentState, now: Date): RawBuilder<boolean> {
  switch (state) {
    case 'failed':
      return sql<boolean>`(outbox.state in ('failed', 'address-invalid'))`;
    case 'retrying':
      return sql<boolean>`(outbox.state = 'pending' and ${HAS_FAILED})`;
    case 'waiting':
      return sql<boolean>`(outbox.state = 'pending' and not ${HAS_FAILED} and ${hasBeenDue(now)})`;
    case 'scheduled':
      return sql<boolean>`(outbox.state = 'pending' and not ${HAS_FAILED} and not ${hasBeenDue(now)})`;
  }
}

/** What a retry came to. `refused`: the mail was sent, isn't needed, can't be sent, or isn't due yet. */
export type RetryOutcome = 'queued' | 'due already' | 'refused' | 'unknown';

/**
 * Makes a dead letter, or a mail that waits for another attempt, due at once, with all its attempts. A mail that is due
 * already, or is being sent, stays as it is.
 * @param key UUID
 * @param before runs first, when the mail can be made due
 */
export async function retryNow(
  db: Kysely<OutboxTables>,
  key: string,
  now: Date,
  before: () => Promise<void>,
): Promise<RetryOutcome> {
  const isDue = sql`(state = 'pending' and (due_at <= ${latest(now)} or coalesce(lease_until > now(), false)))`;
  const canBeDue = sql`(state = 'failed' or (state = 'pending' and due_at > queued_at))`;
  const { rows } = await sql<{ is_due: boolean; can_be_due: boolean }>`
    select ${isDue} as is_due, ${canBeDue} as can_be_due from outbox where key = ${key}`.execute(db);
  const [found] = rows;
  if (!found) return 'unknown';
  if (found.is_due) return 'due already';
  if (!found.can_be_due) return 'refused';
  await before();
  await sql`update outbox set state = 'pending', attempts = 0, lease_until = null, at = now(), due_at = now() - ${AT_ONCE}::interval
    where key = ${key} and not ${isDue} and ${canBeDue}`.execute(db);
  return 'queued';
}
