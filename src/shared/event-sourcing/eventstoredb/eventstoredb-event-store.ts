import { EventChecks } from '../event-checks.js';
import {
  EventStore,
  revisionOf,
  type Ahead,
  type Append,
  type AppendOutcome,
  type EventMetadata,
  type Found,
  type From,
  type History,
  type Position,
  type RecordedEvent,
  type StoredEvent,
  type Subscription,
  type Wanted,
} from '../event-store.js';
import type { KeepsCompanionRows, CompanionRow } from '../companion-rows.js';
import { serialise, type SerialisedAppend } from '../serialised-append.js';
import { Appender } from './appender.js';
import { Connection } from './connection.js';
import { follow } from './follow.js';
import { Gaps } from './gaps.js';
import { Head } from './head.js';
import { compareLogPositions, parsePosition, positionText } from './log-position.js';
import { LogReader } from './log-reader.js';
import { Outlook } from './outlook.js';
import { StreamReader } from './stream-reader.js';

/**
 * The log in EventStoreDB or KurrentDB, 22.10 or newer. A position is `C:<commit>/P:<prepare>`, a position in `$all`.
 */
export class EventStoreDbEventStore extends EventStore {
  override readonly supportsAppendConditions = false;
  private readonly connection: Connection;
  private readonly reader: StreamReader;
  private readonly appender: Appender;
  private readonly logReader: LogReader;
  private readonly gaps = new Gaps();
  private readonly logHead: Head;
  private readonly outlook: Outlook;
  private readonly closing = new AbortController();
  private readonly appending = new Set<Promise<unknown>>();
  private readonly people: KeepsCompanionRows | undefined;
  private readonly silentMs: number;

  /**
   * Connects at the first use.
   * @param people stores companion rows
   * @param silentMs milliseconds without a message after which the store checks a subscription
   */
  constructor(
    url: string,
    {
      people,
      checks = new EventChecks(),
      silentMs = 5_000,
    }: { people?: KeepsCompanionRows | undefined; checks?: EventChecks; silentMs?: number } = {},
  ) {
    super(checks);
    this.people = people;
    this.connection = Connection.to(url);
    this.reader = new StreamReader(this.connection.client, this.checks);
    this.appender = new Appender(this.connection, this.reader);
    this.logReader = new LogReader(this.connection);
    this.logHead = new Head(this.logReader, this.gaps);
    this.outlook = new Outlook(this.logReader, this.gaps);
    this.silentMs = silentMs;
  }

