import { randomUUID } from 'node:crypto';

/** An event that a client asks to store. `data` and `metadata` are the bytes that it sent. */
export interface ProposedEvent {
  /** Lower-case UUID. */
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** The revision of the last event of a deleted stream. */
export const DELETED = 2n ** 63n - 1n;

/** The limits in a stream's metadata. */
interface Limits {
  $maxCount?: number;
  /** The first revision that readers of the stream see. */
  $tb?: number;
}

/** A stored event. Commit and prepare position are both `position`, as for every event outside a transaction. */
export interface LogRecord extends ProposedEvent {
  stream: string;
  /** 0 for a stream's first event, `DELETED` for the end of a deleted stream. */
  revision: number | bigint;
  /** The start of its record in the transaction file, in bytes. */
  position: number;
  /** 100-nanosecond ticks since 1970, as text. */
  created: string;
}

/** The first position in bytes, because a real log begins with a record that no reader sees. */
const FIRST_POSITION = 232;
/** The bytes of a record besides its names and its content: frame, header, ids and lengths. */
const RECORD_OVERHEAD = 92;

/** The transaction file, in memory: all records in the order of their positions, and the records of each stream. */
export class Log {
  readonly records: LogRecord[] = [];
  private readonly streams = new Map<string, LogRecord[]>();
  private readonly deleted = new Set<string>();
  private readonly storedIds = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  /** The start of the next record, in bytes. */
  end = FIRST_POSITION;

  /** Stores events at the end of the stream, without checking its revision. */
  append(stream: string, events: readonly ProposedEvent[]): void {
    let own = this.streams.get(stream);
    if (!own) this.streams.set(stream, (own = []));
    for (const event of events) own.push(this.write(stream, event, own.length));
    for (const listener of this.listeners) listener();
  }

  /** Deletes the stream permanently, for its readers and writers. Its events stay in `$all`, with one about its end. */
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

  /** Hides the stream until the next append to it. Its events stay in `$all`. */
  softDelete(stream: string): LogRecord {
    return this.setMetadata(stream, { $tb: Number(DELETED) });
  }

  /** Shows a hidden stream from this revision on, after an append to it. */
  showFrom(stream: string, revision: number): void {
    this.setMetadata(stream, { $tb: revision });
  }

  isTombstoned(stream: string): boolean {
    return this.deleted.has(stream);
  }

  isSoftDeleted(stream: string): boolean {
    return this.limitsOf(stream).$tb === Number(DELETED);
  }

  /** The records that readers of the stream see. Undefined if it never existed or is hidden. */
  visible(stream: string): readonly LogRecord[] | undefined {
    const records = this.streams.get(stream);
    if (!records || this.isSoftDeleted(stream)) return undefined;
    const { $maxCount = Infinity, $tb = 0 } = this.limitsOf(stream);
    return records.slice(Math.max($tb, records.length - $maxCount, 0));
  }

  /**
   * Removes the last `count` records of clients and the server's records among them, without a notification.
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

  /** The records of a stream. Undefined if it never had an event. */
  stream(name: string): readonly LogRecord[] | undefined {
    return this.streams.get(name);
  }

  /** The revision of a stream's last event. -1 if it never had one. */
  lastRevision(stream: string): number {
    return (this.streams.get(stream)?.length ?? 0) - 1;
  }

  /** The position of the last record. -1 without records. */
  get head(): number {
    return this.records.at(-1)?.position ?? -1;
  }

  /** The number of records with this event id. */
  timesStored(eventId: string): number {
    return this.storedIds.get(eventId) ?? 0;
  }

  /** The index of the first record at or after the position. `records.length` without one. */
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
    // The number goes into the text as text, because it is larger than JavaScript's safe integers.
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

  /** Calls the listener after each append. @returns a function that removes the listener */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
