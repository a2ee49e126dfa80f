import { revisionOf, type StoredEvent, type StreamRevision } from './event-store.js';

/** A source of streams: a store, or a read set over one. Histories are shared and must not be changed. */
export interface StreamSource {
  read(stream: string): Promise<readonly StoredEvent[]>;
  /**
   * Reads streams; every requested name is a key.
   * @throws EventStoreUnavailable
   */
  readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>>;
}

/**
 * The streams that one attempt at a command is authorised and decided on. Its append condition is that they haven't
 * moved since.
 * Each stream is read once, so an attempt sees one state of it.
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

  /** Returns the history of a stream that was read; undefined for any other. */
  known(stream: string): readonly StoredEvent[] | undefined {
    return this.histories.get(stream);
  }

  /** The append condition. */
  get revisions(): StreamRevision[] {
    return [...this.histories].map(([stream, history]) => ({ stream, revision: revisionOf(history) }));
  }

  /** Records that an append on the first `count` streams was stored, which confirms them. */
  confirm(count: number): void {
    this.confirmed = Math.max(this.confirmed, count);
  }

  /** Tells whether a stored append has confirmed everything that was read. */
  get isConfirmed(): boolean {
    return this.confirmed === this.histories.size;
  }
}

/** The stream that the request's work means has another revision than the work was made for. */
export class StreamMoved extends Error {
  override readonly name = 'StreamMoved';
}

/** A stream of the read set has moved since it was read, so the caller must authorise and decide again. */
export class AppendConditionFailed extends Error {
  override readonly name = 'AppendConditionFailed';
}
