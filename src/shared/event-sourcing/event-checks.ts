import { Logger } from '@nestjs/common';
import { StreamIncomplete, StreamUnreadable } from './broken-streams.js';
import { type EventShapes, isObject, NO_SHAPES, saysWhatItsTypeSays } from './event-shapes.js';
import { RegistrationFailed } from '../registration/registration-failed.js';
import type { Append, EventMetadata, History, StoredEvent, Subscription } from './event-store.js';
import { StreamId } from './stream-id.js';

/** An event as the log holds it, whichever product stored it. Data that isn't JSON is undefined. */
export type LoggedEvent = Omit<StoredEvent, 'data' | 'metadata'> & { data: unknown; metadata: unknown };

/** The event type that exports and imports give to foreign events. */
export const FOREIGN = 'Foreign';

const OWN_STREAM = /^[A-Za-z0-9]+-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Tells whether this product stored the event, in any version: JSON with its metadata in a stream `<category>-<uuid>`.
 * The caller must have checked the category.
 */
export function isOurs(event: LoggedEvent): event is StoredEvent {
  // Types with $ are the server's own, and links are among them.
  return (
    isOwnStream(event.stream) && isObject(event.data) && isOurMetadata(event.metadata) && !event.type.startsWith('$')
  );
}

/** Tells whether this product may have events in a stream of this name. */
export function isOwnStream(stream: string): boolean {
  return OWN_STREAM.test(stream);
}

/** Removes the content of a foreign event, because exports only say that it exists. */
export function withoutContent({ id, stream, revision, position, recordedAt }: LoggedEvent): StoredEvent {
  return { id, type: FOREIGN, stream, revision, position, recordedAt, data: {}, metadata: {} as EventMetadata };
}

function isOurMetadata(metadata: unknown): boolean {
  if (!isObject(metadata)) return false;
  const { actor, scope, commandId, schemaVersion } = metadata;
  return (
    typeof actor === 'string' && isObject(scope) && typeof commandId === 'string' && typeof schemaVersion === 'number'
  );
}

type Broken = Pick<LoggedEvent, 'stream'> & Partial<Pick<LoggedEvent, 'id' | 'revision'>>;

/** Limits the log lines of one kind in a process, because other products may store any number of types. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 100;

/**
 * Checks the events of a log: skips those of other products and refuses broken streams. It logs each problem once,
 * without names of streams and without content.
 * It logs foreign events once per type, and unreadable events once per id. It logs incomplete streams once per stream
 * when they are read, and once per category when they are followed.
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
   * Refuses events that no module declares, because the store would keep them and no follower would get them. Checks
   * nothing without shapes.
   * @throws RegistrationFailed
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
    countsForeign = true,
  }: Pick<Subscription, 'after' | 'types' | 'withForeign' | 'countsForeign'>): (
    events: readonly LoggedEvent[],
  ) => StoredEvent[] {
    const continuity = types ? null : new Continuity(after === null);
    return (events) =>
      events.flatMap((event) => {
        // Streams of other products may lack events.
        if (isOwnStream(event.stream) && continuity?.follows(event) === false)
          this.logIncomplete('followed', StreamId.parse(event.stream).category, event);
        if (isOurs(event)) return types && !types.includes(event.type) ? [] : [event];
        if (withForeign) return [withoutContent(event)];
        // Only followers of all types count, because followers of a few types see the same events again.
        if (!types && countsForeign) this.passedOver += 1;
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

/** About 2 MB of memory. */
const MOST_STREAMS = 10_000;

/**
 * Tells a follower of whole streams where a stream lacks an event. It knows the streams it has seen, or the latest ones
 * when they are many.
 */
export class Continuity {
  private readonly revisions = new Map<string, number>();

  /** @param sawAll true when it follows from the log's beginning, so each stream must begin with its first event */
  constructor(private sawAll: boolean) {}

  /** @returns false where the stream's previous event is missing */
  follows({ stream, revision }: LoggedEvent): boolean {
    const before = this.revisions.get(stream) ?? (this.sawAll ? -1 : revision - 1);
    if (this.revisions.size >= MOST_STREAMS && !this.revisions.has(stream)) {
      this.revisions.clear();
      this.sawAll = false;
    }
    this.revisions.set(stream, revision);
    return revision === before + 1;
  }
}
