import type { Subscription } from '../event-store.js';
import { isOurs, type LoggedEvent } from '../event-checks.js';
import { LogEndsBefore } from './failures.js';
import type { Gaps } from './gaps.js';
import { LogDiffers } from './log-differs.js';
import { isAfter, parsePosition, positionText, type LogPosition } from './log-position.js';
import { prefixesOf, type LogReader, type LogRecord } from './log-reader.js';

/**
 * Tracks a subscription's position: the last event that it delivered, and a foreign event after it up to which there is
 * nothing to deliver.
 */
export class Passage {
  /** The last delivered event of the subscription's categories. */
  last: LogPosition | undefined;
  /** Undefined until an event was delivered. */
  private lastId: string | undefined;
  /**
   * The product's own last event. Undefined while the subscription follows certain types only and has seen no event.
   */
  private lastOwn: { position: LogPosition | undefined } | undefined;
  private passed: Pick<LogRecord, 'id' | 'position'> | undefined;

  constructor(
    private readonly reader: LogReader,
    private readonly gaps: Gaps,
    private readonly subscription: Subscription,
  ) {
    const { after, seenUpTo, types } = subscription;
    this.last = after === null ? undefined : parsePosition(after);
    if (seenUpTo) this.passed = { id: seenUpTo.eventId, position: parsePosition(seenUpTo.position) };
    if (!types) this.lastOwn = { position: this.last };
  }

  /**
   * Returns where the next subscription begins. Checks that the log has this position, because server and client don't
   * report a missing one.
   * @throws LogEndsBefore, LogDiffers, EventStoreUnavailable
   */
  async begin(): Promise<LogPosition | undefined> {
    if (this.passed) {
      if ((await this.reader.at(this.passed.position)).eventId === this.passed.id) return this.passed.position;
      this.passed = undefined;
      this.gaps.forget();
    }
    if (!this.last) return undefined;
    const { eventId, isBeyondEnd } = await this.reader.at(this.last);
    const differs = eventId === null || (this.lastId !== undefined && this.lastId !== eventId);
    if (differs) this.gaps.forget();
    if (isBeyondEnd) throw new LogEndsBefore(positionText(this.last));
    if (differs) throw new LogDiffers();
    return this.last;
  }

  /** Records that the subscription has delivered these events, foreign ones included. */
  hand(events: readonly LoggedEvent[]): void {
    const [last, lastOwn] = [events.at(-1), events.findLast(isOurs)];
    if (!last) return;
    this.last = parsePosition(last.position);
    this.lastId = last.id;
    this.passed = undefined;
    if (lastOwn) this.lastOwn = { position: parsePosition(lastOwn.position) };
    this.learn(this.last);
  }

  /**
   * Records that the server has searched up to this position, and that the subscription has delivered everything before
   * it.
   */
  async noteUpTo(searchedUpTo: LogPosition): Promise<void> {
    // A foreign event at this position is safe to note, whether or not the server has searched it.
    const [next] = (await this.reader.from(searchedUpTo, null, 1)) ?? [];
    const place = next ?? (await this.reader.end());
    if (place && !this.isWanted(place) && (next || !isAfter(place.position, searchedUpTo))) await this.note(place);
  }

  /**
   * Tells whether an event is overdue. Searches only what the log got since the last check.
   * @throws EventStoreUnavailable, LogDiffers
   */
  async isBehind(): Promise<boolean> {
    const from = this.passed?.position ?? this.last;
    const end = await this.reader.end();
    if (!end || !isAfter(end.position, from)) return false;
    // A read begins with the event at its position.
    const records = await this.reader.from(from, this.subscription.categories, 2);
    if (records === null) throw new LogDiffers();
    if (records.some(({ position }) => isAfter(position, from))) return true;
    await this.note(end);
    return false;
  }

  private async note(place: LogRecord): Promise<void> {
    if (!isAfter(place.position, this.passed?.position ?? this.last)) return;
    this.passed = place;
    this.learn(place.position);
    await this.subscription.onPassed?.({ position: positionText(place.position), eventId: place.id });
  }

  private learn(upTo: LogPosition): void {
    if (this.lastOwn) this.gaps.learn(this.subscription.categories, { last: this.lastOwn.position, upTo });
  }

  private isWanted({ stream }: LogRecord): boolean {
    return prefixesOf(this.subscription.categories).some((prefix) => stream.startsWith(prefix));
  }
}
