import { TUNING } from '../../batching/tuning.js';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../../database/database.js';
import type { NotificationBus } from '../../cluster/notification-bus.js';
import { lines } from '../../database/lists.js';
import { EventChecks, isOurs } from '../event-checks.js';
import {
  EventStore,
  type Ahead,
  type Append,
  type AppendOutcome,
  type Found,
  type History,
  type Position,
  type RecordedEvent,
  type StoredEvent,
  type Subscription,
  type Wanted,
} from '../event-store.js';
import { EVENT_COLUMNS, type EventRow, type EventTables, StreamReader, toLoggedEvent } from './stream-reader.js';
import { withLogTimeout, withLogRetry } from './failures.js';
import { BEFORE_ALL, follow, readPage } from './follow.js';
import { GroupCommit } from './group-commit.js';
import { importEvents } from './import-events.js';
import { serialise } from '../serialised-append.js';
import { Signal } from '../../resilience/signal.js';

/**
 * Number of events in a first read, where some may be foreign, and in a read after one that found only foreign events.
 */
const [SOME, MANY] = [10, 1_000];
const READ_RETRY_FOR_MS = 100;
const LAST_POSITION = 2n ** 62n;

/**
 * The log in a table of PostgreSQL or PGlite; migration 0001 makes the schema. A position is a whole number in decimal
 * digits.
 */
export class PostgresEventStore extends EventStore {
  override readonly supportsAppendConditions = true;
  private readonly db: Kysely<EventTables>;
  private readonly commits: GroupCommit;
  private readonly reader: StreamReader;
  private readonly wakeSignal = new Signal();
  /** By categories: after `last` there are only foreign events, up to `end`. */
  private readonly foreignEnds = new Map<string, { last: Position | null; end: Position }>();
  private readonly closing = new AbortController();
  private readonly pollEveryMs: number;

  /**
   * @param pollEveryMs milliseconds after which a subscription sees another process's appends without a notification;
   * this process's own appends notify it
   */
  constructor(
    private readonly database: Database,
    {
      pollEveryMs = 250,
      notificationBus,
      checks = new EventChecks(),
    }: { pollEveryMs?: number; notificationBus?: NotificationBus; checks?: EventChecks } = {},
  ) {
    super(checks);
    this.db = database.kysely<EventTables>();
    this.pollEveryMs = pollEveryMs;
    this.commits = new GroupCommit(this.db, () => {
      this.wakeSignal.notify();
      notificationBus?.publish('events');
    });
    notificationBus?.on('events', () => {
      this.wakeSignal.notify();
    });
    this.reader = new StreamReader(this.db, this.checks, database.embedded ? 1 : TUNING.storeReadsAtOnce.value);
  }

  /**
   * @throws TypeError when two appends name one stream, or an append is empty. When one append is refused, nothing is
   * stored
   */
  override async appendMany(appends: readonly Append[]): Promise<AppendOutcome[]> {
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length)
      throw new TypeError('streams in one call are distinct');
    return this.commits.write(appends.map(serialise));
  }

  override async importMany(events: readonly RecordedEvent[]): Promise<void> {
    await importEvents(this.database, events);
    this.wakeSignal.notify();
  }

  override async readMany(streams: readonly string[]): Promise<Map<string, History>> {
    return this.reader.read(streams);
  }

  override subscribe(subscription: Subscription): AsyncIterable<StoredEvent[]> {
    if (subscription.after !== null) toNumber(subscription.after);
    if (!(subscription.maxBatch >= 1)) throw new RangeError('a batch holds at least one event');
    const signal = AbortSignal.any([subscription.signal, this.closing.signal]);
    return follow(this.db, this.checks, { ...subscription, signal }, this.wakeSignal, this.pollEveryMs);
  }

  override async head(
    categories: readonly string[],
    { withForeign = false }: { withForeign?: boolean } = {},
  ): Promise<Position | null> {
    const { rows } = await withLogRetry(READ_RETRY_FOR_MS, () =>
      sql<EventRow>`
      select ${EVENT_COLUMNS} from event e where e.position = (select event_head(${lines(categories)}))`.execute(
        this.db,
      ),
    );
    const [last] = rows.map(toLoggedEvent);
    return last && !withForeign && !isOurs(last)
      ? this.headBefore(last.position, categories)
      : (last?.position ?? null);
  }

  /** Searches before foreign events and caches the result. */
  private async headBefore(end: Position, categories: readonly string[]): Promise<Position | null> {
    const known = this.foreignEnds.get(categories.join());
    const last =
      known && this.comparePositions(known.end, end) <= 0
        ? ((await this.lastBetween(known.end, end, categories)) ?? known.last)
        : await this.lastBetween(BEFORE_ALL, end, categories);
    this.foreignEnds.set(categories.join(), { last, end });
    return last;
  }

  private async lastBetween(after: Position, end: Position, categories: readonly string[]): Promise<Position | null> {
    for (let [before, most] = [end, SOME]; ; most = MANY) {
      const { rows } = await withLogRetry(READ_RETRY_FOR_MS, () =>
        sql<EventRow>`
        select ${EVENT_COLUMNS} from event e where e.category = any(${lines(categories)}) and e.position > ${after}::text::bigint and e.position < ${before}::text::bigint
        order by e.position desc limit ${most}`.execute(this.db),
      );
      const ours = rows.map(toLoggedEvent).find(isOurs);
      const furthest = rows.at(-1);
      if (ours || rows.length < most || !furthest) return ours?.position ?? null;
      before = furthest.position;
    }
  }

  override async lookAt(position: Position): Promise<Found> {
    const at = toNumber(position).toString();
    const { rows } = await withLogRetry(READ_RETRY_FOR_MS, () =>
      sql<Found>`
      select (select id::text from event where position = ${at}::text::bigint) as "eventId", coalesce(max(position), 0) < ${at}::text::bigint as "isBeyondEnd"
      from event`.execute(this.db),
    );
    return rows[0] ?? { eventId: null, isBeyondEnd: true };
  }

  override async lookAhead(wanted: Wanted): Promise<Ahead> {
    return this.look(wanted, wanted.after ?? BEFORE_ALL, SOME);
  }

  private async look(wanted: Wanted, after: Position, most: number): Promise<Ahead> {
    const { events, readUpTo, more } = await readPage(this.db, { ...wanted, maxBatch: most }, after);
    const recordedAt = events.find(isOurs)?.recordedAt ?? null;
    if (recordedAt === null && events.length === SOME && most === SOME) return this.look(wanted, readUpTo, MANY);
    return { recordedAt, lookedUpTo: readUpTo, isEnd: !more };
  }

  override async ping(): Promise<void> {
    await withLogTimeout(() => sql`select from event limit 1`.execute(this.db));
  }

  override comparePositions(a: Position, b: Position): number {
    const [left, right] = [toNumber(a), toNumber(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Ends the subscriptions and waits for the outcomes of appends in progress. The caller closes the database. */
  override async close(): Promise<void> {
    this.closing.abort();
    await this.commits.whenIdle();
  }
}

function toNumber(position: Position): bigint {
  const number = /^\d{1,19}$/.test(position) ? BigInt(position) : -1n;
  if (number < 0n || number > LAST_POSITION) throw new RangeError('not a position of this event store');
  return number;
}
