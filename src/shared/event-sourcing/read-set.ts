import { revisionOf, type StoredEvent, type StreamRevision } from './event-store.js';

/** Where streams are read: a store, or a read set over one. Histories are shared, and not to be changed. */
export interface StreamSource {
  read(stream: string): Promise<readonly StoredEvent[]>;
  /** Every asked name is a key. @throws EventStoreUnavailable */
  readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>>;
}

/**
 * The streams that one attempt at a command is authorised and decided on. What it stores is appended only if they are where this attempt read them.
 * A stream is read once: an attempt sees one state of it.
 */
export class ReadSet implements StreamSource {
  private readonly histories = new Map<string, readonly StoredEvent[]>();
  private confirmed = 0;

  constructor(private readonly source: Pick<StreamSource, 'readMany'>) {}

  async read(stream: string): Promise<readonly StoredEvent[]> {
    return (await this.readMany([stream])).get(stream) ?? [];
  }

  async readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const unknown = streams.filter((stream) => !this.histories.has(stream));
    if (unknown.length > 0) {
      for (const [stream, history] of await this.source.readMany(unknown))
        if (!this.histories.has(stream)) this.histories.set(stream, history);
    }
    return new Map(streams.map((stream) => [stream, this.histories.get(stream) ?? []]));
  }

  /** The history of a stream that was read; undefined where it was not. */
  known(stream: string): readonly StoredEvent[] | undefined {
    return this.histories.get(stream);
  }

  /** What an append is conditional on. */
  get revisions(): StreamRevision[] {
    return [...this.histories].map(([stream, history]) => ({ stream, revision: revisionOf(history) }));
  }

  /** An append was stored on the first `count` of them: so far they were true. */
  confirm(count: number): void {
    this.confirmed = Math.max(this.confirmed, count);
  }

  /** Whether an append was stored on everything that was read. */
  get isConfirmed(): boolean {
    return this.confirmed === this.histories.size;
  }
}
