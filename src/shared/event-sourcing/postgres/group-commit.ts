import { sql, type Kysely, type RawBuilder } from 'kysely';
import { lines } from '../../database/lists.js';
import { EventStoreUnavailable, type AppendOutcome, type StreamRevision } from '../event-store.js';
import { numbers, type EventTables } from './stream-reader.js';
import { withLogRetry } from './failures.js';
import { whenAll, type Waiting as WaitingItem } from '../../batching/batcher.js';
import { BatchQueue } from '../../batching/batch-queue.js';
import type { SerialisedAppend, SerialisedEvent } from '../serialised-append.js';

const MAX_APPENDS = 500;
const MAX_BYTES = 4 * 1_048_576;
const RETRY_FOR_MS = 5_000;

interface OutcomeRow {
  actual: number;
  stored: string | null;
  refusal: 'known' | 'outdated' | null;
}

type Waiting = WaitingItem<SerialisedAppend, AppendOutcome>;

/**
 * Writes the appends of concurrent callers in one transaction per batch. The next batch fills while one is written.
 * Each append has its own outcome. Two appends to one stream never share a batch. An append never shares one with an
 * append that breaks its condition.
 */
export class GroupCommit {
  private readonly batchQueue = new BatchQueue<Waiting>(1, takeBatch, (batch) => this.writeBatch(batch));

  constructor(
    private readonly db: Kysely<EventTables>,
    private readonly onCommit: () => void,
  ) {}

  /** @throws EventStoreUnavailable when the outcome stayed unknown */
  async write(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    return whenAll(appends, (waiting) => {
      this.batchQueue.add(waiting);
    });
  }

  /** Resolves when every append has its outcome. */
  async whenIdle(): Promise<void> {
    await this.batchQueue.whenIdle();
  }

  /** Writes the appends of a refused batch one by one, so that only the caller of the bad append gets the error. */
  private async writeBatch(batch: Waiting[]): Promise<void> {
    try {
      // Repeating is safe, because the function compares event ids.
      const outcomes = await withLogRetry(RETRY_FOR_MS, () => this.commit(batch.map(({ item }) => item)));
      batch.forEach(({ resolve }, n) => {
        resolve(outcomes[n] as AppendOutcome);
      });
      this.onCommit();
    } catch (error) {
      if (batch.length === 1 || error instanceof EventStoreUnavailable)
        batch.forEach(({ reject }) => {
          reject(error);
        });
      else for (const one of batch) await this.writeBatch([one]);
    }
  }

  /** Stores the batch as a whole, because this nearly always works; otherwise append by append. */
  private async commit(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    return (await this.storeAll(appends)) ?? this.storeEach(appends);
  }

  /** Returns null, and stores nothing, when an append isn't as expected or depends on more than its own stream. */
  private async storeAll(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[] | null> {
    if (appends.some(({ companionRow, onlyIf }) => companionRow !== undefined || onlyIf.length > 0)) return null;
    const events = placed(appends);
    const { rows } = await sql<{ last: string | null }>`select event_append_all(
      ${lines(events.map(({ stream }) => stream))}, ${numbers(events.map(({ revision }) => revision))}, ${columns(events)})::text as last`.execute(
      this.db,
    );
    const last = rows[0]?.last ?? null;
    if (last === null) return null;
    let position = BigInt(last) - BigInt(events.length);
    return appends.map((append) => {
      position += BigInt(append.events.length);
      return { ok: true, position: String(position) };
    });
  }

  private async storeEach(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    const events = placed(appends);
    const list = sql`${lines(appends.map(({ stream }) => stream))}, ${numbers(appends.map(({ expectedRevision }) => expectedRevision))},
      ${numbers(events.map(({ append }) => append))}, ${numbers(events.map(({ revision }) => revision))}, ${columns(events)}`;
    const companionRows = appends.flatMap(({ companionRow }) => companionRow ?? []);
    const conditions = conditionsOf(appends);
    const call =
      companionRows.length + conditions.length === 0
        ? sql<OutcomeRow>`select actual, stored, null as refusal from event_append_each(${list})`
        : sql<OutcomeRow>`select actual, stored, refusal from event_append_on_grounds(${JSON.stringify(companionRows)}::json,
          ${lines(appends.map(({ companionRow }) => companionRow?.id ?? '-'))}, ${JSON.stringify(conditions)}::json, ${list})`;
    const { rows } = await call.execute(this.db);
    return rows.map(({ actual, stored, refusal }) => {
      if (stored !== null) return { ok: true, position: stored };
      return {
        ok: false,
        actualRevision: actual,
        ...(refusal === 'known' ? { isKnown: true } : {}),
        ...(refusal === 'outdated' ? { conditionFailed: true } : {}),
      };
    });
  }
}

interface PlacedEvent {
  stream: string;
  revision: number;
  /** Number of the event's append, from 1. */
  append: number;
  event: SerialisedEvent;
}

function placed(appends: readonly SerialisedAppend[]): PlacedEvent[] {
  return appends.flatMap(({ stream, expectedRevision, events }, n) =>
    events.map((event, k) => ({ stream, revision: expectedRevision + 1 + k, append: n + 1, event })),
  );
}

/** The events' columns besides stream and revision, in the order of the functions' parameters. */
function columns(events: readonly PlacedEvent[]): RawBuilder<unknown> {
  return sql`${lines(events.map(({ event }) => event.id))}::uuid[], ${lines(events.map(({ event }) => event.type))},
    ${lines(events.map(({ event }) => event.data))}, ${lines(events.map(({ event }) => event.metadata))}`;
}

/**
 * Lists each condition once with the appends (from 1) that depend on it, because concurrent callers share most
 * conditions.
 */
function conditionsOf(appends: readonly SerialisedAppend[]): (StreamRevision & { appends: number[] })[] {
  const conditions = new Map<string, StreamRevision & { appends: number[] }>();
  appends.forEach((append, n) => {
    for (const { stream, revision } of append.onlyIf) {
      const key = `${stream} ${String(revision)}`;
      const condition = conditions.get(key);
      if (condition) condition.appends.push(n + 1);
      else conditions.set(key, { stream, revision, appends: [n + 1] });
    }
  });
  return [...conditions.values()];
}

function takeBatch(queue: Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const streams = new Set<string>();
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  let bytes = 0;
  let at = 0;
  for (; at < queue.length && batch.length < MAX_APPENDS; at += 1) {
    const next = queue[at] as Waiting;
    if (batch.length > 0 && bytes + next.item.bytes > MAX_BYTES) break;
    if (streams.has(next.item.stream) || next.item.onlyIf.some(({ stream }) => streams.has(stream))) {
      rest.push(next);
      continue;
    }
    streams.add(next.item.stream);
    bytes += next.item.bytes;
    batch.push(next);
  }
  return { batch, rest: rest.concat(queue.slice(at)) };
}
