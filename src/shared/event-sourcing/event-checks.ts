import { Logger } from '@nestjs/common';
import { StreamIncomplete, StreamUnreadable } from './broken-streams.js';
import { Continuity } from './continuity.js';
import { NO_SHAPES, saysWhatItsTypeSays, type EventShapes } from './event-shapes.js';
import { RegistrationFailed } from '../registration/registration-failed.js';
import type { Append, History, StoredEvent, Subscription } from './event-store.js';
import { isOurs, isOwnStream, withoutContent, type LoggedEvent } from './foreign.js';
import { StreamId } from './stream-id.js';

type Broken = Pick<LoggedEvent, 'stream'> & Partial<Pick<LoggedEvent, 'id' | 'revision'>>;

/** Most log lines of one kind in a process, because other products may store any number of types. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 100;

/**
 * Checks the events of a log: skips those of other products and refuses broken streams. Each problem is logged once,
 * and the log names no stream and no content.
 * Events of others are logged by type, unreadable events by id. Incomplete streams are logged by stream when read and
 * by category when followed.
 */
export class EventChecks {
  private readonly logger = new Logger('Events');
  private readonly logged = {
    foreign: new Set<string>(),
    incomplete: new Set<string>(),
    followed: new Set<string>(),
    unreadable: new Set<string>(),
  };
  private passedOver = 0;

  constructor(private readonly shapes: EventShapes = NO_SHAPES) {}

  /** The categories of the product's streams. */
  get categories(): readonly string[] {
    return this.shapes.categories;
  }

  /**
   * Refuses events that no module declares: they would be stored, and no follower would get them.
   * Without shapes nothing is checked. @throws RegistrationFailed
   */
  mustBeDeclared({ stream, events }: Pick<Append, 'stream' | 'events'>): void {
    const { categories, types } = this.shapes;
    if (Object.keys(types).length === 0) return;
    const unknown = events.find(({ type }) => !Object.hasOwn(types, type));
    if (unknown) throw new RegistrationFailed(`no module declares the event type ${unknown.type}`);
    if (!categories.includes(StreamId.parse(stream).category))
      throw new RegistrationFailed(`no module declares the stream category ${StreamId.parse(stream).category}`);
  }

  /** Counts the events of other products that followers have skipped in this process. */
  get foreignEvents(): number {
    return this.passedOver;
  }

  /**
   * Returns the product's events of a whole stream, in order.
   * @throws StreamIncomplete, StreamUnreadable
   */
  history(events: readonly LoggedEvent[]): History {
    const gap = events.find(({ revision }, n) => revision !== n);
    if (gap) throw this.incomplete(gap);
    const ours: StoredEvent[] = [];
    for (const event of events) {
      if (!isOurs(event)) this.logForeign(event);
      else {
        this.refuseUnreadable(event);
        ours.push(event);
      }
    }
    const revision = events.length - 1;
    return (ours.at(-1)?.revision ?? -1) === revision ? ours : Object.assign(ours, { revision });
  }

  /** @throws StreamUnreadable when the event doesn't have the fields of its type */
  refuseUnreadable(event: StoredEvent): void {
    if (saysWhatItsTypeSays(this.shapes, event)) return;
    const { id: eventId, revision } = event;
    if (this.isNews('unreadable', eventId)) {
      this.logger.error({
        category: StreamId.parse(event.stream).category,
        revision,
        eventId,
        msg: 'an event does not say what its type says',
      });
    }
    throw new StreamUnreadable();
  }

  /** Returns a function that picks the product's events from what one follower receives. */
  follower({
    after,
    types,
    withForeign = false,
  }: Pick<Subscription, 'after' | 'types' | 'withForeign'>): (events: readonly LoggedEvent[]) => StoredEvent[] {
    const continuity = types ? null : new Continuity(after === null);
    return (events) =>
      events.flatMap((event) => {
        // Streams of other products may lack events.
        if (isOwnStream(event.stream) && continuity?.follows(event) === false)
          this.logIncomplete('followed', StreamId.parse(event.stream).category, event);
        if (isOurs(event)) return types && !types.includes(event.type) ? [] : [event];
        if (withForeign) return [withoutContent(event)];
        // Followers of a few types see the same events as the others, which count them.
        if (!types) this.passedOver += 1;
        this.logForeign(event);
        return [];
      });
  }

  /** @param event the first event after the gap; only its stream is set when there is none */
  incomplete(event: Broken): StreamIncomplete {
    this.logIncomplete('incomplete', event.stream, event);
    return new StreamIncomplete();
  }

  private logIncomplete(kind: 'incomplete' | 'followed', key: string, event: Broken): void {
    const { id: eventId, revision } = event;
    if (this.isNews(kind, key))
      this.logger.error({
        category: StreamId.parse(event.stream).category,
        revision,
        eventId,
        msg: 'a stream lacks events: nothing is decided on it',
      });
  }

  private logForeign({ type }: LoggedEvent): void {
    const shown = type.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, MOST_CHARACTERS);
    if (this.isNews('foreign', shown))
      this.logger.warn({ type: shown, msg: 'events of somebody else in the log are passed over' });
  }

  private isNews(kind: keyof typeof this.logged, key: string): boolean {
    const logged = this.logged[kind];
    if (logged.has(key) || logged.size >= MOST_LINES) return false;
    logged.add(key);
    return true;
  }
}
