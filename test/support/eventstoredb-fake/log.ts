import { randomUUID } from 'node:crypto';

/** What a client asks to store. `data` and `metadata` are the bytes it sent. */
export interface ProposedEvent {
  /** Lower-case UUID. */
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** Revision of the event that a deleted stream ends in. */
export const DELETED = 2n ** 63n - 1n;

/** What a stream's metadata say of its events. */
interface Limits {
  $maxCount?: number;
  /** The first revision that readers of the stream see. */
  $tb?: number;
}

/** A stored event. Commit and prepare position are both `position`, as they are for every event written without a transaction. */
export interface LogRecord extends ProposedEvent {
  stream: string;
  /** 0 for a stream's first event; `DELETED` for the end of a deleted one. */
  revision: number | bigint;
  /** Where its record starts in the transaction file, in bytes. */
  position: number;
  /** 100-nanosecond ticks since 1970, as text. */
  created: string;
}

/** A real log opens with a record that no reader sees. */
const FIRST_POSITION = 232;
/** Frame, header, ids and lengths of a record: what it takes besides its names and its content. */
const RECORD_OVERHEAD = 92;

/** The transaction file, in memory: records in the order of their positions, and each stream's own. */
export class Log {
  readonly records: LogRecord[] = [];
  private readonly streams = new Map<string, LogRecord[]>();
  private readonly deleted = new Set<string>();
  private readonly storedIds = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  /** Where the next record starts. */
  end = FIRST_POSITION;

  /** Stores the events at the end of the stream, whatever its revision. Without events it does nothing. */
  append(stream: string, events: readonly ProposedEvent[]): void {
    let own = this.streams.get(stream);
    if (!own) this.streams.set(stream, (own = []));
    for (const event of events) own.push(this.write(stream, event, own.length));
    for (const listener of this.listeners) listener();
  }

  /** For good: the stream ends in an event of its own, and no reader or writer of the stream sees it any more. Who reads `$all` does. */
  tombstone(stream: string): LogRecord {
    const record = this.write(
      stream,
      {
        id: randomUUID(),
        type: '$streamDeleted',
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: new Uint8Array(),
      },
      DELETED,
    );
    this.deleted.add(stream);
    for (const listener of this.listeners) listener();
    return record;
  }

  /** The stream is hidden until somebody appends to it. Its events keep their places in `$all`. */
  softDelete(stream: string): LogRecord {
    return this.setMetadata(stream, { $tb: Number(DELETED) });
  }

  /** After an append to a hidden stream: readers see what is from here on. */
  showFrom(stream: string, revision: number): void {
    this.setMetadata(stream, { $tb: revision });
  }

  isTombstoned(stream: string): boolean {
    return this.deleted.has(stream);
  }

  isSoftDeleted(stream: string): boolean {
    return this.limitsOf(stream).$tb === Number(DELETED);
  }

  /** What readers of the stream see; undefined where there never was one, or it is hidden. */
  visible(stream: string): readonly LogRecord[] | undefined {
    const records = this.streams.get(stream);
    if (!records || this.isSoftDeleted(stream)) return undefined;
    const { $maxCount = Infinity, $tb = 0 } = this.limitsOf(stream);
    return records.slice(Math.max($tb, records.length - $maxCount, 0));
  }

  /**
   * Removes the last `count` records that clients stored, and what the server wrote among them, without telling
   * anybody.
   */
  setBack(count: number): void {
    for (let left = count; left > 0;) {
      const record = this.records.pop()!;
      if (!record.stream.startsWith('$')) left -= 1;
      this.streams.get(record.stream)!.pop();
      if (record.revision === 0) this.streams.delete(record.stream);
      this.storedIds.set(record.id, this.timesStored(record.id) - 1);
      this.end = record.position;
    }
  }

  /** Undefined for a stream that never had an event. */
  stream(name: string): readonly LogRecord[] | undefined {
    return this.streams.get(name);
  }

  /** -1 for a stream that never had an event. */
  lastRevision(stream: string): number {
    return (this.streams.get(stream)?.length ?? 0) - 1;
  }

  /** Position of the last record; -1 when there is none. */
  get head(): number {
    return this.records.at(-1)?.position ?? -1;
  }

  /** How many records carry this event id. */
  timesStored(eventId: string): number {
    return this.storedIds.get(eventId) ?? 0;
  }

  /** Index of the first record at or after the position; `records.length` when there is none. */
  indexAt(position: number): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private setMetadata(stream: string, limits: Limits): LogRecord {
    // The number is larger than JavaScript's.
    const data = JSON.stringify({ ...this.limitsOf(stream), ...limits }).replace(
      String(Number(DELETED)),
      String(DELETED),
    );
    this.append(`$$${stream}`, [
      {
        id: randomUUID(),
        type: '$metadata',
        contentType: 'application/json',
        data: Buffer.from(data),
        metadata: new Uint8Array(),
      },
    ]);
    return this.records.at(-1)!;
  }

  private limitsOf(stream: string): Limits {
    const metadata = stream.startsWith('$$') ? undefined : this.streams.get(`$$${stream}`)?.at(-1);
    return metadata ? (JSON.parse(Buffer.from(metadata.data).toString('utf8')) as Limits) : {};
  }

  private write(stream: string, event: ProposedEvent, revision: number | bigint): LogRecord {
    const record = { ...event, stream, revision, position: this.end, created: String(BigInt(Date.now()) * 10_000n) };
    this.records.push(record);
    this.storedIds.set(event.id, this.timesStored(event.id) + 1);
    this.end +=
      RECORD_OVERHEAD +
      Buffer.byteLength(stream) +
      Buffer.byteLength(event.type) +
      event.data.length +
      event.metadata.length;
    return record;
  }

  /** Calls after each append. @returns what ends it */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
