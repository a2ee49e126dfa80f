import type { Log, LogRecord, ProposedEvent } from './log.js';

/** The revision that an append expects. A number is the revision of the stream's last event. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

export type AppendResult =
  /** `last` is undefined for an append without events. */
  | { ok: true; repeated: boolean; last: LogRecord | undefined }
  | { ok: false; /** -1 without a stream. */ current: number; deleted?: true };

/** About the number of recent event ids that the server's bounded cache holds. */
const REMEMBERED_IDS = 60_000;

/**
 * Decides as EventStoreDB's index writer whether an append is stored, is a repetition, or has a wrong revision.
 * For an exact revision the event ids stored there decide, for `any` and `stream_exists` the cached ids.
 */
export class AppendRules {
  private readonly log: Log;
  private readonly recent = new Map<string, LogRecord>();

  constructor(log: Log) {
    this.log = log;
  }

  append(stream: string, expected: ExpectedRevision, events: readonly ProposedEvent[]): AppendResult {
    if (this.log.isTombstoned(stream)) return { ok: false, current: -1, deleted: true };
    const current = this.log.lastRevision(stream);
    const result = this.appendTo(stream, current, expected, events);
    // Readers of a hidden stream see the new events, and none from before.
    if (result.ok && !result.repeated && result.last && this.log.isSoftDeleted(stream))
      this.log.showFrom(stream, current + 1);
    return result;
  }

  /** Empties the cache of recent ids, as a restart or much traffic does. `any` then recognises no repetition. */
  forgetRecentIds(): void {
    this.recent.clear();
  }

  private appendTo(
    stream: string,
    current: number,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): AppendResult {
    const wrong: AppendResult = { ok: false, current };
    if (expected === 'stream_exists' && current < 0 && this.log.lastRevision(`$$${stream}`) < 0) return wrong;
    if (expected === 'any' || expected === 'stream_exists') {
      const known = events.map((event) => this.recentIn(stream, event.id));
      if (known[0] === undefined) return this.store(stream, events);
      return known.includes(undefined) ? wrong : { ok: true, repeated: true, last: known.at(-1) };
    }
    const revision = expected === 'no_stream' ? -1 : expected;
    if (revision === current) return this.store(stream, events);
    if (revision > current || events.length === 0) return wrong;
    const there = this.log.stream(stream)!.slice(revision + 1, revision + 1 + events.length);
    const same = there.length === events.length && there.every((record, n) => record.id === events[n]!.id);
    if (same) return { ok: true, repeated: true, last: there.at(-1) };
    return expected === 'no_stream' && this.log.isSoftDeleted(stream) ? this.store(stream, events) : wrong;
  }

  private recentIn(stream: string, eventId: string): LogRecord | undefined {
    const record = this.recent.get(eventId);
    return record?.stream === stream ? record : undefined;
  }

  private store(stream: string, events: readonly ProposedEvent[]): AppendResult {
    if (events.length === 0) return { ok: true, repeated: false, last: undefined };
    this.log.append(stream, events);
    const stored = this.log.stream(stream)!.slice(-events.length);
    for (const record of stored) this.remember(record);
    return { ok: true, repeated: false, last: stored.at(-1) };
  }

  private remember(record: LogRecord): void {
    this.recent.set(record.id, record);
    if (this.recent.size <= REMEMBERED_IDS) return;
    const [oldest] = this.recent.keys();
    this.recent.delete(oldest!);
  }
}