  /**
   * @throws TypeError when two appends name one stream, or an append is empty. When one append is refused, nothing is
   * stored
   */
  override async appendMany(appends: readonly Append[]): Promise<AppendOutcome[]> {
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length)
      throw new TypeError('streams in one call are distinct');
    const appending = this.appendAll(appends.map(serialise));
    this.appending.add(appending);
    try {
      return await appending;
    } finally {
      this.appending.delete(appending);
    }
  }

  private async appendAll(serialised: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    const { failed, stored } = await this.whereConditionsFail(serialised);
    const outcomes = await this.writeAll(
      serialised
        .filter((append) => !failed.has(append))
        .map((append) => (stored.has(append) ? { ...append, companionRow: undefined } : append)),
    );
    return serialised.map((append) =>
      failed.has(append)
        ? { ok: false, actualRevision: append.expectedRevision, conditionFailed: true }
        : (outcomes.shift() as AppendOutcome),
    );
  }

  /**
   * Finds the appends whose condition doesn't hold. It reads their streams right before the append, because the server
   * has no conditions on other streams.
   * An append that is stored already was sent before and lost its response. It is sent again without its companion row,
   * which is stored too, and the server responds as before.
   */
  private async whereConditionsFail(
    appends: readonly SerialisedAppend[],
  ): Promise<Record<'failed' | 'stored', Set<SerialisedAppend>>> {
    const conditions = appends.flatMap(({ onlyIf }) => onlyIf.map(({ stream }) => stream));
    const now = conditions.length === 0 ? new Map<string, History>() : await this.readMany(conditions);
    const broken = appends.filter(({ onlyIf }) =>
      onlyIf.some(({ stream, revision }) => revisionOf(now.get(stream)) !== revision),
    );
    const own =
      broken.length === 0 ? new Map<string, History>() : await this.readMany(broken.map(({ stream }) => stream));
    const isStored = ({ stream, expectedRevision, events }: SerialisedAppend): boolean =>
      own.get(stream)?.find(({ revision }) => revision === expectedRevision + 1)?.id === events[0]?.id;
    return { failed: new Set(broken.filter((append) => !isStored(append))), stored: new Set(broken.filter(isStored)) };
  }

  private async writeAll(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    const companionRows = appends.flatMap(({ companionRow }) => companionRow ?? []);
    return companionRows.length === 0 ? this.appender.write(appends) : this.writeAfter(companionRows, appends);
  }

  /**
   * Stores companion rows first, because they are in another database. Skips appends whose row is known under another
   * id.
   */
  private async writeAfter(
    companionRows: readonly CompanionRow[],
    appends: readonly SerialisedAppend[],
  ): Promise<AppendOutcome[]> {
    if (!this.people) throw new TypeError('companion rows have no store here');
    const isOurs = await this.people.record(companionRows);
    const known = new Set(companionRows.filter((_, n) => !isOurs[n]));
    const isKnown = ({ companionRow }: SerialisedAppend): boolean =>
      companionRow !== undefined && known.has(companionRow);
    const outcomes = await this.appender.write(appends.filter((append) => !isKnown(append)));
    return appends.map((append) =>
      isKnown(append)
        ? { ok: false, actualRevision: append.expectedRevision, isKnown: true }
        : (outcomes.shift() as AppendOutcome),
    );
  }

  /**
   * Imports one event after the other, because only this fixes their order.
   * The metadata carry the time in a field that reading removes again.
   */
  override async importMany(events: readonly RecordedEvent[]): Promise<void> {
    for (const { stream, revision, recordedAt, metadata, ...event } of events) {
      const dated: EventMetadata & { recordedAt: string } = { ...metadata, recordedAt };
      await this.append({ stream, expectedRevision: revision - 1, events: [{ ...event, metadata: dated }] });
    }
  }

  override async readMany(streams: readonly string[]): Promise<Map<string, History>> {
    const names = [...new Set(streams)];
    const histories = await Promise.all(names.map((stream) => this.reader.read(stream)));
    return new Map(names.map((stream, n) => [stream, histories[n] ?? []]));
  }

  override subscribe(subscription: Subscription): AsyncIterable<StoredEvent[]> {
    if (subscription.after !== null) parsePosition(subscription.after);
    if (!(subscription.maxBatch >= 1)) throw new RangeError('a batch holds at least one event');
    const signal = AbortSignal.any([subscription.signal, this.closing.signal]);
    return follow(
      {
        client: this.connection.client,
        reader: this.logReader,
        gaps: this.gaps,
        checks: this.checks,
        silentMs: this.silentMs,
      },
      { ...subscription, signal },
    );
  }

  override async head(
    categories: readonly string[],
    { from, withForeign = false }: { from?: From | undefined; withForeign?: boolean } = {},
  ): Promise<Position | null> {
    const position = await (withForeign ? this.logHead.ofAnybody(categories) : this.logHead.of(categories, from));
    return position ? positionText(position) : null;
  }

  override async lookAt(position: Position): Promise<Found> {
    return this.logReader.at(parsePosition(position));
  }

  override async lookAhead(wanted: Wanted): Promise<Ahead> {
    return this.outlook.lookAhead(wanted);
  }

  override async ping(): Promise<void> {
    await this.logReader.end();
  }

  override comparePositions(a: Position, b: Position): number {
    return compareLogPositions(parsePosition(a), parsePosition(b));
  }

  /** Ends the subscriptions, waits for the outcomes of calls in progress, and releases the connection. */
  override async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.appending);
    await Promise.all([this.appender.close(), this.reader.whenIdle(), this.logReader.close()]);
    await this.connection.release();
  }
}
