import type { Subscription } from '../event-store.js';
import { isOurs, type LoggedEvent } from '../foreign.js';
import { LogEndsBefore } from './failures.js';
import type { Gaps } from './gaps.js';
import { LogDiffers } from './log-differs.js';
import { isAfter, parsePosition, positionText, type LogPosition } from './log-position.js';
import { prefixesOf, type LogReader, type LogRecord } from './log-reader.js';

/** How far a subscription has got: the last event that it handed out, and somebody else's beyond it up to which there is none of its own. */
export class Passage {
  /** Of its categories. */
  last: LogPosition | undefined;
  /** Unknown until it has handed one out. */
  private lastId: string | undefined;
  /** The last of the product's own; unknown where only some types are followed, until one was seen. */
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

  /** Where the next subscription begins. Server and client would say nothing about a place that the log doesn't have. @throws LogEndsBefore, LogDiffers, EventStoreUnavailable */
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

  /** These events are handed out, others' among them. */
  hand(events: readonly LoggedEvent[]): void {
    const [last, lastOwn] = [events.at(-1), events.findLast(isOurs)];
    if (!last) return;
    this.last = parsePosition(last.position);
    this.lastId = last.id;
    this.passed = undefined;
    if (lastOwn) this.lastOwn = { position: parsePosition(lastOwn.position) };
    this.learn(this.last);
  }

  /** The server says that it has looked so far, and everything that it sent before is handed out. */
  async noteUpTo(told: LogPosition): Promise<void> {
    // Whether the place itself was looked at doesn't matter where the event there is somebody else's.
    const [next] = (await this.reader.from(told, null, 1)) ?? [];
    const place = next ?? (await this.reader.end());
    if (place && !this.isWanted(place) && (next || !isAfter(place.position, told))) await this.note(place);
  }

  /** Whether there is something that should have come long ago. Looks only at what came since the last such look. @throws EventStoreUnavailable, LogDiffers */
  async isBehind(): Promise<boolean> {
    const from = this.passed?.position ?? this.last;
    const end = await this.reader.end();
    if (!end || !isAfter(end.position, from)) return false;
    // A reading begins with the event at its position.
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
