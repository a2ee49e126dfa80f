import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely } from 'kysely';

/**
 * Calls made with an Idempotency-Key. The table isn't a read model. It holds hashes and sealed responses, and no key,
 * body or address.
 */
export const IdempotentCallTable = defineEntity({
  name: 'idempotent_call',
  properties: {
    /** Keyed hash of caller, route and key. */
    id: p.text().primary(),
    /** Keyed hash of the body. */
    fingerprint: p.text(),
    /** A repeated call runs under the same command id. */
    command_id: p.uuid(),
    /** The attempt that runs now, or ran last. */
    holder: p.uuid().nullable(),
    lease_until: p.datetime().$type<string>().nullable(),
    attempts: p.integer(),
    /** The sealed response; null until there is one. */
    answer: p.text().nullable(),
    expires_at: p.datetime().$type<string>().index(),
  },
});
export type IdempotencyTables = InferKyselyDB<typeof IdempotentCallTable>;
type Db = Kysely<IdempotencyTables>;

/** One attempt at a call. No other attempt runs while its lease holds. */
export interface Claim {
  id: string;
  holder: string;
  commandId: string;
  /** 1 for the first attempt. More when an earlier attempt didn't finish and may have stored something. */
  attempts: number;
}

/** A call that couldn't be claimed, as the table knows it. */
export interface KnownCall {
  fingerprint: string;
  answer: string | null;
}

/** A claim expires after this long without renewal, because its process is probably gone. */
export const LEASE_SECONDS = 10;
/**
 * Hours for which the product keeps a response and a key means the same call. docs/operations.md and OpenAPI state
 * them.
 */
export const KEPT_HOURS = 24;

/**
 * Claims a call for this attempt in one short statement: a new call, an expired one, or an unfinished one.
 * @returns null when another attempt runs, the call has its response, or it had another body
 */
export async function claim(db: Db, id: string, fingerprint: string): Promise<Claim | null> {
  const holder = randomUUID();
  const { rows } = await sql<{ commandId: string; attempts: number }>`
    insert into idempotent_call as call (id, fingerprint, command_id, holder, lease_until, attempts, expires_at)
    values (${id}, ${fingerprint}, ${randomUUID()}, ${holder}, now() + ${LEASE_SECONDS} * interval '1 second', 1, now() + ${KEPT_HOURS} * interval '1 hour')
    on conflict (id) do update set
      fingerprint = excluded.fingerprint,
      command_id = case when call.expires_at <= now() then excluded.command_id else call.command_id end,
      holder = excluded.holder,
      lease_until = excluded.lease_until,
      attempts = case when call.expires_at <= now() then 1 else call.attempts + 1 end,
      answer = null,
      expires_at = case when call.expires_at <= now() then excluded.expires_at else call.expires_at end
    where (call.lease_until is null or call.lease_until <= now())
      and (call.expires_at <= now() or (call.answer is null and call.fingerprint = excluded.fingerprint))
    returning command_id as "commandId", attempts`.execute(db);
  const [row] = rows;
  return row ? { id, holder, ...row } : null;
}

/** Returns what is known of a call; undefined when it is unknown or expired. */
export async function find(db: Db, id: string): Promise<KnownCall | undefined> {
  return db
    .selectFrom('idempotent_call')
    .select(['fingerprint', 'answer'])
    .where('id', '=', id)
    .where('expires_at', '>', sql<string>`now()`)
    .executeTakeFirst();
}

/** Renews a claim's lease. */
export async function renew(db: Db, { id, holder }: Claim): Promise<void> {
  await sql`update idempotent_call set lease_until = now() + ${LEASE_SECONDS} * interval '1 second'
    where id = ${id} and holder = ${holder} and lease_until is not null`.execute(db);
}

/**
 * Stores the response of a command unless it has one. When an attempt outlives its lease, the first to finish counts.
 * @returns the stored response
 */
export async function finish(db: Db, { id, commandId }: Claim, answer: string): Promise<string> {
  const { rows } = await sql<{
    answer: string;
  }>`update idempotent_call set answer = coalesce(answer, ${answer}), lease_until = null
    where id = ${id} and command_id = ${commandId} returning answer`.execute(db);
  return rows[0]?.answer ?? answer;
}

/** Ends the lease, so that a repeated call can take over at once. */
export async function release(db: Db, { id, holder }: Claim): Promise<void> {
  await db
    .updateTable('idempotent_call')
    .set({ lease_until: null })
    .where('id', '=', id)
    .where('holder', '=', holder)
    .execute();
}

/** Deletes the call, so that its key is free for another body. */
export async function forget(db: Db, { id, holder }: Claim): Promise<void> {
  await db
    .deleteFrom('idempotent_call')
    .where('id', '=', id)
    .where('holder', '=', holder)
    .where('answer', 'is', null)
    .execute();
}

/** Frees every claim. Safe only for the embedded database at start, because no other process can use it. */
export async function releaseAllClaims(db: Db): Promise<void> {
  await db.updateTable('idempotent_call').set({ lease_until: null }).where('lease_until', 'is not', null).execute();
}

/** Removes expired calls that no attempt runs for. */
export async function removeExpired(db: Db): Promise<void> {
  await sql`delete from idempotent_call where expires_at <= now() and (lease_until is null or lease_until <= now())`.execute(
    db,
  );
}
