import { sql, type Kysely, type RawBuilder } from 'kysely';
import { uuids } from '../database/lists.js';
import type { Transaction } from '../projections/projection.js';

/** `address-invalid`: no mail can be sent to the stored address. `unsubscribed`: its owner wants no mail. */
export type OutboxState = 'pending' | 'sent' | 'failed' | 'dropped' | 'address-invalid' | 'unsubscribed';

/** The columns that this file reads. The application defines the table, with one more column for an entry's subject. */
export interface OutboxTables {
  outbox: {
    key: string;
    state: OutboxState;
    queued_at: string;
    due_at: string;
    lease_until: string | null;
  };
}

/** One mail to send because of one event. The application adds its subject by declaration merging, named as its column. */
export interface OutboxEntry {
  key: string;
  kind: string;
  stream: string;
  issue: number;
}

/** Due at once since its event was recorded (`recorded_at`), or at `due_at`, which may be far ahead. ISO UTC. */
export type NewEntry = OutboxEntry & ({ recorded_at: string } | { due_at: string });

export interface ClaimedEntry extends OutboxEntry {
  attempts: number;
}

/** The columns that a claimed entry leaves out. */
type ClaimedState = Omit<OutboxTables['outbox'], 'key'> & {
  at: string;
  error: string | null;
  error_code: string | null;
};

/** A claim expires after this long without renewal, because its process is probably gone. */
export const LEASE_SECONDS = 10;
/** After this many failures the entry is a dead letter (`failed`). With the delays below that takes about a day. */
const MAX_ATTEMPTS = 24;
/** An entry without delay is due this long before its event, which is further than any clock is wrong. */
export const AT_ONCE = '100 years';

/** Columns that the insert computes. An entry's other fields are columns as they stand. */
const SET_HERE: readonly string[] = ['state', 'attempts', 'recorded_at', 'queued_at', 'due_at', 'at'];

type Db = Kysely<OutboxTables>;

/**
 * Returns the later of two clocks to compare with `due_at`.
 * Entries are queued by the database's clock and deadlines by the product's, and the two may differ a little.
 */
export function latest(now: Date): RawBuilder<string> {
  return sql<string>`greatest(now(), ${now.toISOString()}::timestamptz)`;
}

/** Condition: the entry is or was due, whatever its state is. */
export function hasBeenDue(now: Date): RawBuilder<boolean> {
  return sql<boolean>`outbox.queued_at <= ${latest(now)}`;
}

/**
 * Condition: the mail failed for good, or it failed and waits for another attempt. An attempt that fails moves `due_at`
 * beyond `queued_at`. The application's index has the same condition.
 */
export const HAS_FAILED = sql<boolean>`(outbox.state in ('failed', 'address-invalid') or (outbox.state = 'pending' and outbox.due_at > outbox.queued_at))`;

/** Adds entries in the batch's transaction; an existing one stays as it is. */
export async function enqueue(trx: Transaction, entries: readonly NewEntry[]): Promise<void> {
  if (entries.length > 0) await insertOf(entries).execute(trx);
}

/**
 * Enters an entry without delay as due long ago, in the order of its event. So it stays due, whatever a clock says.
 * An event recorded ahead of the database's clock is queued as of now.
 */
function insertOf(entries: readonly NewEntry[]): RawBuilder<unknown> {
  const rows = entries.map((entry) => ('due_at' in entry ? entry : { ...entry, queued_at: entry.recorded_at }));
  const given = Object.keys(rows[0] ?? {}).filter((column) => !SET_HERE.includes(column));
  const columns = sql.join(given.map((column) => sql.ref(column)));
  return sql`insert into outbox (${columns}, state, attempts, queued_at, due_at, at)
    select ${columns}, 'pending', 0,
      coalesce(due_at, least(queued_at, now())), coalesce(due_at, queued_at - ${AT_ONCE}::interval), coalesce(due_at, least(queued_at, now()))
    from json_populate_recordset(null::outbox, ${JSON.stringify(rows)}::json) on conflict (key) do nothing`;
}

/** Claims up to `limit` due entries for this sender alone, in one short statement. */
export async function claim(db: Db, limit: number, now: Date): Promise<ClaimedEntry[]> {
  const { rows } = await sql<ClaimedEntry & ClaimedState>`
    update outbox set lease_until = now() + ${LEASE_SECONDS} * interval '1 second', attempts = attempts + 1
    where key in (
      select key from outbox where state = 'pending' and due_at <= ${latest(now)} and (lease_until is null or lease_until < now())
      order by due_at, key limit ${limit} for update skip locked)
    returning *`.execute(db);
  return rows.map(
    ({ state: _state, queued_at: _queuedAt, due_at: _dueAt, lease_until: _leaseUntil, at: _at, ...kept }) => {
      const { error: _error, error_code: _errorCode, ...entry } = kept;
      return entry;
    },
  );
}

/** Renews claims while their mails are being sent. */
export async function renew(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`update outbox set lease_until = now() + ${LEASE_SECONDS} * interval '1 second'
    where state = 'pending' and key = any(${uuids(keys)})`.execute(db);
}

/** Frees every claim. Safe only for the embedded database at start, because no other process can be sending. */
export async function releaseAllClaims(db: Db): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ lease_until: null })
    .where('state', '=', 'pending')
    .where('lease_until', 'is not', null)
    .execute();
}

/** Why an attempt failed. It quotes no reply, because that may hold an address. */
export interface MailFailure {
  /** A `MailFailureReason`, or `not-written`. */
  error: string;
  /** The code of the reply or of the connection error; null: there is none. */
  code: string | null;
}

