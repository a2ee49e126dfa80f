import { CATEGORIES } from '../event-sourcing/categories.js';
import type { EventStore, Place, Position } from '../event-sourcing/event-store.js';

/** What applies events in order, and how far it is. */
export interface Follower {
  name: string;
  /** Everything up to here is applied; null at the very beginning. */
  position: Position | null;
  /** There is nothing of its events between `position` and here. */
  seenUpTo?: Place | null;
  /** The only types that it looks at; absent: it moves over all. */
  types?: readonly string[];
}

/** How far followers are behind. Looks forwards from where they are, never back from the log's end: that would pass what others store in the same log. */
export class Lags {
  /** By follower's position and types: there is nothing of its events from there up to here. */
  private lookedUpTo = new Map<string, Position>();

  constructor(private readonly store: Pick<EventStore, 'lookAhead'>) {}

  /**
   * Seconds since the oldest event was recorded that each has not applied; 0: none. Null: it isn't known yet, a later look goes on.
   * @throws EventStoreUnavailable; RangeError for a position of another store
   */
  async of(followers: readonly Follower[]): Promise<Map<string, number | null>> {
    const before = this.lookedUpTo;
    const lookedUpTo = new Map<string, Position>();
    // Of places that nobody is at any more nothing is kept, and nothing where a look fails: the log may have been set back.
    this.lookedUpTo = lookedUpTo;
    const byPlace = Map.groupBy(followers, ({ position, types }) => JSON.stringify([position, types]));
    const lags = await Promise.all(
      [...byPlace].map(async ([place, together]) => {
        const [first] = together;
        if (!first) return [];
        const seenUpTo = together.find((one) => one.seenUpTo)?.seenUpTo;
        const {
          recordedAt,
          lookedUpTo: end,
          isEnd,
        } = await this.store.lookAhead({
          after: before.get(place) ?? first.position,
          seenUpTo,
          categories: CATEGORIES,
          types: first.types,
        });
        if (recordedAt === null && end !== null) lookedUpTo.set(place, end);
        const seconds =
          recordedAt !== null ? Math.max(0, (Date.now() - Date.parse(recordedAt)) / 1000) : isEnd ? 0 : null;
        return together.map(({ name }) => [name, seconds] as const);
      }),
    );
    return new Map(lags.flat());
  }
}
