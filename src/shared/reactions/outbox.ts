import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely } from 'kysely';
import type { Transaction } from '../projections/projection.js';

/** Not a read model: it outlives rebuilds, so that a replay sends nothing twice. Holds no address, name, message or link. */
export const OutboxTable = defineEntity({
  name: 'outbox',
  properties: {
    /** UUIDv5 of event id and kind; also the mail's Message-ID. */
    key: p.uuid().primary(),
    kind: p.text(),
    stream: p.text(),
    invitation_id: p.uuid().index(),
    issue: p.integer(),
    state: p.text().$type<OutboxState>(),
    attempts: p.integer().default(0),
    /** Never changes: what pages are cut by. */
    queued_at: p.datetime().$type<string>(),
    due_at: p.datetime().$type<string>(),
    lease_until: p.datetime().$type<string>().nullable(),
    /** When the state was reached. */
    at: p.datetime().$type<string>(),
  },
  indexes: [{ name: 'outbox_due', properties: ['state', 'due_at'] }],
});
export type OutboxState = 'pending' | 'sent' | 'failed' | 'dropped';
export type OutboxTables = InferKyselyDB<typeof OutboxTable>;

/** One thing to be sent, because of one event. */
export interface OutboxEntry {
  key: string;
  kind: string;
  stream: string;
  invitation_id: string;
  issue: number;
}

export interface ClaimedEntry extends OutboxEntry {
  attempts: number;
}

/** A claim lapses after this long unless renewed: whoever held it is gone. */
export const LEASE_SECONDS = 10;
/** After this many failures it is a dead letter (`failed`); with the delays below that is about a day. */
const MAX_ATTEMPTS = 24;

type Db = Kysely<OutboxTables>;

/** Puts entries in, in the batch's transaction; one already there stays as it is. */
export async function enqueue(trx: Transaction, entries: readonly (OutboxEntry & { due_at: string })[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({ ...entry, state: 'pending', attempts: 0, queued_at: entry.due_at, at: entry.due_at, lease_until: null }));
  await sql`insert into outbox (key, kind, stream, invitation_id, issue, state, attempts, queued_at, due_at, lease_until, at)
    select key, kind, stream, invitation_id, issue, state, attempts, queued_at, due_at, lease_until, at
    from json_populate_recordset(null::outbox, ${JSON.stringify(rows)}::json) on conflict (key) do nothing`.execute(trx);
}

/** Takes up to `limit` due entries for this sender alone, in one short statement. */
export async function claim(db: Db, limit: number): Promise<ClaimedEntry[]> {
  const { rows } = await sql<ClaimedEntry>`
    update outbox set lease_until = now() + ${LEASE_SECONDS} * interval '1 second', attempts = attempts + 1
    where key in (
      select key from outbox where state = 'pending' and due_at <= now() and (lease_until is null or lease_until < now())
      order by due_at, key limit ${limit} for update skip locked)
    returning key, kind, stream, invitation_id, issue, attempts`.execute(db);
  return rows;
}

/** Keeps claims alive while their mails are under way. */
export async function renew(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`update outbox set lease_until = now() + ${LEASE_SECONDS} * interval '1 second'
    where state = 'pending' and key in (select json_array_elements_text(${JSON.stringify(keys)}::json)::uuid)`.execute(db);
}

/** Frees every claim. Only where no other process can be sending: the embedded database, at start. */
export async function releaseAllClaims(db: Db): Promise<void> {
  await db.updateTable('outbox').set({ lease_until: null }).where('state', '=', 'pending').where('lease_until', 'is not', null).execute();
}

/** Records an outcome, once: only having been sent overrides another one. */
export async function settle(db: Db, key: string, state: Exclude<OutboxState, 'pending'>): Promise<void> {
  await sql`update outbox set state = ${state}, at = now(), lease_until = null
    where key = ${key} and (state = 'pending' or ${state} = 'sent')`.execute(db);
}

/** Gives an entry back to be tried later (1 s, 2 s, 4 s … 2 h), or makes it a dead letter. Nothing when somebody else has claimed it since. */
export async function postpone(db: Db, entry: ClaimedEntry): Promise<void> {
  if (entry.attempts >= MAX_ATTEMPTS) return settle(db, entry.key, 'failed');
  const seconds = Math.min(7200, 2 ** (entry.attempts - 1));
  await sql`update outbox set lease_until = null, due_at = now() + ${seconds} * interval '1 second'
    where key = ${entry.key} and state = 'pending' and attempts = ${entry.attempts}`.execute(db);
}

/** When the next entry will be due; null when nothing waits. */
export async function nextDueInMs(db: Db): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now()) * 1000)::float8 as ms
    from outbox where state = 'pending'`.execute(db);
  return rows[0]?.ms ?? null;
}