/** The outcome of an entry. */
export interface DeliveryOutcome {
  key: string;
  state: Exclude<OutboxState, 'pending'>;
  /** A later mail to enqueue in the same statement. */
  next?: NewEntry | undefined;
  failure?: MailFailure | undefined;
}

/**
 * Records each outcome once; only `sent` overrides another outcome. The statement filters by key alone, because a join
 * would scan the whole table.
 */
export async function recordOutcomes(db: Db, outcomes: readonly DeliveryOutcome[]): Promise<void> {
  for (const [state, some] of Map.groupBy(outcomes, (outcome) => outcome.state)) {
    const [errors, codes] = [valuesOf(some, 'error'), valuesOf(some, 'code')];
    const update = sql`update outbox set state = ${state}, at = now(), lease_until = null,
        error = ${errors}::json ->> key::text, error_code = ${codes}::json ->> key::text
      where key = any(${uuids(some.map(({ key }) => key))}) and (state = 'pending' or ${state}::text = 'sent')`;
    const next = some.flatMap((outcome) => outcome.next ?? []);
    await (next.length === 0 ? update : sql`with recorded as (${update}) ${insertOf(next)}`).execute(db);
  }
}

/** The failures' values by key, as JSON. */
function valuesOf(outcomes: readonly DeliveryOutcome[], field: keyof MailFailure): string {
  return JSON.stringify(
    Object.fromEntries(outcomes.flatMap(({ key, failure }) => (failure ? [[key, failure[field]]] : []))),
  );
}

/**
 * Schedules a retry (after 1 s, 2 s, 4 s … 2 h), or makes the entry a dead letter, followed by `next`.
 * Does nothing when another sender has claimed the entry since.
 */
export async function scheduleRetry(
  db: Db,
  entry: ClaimedEntry,
  now: Date,
  next?: NewEntry,
  failure?: MailFailure,
): Promise<void> {
  if (entry.attempts >= MAX_ATTEMPTS) return recordOutcomes(db, [{ key: entry.key, state: 'failed', next, failure }]);
  const seconds = Math.min(7200, 2 ** (entry.attempts - 1));
  await sql`update outbox set lease_until = null, due_at = ${latest(now)} + ${seconds} * interval '1 second',
      error = ${failure?.error ?? null}, error_code = ${failure?.code ?? null}
    where key = ${entry.key} and state = 'pending' and attempts = ${entry.attempts}`.execute(db);
}

/** Resumes mails that were withheld because their recipient had unsubscribed. @param which of the entries of this kind */
export async function requeue(db: Db, kind: string, which: RawBuilder<unknown>): Promise<void> {
  await sql`update outbox set state = 'pending', attempts = 0, lease_until = null, at = now(), due_at = now() - ${AT_ONCE}::interval
    where kind = ${kind} and state = 'unsubscribed' and ${which}`.execute(db);
}

/** Returns when the next entry is due; null when none waits. It reads one entry, however many wait. */
export async function nextDueInMs(db: Db, now: Date): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from least(
      (select due_at - ${latest(now)} from outbox where state = 'pending' and lease_until is null order by due_at limit 1),
      (select min(lease_until) - now() from outbox where state = 'pending' and lease_until is not null and due_at <= ${latest(now)})
    )) * 1000)::float8 as ms`.execute(db);
  return rows[0]?.ms ?? null;
}

/** Tells whether a mail is overdue. */
export async function hasWaiting(db: Db, now: Date): Promise<boolean> {
  const { rows } =
    await sql`select 1 from outbox where state = 'pending' and ${hasBeenDue(now)} order by queued_at limit 1`.execute(
      db,
    );
  return rows.length > 0;
}

/** Counts stop here, so that they take no longer with more entries. */
export const MOST_COUNTED = 10_000;

export type OutboxCounts = Record<OutboxState | 'scheduled', number>;

/**
 * Counts the entries of every state, each up to `MOST_COUNTED`. Entries that are not due yet for the first time count
 * as `scheduled`.
 */
export async function countByState(trx: Kysely<OutboxTables>, now: Date): Promise<OutboxCounts> {
  await readAlongIndexes(trx);
  const {
    rows: [counts],
  } = await countsOf(now).execute(trx);
  if (!counts) throw new TypeError('no counts');
  return counts;
}

/**
 * Turns off scans and sorts for the rest of the transaction.
 * With few statistics the planner would read the whole table for the first few entries of a state.
 */
export async function readAlongIndexes(trx: Kysely<OutboxTables>): Promise<void> {
  await sql`select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_bitmapscan', 'enable_sort']) name`.execute(
    trx,
  );
}

/** Each part reads in the order of an index. */
export function countsOf(now: Date, most = MOST_COUNTED): RawBuilder<OutboxCounts> {
  const first = (condition: RawBuilder<unknown>, order: string) =>
    sql`(select count(*)::int from (select 1 from outbox where ${condition} order by ${sql.ref(order)} limit ${most}) counted)`;
  const waiting = (condition: RawBuilder<unknown>) => first(sql`state = 'pending' and ${condition}`, 'queued_at');
  const recorded = (state: OutboxState) => first(sql`state = ${state}`, 'due_at');
  return sql<OutboxCounts>`select ${waiting(hasBeenDue(now))} as pending, ${waiting(sql`queued_at > ${latest(now)}`)} as scheduled,
    ${recorded('sent')} as sent, ${recorded('failed')} as failed, ${recorded('dropped')} as dropped,
    ${recorded('address-invalid')} as "address-invalid", ${recorded('unsubscribed')} as unsubscribed`;
}
