import { sql, type Kysely } from 'kysely';
import type { EventChecks, LoggedEvent } from '../event-checks.js';
import { EventStoreUnavailable, type Position, type StoredEvent, type Subscription } from '../event-store.js';
import { lines } from '../../database/lists.js';
import { EVENT_COLUMNS, toLoggedEvent, type EventRow, type EventTables } from './stream-reader.js';
import { withLogTimeout } from './failures.js';
import { sleep } from '../../resilience/timeouts.js';
import type { Signal } from '../../resilience/signal.js';

/** The position at which a subscription without one begins. */
export const BEFORE_ALL = '0';

const MAX_BACKOFF_MS = 5_000;
/**
 * After a notification without a result, the next search waits this long. Under load every append notifies, but few
 * events are of rare types.
 */
const COOL_DOWN_MS = 100;
/** Limits the positions that one query scans, because the wanted categories may be rare. */
const SCAN_AT_MOST = 100_000n;

/**
 * Yields the events after a position, live. Positions commit in order, so everything up to the newest visible one has
 * been seen.
 */
export async function* follow(
  db: Kysely<EventTables>,
  checks: EventChecks,
  subscription: Subscription,
  wakeSignal: Signal,
  pollEveryMs: number,
): AsyncGenerator<StoredEvent[], void, undefined> {
  const { signal } = subscription;
  const pick = checks.follower(subscription);
  let after = subscription.after ?? BEFORE_ALL;
  let failures = 0;
  let wasNotified = false;
  while (!signal.aborted) {
    const seen = wakeSignal.count;
    const page = await untilAborted(nextPage(db, subscription, after), signal);
    if (page === 'aborted') return;
    if (page === 'failed') {
      failures += 1;
      await wakeSignal.after(wakeSignal.count, Math.min(pollEveryMs * 2 ** failures, MAX_BACKOFF_MS), signal);
      continue;
    }
    failures = 0;
    after = page.readUpTo;
    const events = pick(page.events);
    if (events.length > 0) yield events;
    if (page.more) continue;
    // Under load most notifications are for other followers. Without this delay each append would cost a query here.
    if (wasNotified && events.length === 0) await sleep(COOL_DOWN_MS, signal);
    await wakeSignal.after(seen, pollEveryMs, signal);
    wasNotified = wakeSignal.count !== seen;
  }
}

type PageRow = Partial<EventRow> & { head: string };

interface Page {
  events: LoggedEvent[];
  readUpTo: Position;
  more: boolean;
}

/** Returns `failed` for a lost connection, because a subscription outlives it. */
async function nextPage(
  db: Kysely<EventTables>,
  subscription: Subscription,
  after: Position,
): Promise<Page | 'failed'> {
  try {
    return await readPage(db, subscription, after);
  } catch (error) {
    if (error instanceof EventStoreUnavailable) return 'failed';
    throw error;
  }
}

/**
 * Reads head and events in one statement, so that both are of the same moment.
 * @throws EventStoreUnavailable
 */
export async function readPage(
  db: Kysely<EventTables>,
  { categories, types, maxBatch }: Pick<Subscription, 'categories' | 'types' | 'maxBatch'>,
  after: Position,
): Promise<Page> {
  const scanUpTo = (BigInt(after) + SCAN_AT_MOST).toString();
  const { rows } = await withLogTimeout(() =>
    sql<PageRow>`
    select newest.head::text as head, found.*
    from (select coalesce(max(position), 0) as head from event) newest
    left join lateral (
      select ${EVENT_COLUMNS}
      from event_after(${after}::text::bigint, ${scanUpTo}::text::bigint, ${lines(categories)}, ${maxBatch}::int, ${types ? lines(types) : sql`null`}) e
    ) found on true
    order by found.position::bigint`.execute(db),
  );
  const head = rows[0]?.head ?? '0';
  const events = rows.filter(hasEvent).map(({ head: _, ...row }) => toLoggedEvent(row));
  const last = events.at(-1)?.position;
  if (last !== undefined && events.length >= maxBatch) return { events, readUpTo: last, more: true };
  const more = BigInt(head) > BigInt(scanUpTo);
  return { events, readUpTo: more ? scanUpTo : later(head, after), more };
}

function hasEvent(row: PageRow): row is PageRow & EventRow {
  return row.position != null;
}

function later(a: Position, b: Position): Position {
  return BigInt(a) > BigInt(b) ? a : b;
}

async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | 'aborted'> {
  const { promise, resolve } = Promise.withResolvers<'aborted'>();
  const abort = (): void => {
    resolve('aborted');
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
