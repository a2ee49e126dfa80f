/** What a client asks to store. `data` and `metadata` are the bytes it sent. */
export interface ProposedEvent {
  /** Lower-case UUID. */
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

/** A stored event. Commit and prepare position are both `position`, as they are for every event written without a transaction. */
export interface LogRecord extends ProposedEvent {
  stream: string;
  /** 0 for a stream's first event. */
  revision: number;
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
  private readonly storedIds = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private end = FIRST_POSITION;

  /** Stores the events at the end of the stream, whatever its revision. Quiet for none. */
  append(stream: string, events: readonly ProposedEvent[]): void {
    let own = this.streams.get(stream);
    if (!own) this.streams.set(stream, (own = []));
    const created = String(BigInt(Date.now()) * 10_000n);
    for (const event of events) {
      const record = { ...event, stream, revision: own.length, position: this.end, created };
      own.push(record);
      this.records.push(record);
      this.storedIds.set(event.id, this.timesStored(event.id) + 1);
      this.end += RECORD_OVERHEAD + Buffer.byteLength(stream) + Buffer.byteLength(event.type) + event.data.length + event.metadata.length;
    }
    for (const listener of this.listeners) listener();
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

  /** Calls after each append. @returns what ends it */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }
}
