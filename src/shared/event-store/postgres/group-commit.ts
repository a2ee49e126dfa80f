import { sql, type Kysely } from 'kysely';
import { lines } from '../../database/lists.js';
import { EventStoreUnavailable, type AppendOutcome, type Ground } from '../event-store.js';
import { numbers, type EventTables } from './event-rows.js';
import { persistently } from './failures.js';
import { whenAll, type Waiting as Gathered } from '../../database/gathered-calls.js';
import { Gatherer } from '../../database/gatherer.js';
import type { SerialisedAppend } from '../serialised-append.js';

const MAX_APPENDS = 500;
const MAX_BYTES = 4 * 1_048_576;
const RETRY_FOR_MS = 5_000;

interface OutcomeRow {
  actual: number;
  stored: string | null;
  refusal: 'known' | 'outdated' | null;
}

type Waiting = Gathered<SerialisedAppend, AppendOutcome>;

/**
 * Writes what concurrent callers append as one transaction per batch, the next gathering while one is under way.
 * Each append has its own outcome; two on the same stream never share a batch, nor does one with what moves its grounds before it.
 */
export class GroupCommit {
  private readonly gatherer = new Gatherer<Waiting>(1, takeBatch, (batch) => this.settle(batch));

  constructor(
    private readonly db: Kysely<EventTables>,
    private readonly onCommit: () => void,
  ) {}

  /** @throws EventStoreUnavailable when the outcome stayed unknown. */
  async write(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    return whenAll(appends, (waiting) => { this.gatherer.add(waiting); });
  }

  /** Resolves when everything handed in has its outcome. */
  async quiet(): Promise<void> {
    await this.gatherer.quiet();
  }

  /** A batch that the database refuses is written one by one, so that only the culprit's caller hears of it. */
  private async settle(batch: Waiting[]): Promise<void> {
    try {
      // Unchanged retries are safe: the function compares event ids.
      const outcomes = await persistently(RETRY_FOR_MS, () => this.commit(batch.map(({ item }) => item)));
      batch.forEach(({ resolve }, n) => { resolve(outcomes[n] as AppendOutcome); });
      this.onCommit();
    } catch (error) {
      if (batch.length === 1 || error instanceof EventStoreUnavailable) batch.forEach(({ reject }) => { reject(error); });
      else for (const one of batch) await this.settle([one]);
    }
  }

  private async commit(appends: SerialisedAppend[]): Promise<AppendOutcome[]> {
    const events = appends.flatMap(({ events, expectedRevision }, n) =>
      events.map((event, k) => ({ ...event, append: n + 1, revision: expectedRevision + 1 + k })),
    );
    const list = sql`${lines(appends.map(({ stream }) => stream))}, ${numbers(appends.map(({ expectedRevision }) => expectedRevision))},
      ${numbers(events.map(({ append }) => append))}, ${numbers(events.map(({ revision }) => revision))},
      ${lines(events.map(({ id }) => id))}::uuid[], ${lines(events.map(({ type }) => type))},
      ${lines(events.map(({ data }) => data))}, ${lines(events.map(({ metadata }) => metadata))}`;
    const newcomers = appends.flatMap(({ newcomer }) => newcomer ?? []);
    const grounds = groundsOf(appends);
    const call = newcomers.length + grounds.length === 0
      ? sql<OutcomeRow>`select actual, stored, null as refusal from event_append(${list})`
      : sql<OutcomeRow>`select actual, stored, refusal from event_append_on_grounds(${JSON.stringify(newcomers)}::json,
          ${lines(appends.map(({ newcomer }) => newcomer?.id ?? '-'))}, ${JSON.stringify(grounds)}::json, ${list})`;
    const { rows } = await call.execute(this.db);
    return rows.map(({ actual, stored, refusal }) => {
      if (stored !== null) return { ok: true, position: stored };
      return { ok: false, actualRevision: actual, ...(refusal === 'known' ? { isKnown: true } : {}), ...(refusal === 'outdated' ? { isOutdated: true } : {}) };
    });
  }
}

/** Each ground once, with the appends (from 1) that depend on it: callers of a moment have most of them in common. */
function groundsOf(appends: readonly SerialisedAppend[]): (Ground & { appends: number[] })[] {
  const grounds = new Map<string, Ground & { appends: number[] }>();
  appends.forEach((append, n) => {
    for (const { stream, revision } of append.grounds) {
      const key = `${stream} ${String(revision)}`;
      const ground = grounds.get(key);
      if (ground) ground.appends.push(n + 1);
      else grounds.set(key, { stream, revision, appends: [n + 1] });
    }
  });
  return [...grounds.values()];
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
    if (streams.has(next.item.stream) || next.item.grounds.some(({ stream }) => streams.has(stream))) {
      rest.push(next);
      continue;
    }
    streams.add(next.item.stream);
    bytes += next.item.bytes;
    batch.push(next);
  }
  return { batch, rest: rest.concat(queue.slice(at)) };
}
