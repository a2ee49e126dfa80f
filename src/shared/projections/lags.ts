import type { EventStore, Place, Position } from '../event-sourcing/event-store.js';

/** A follower that applies events in order, and its progress. */
export interface Follower {
  name: string;
  /** Everything up to here is applied; null at the very beginning. */
  position: Position | null;
  /** No event for this follower stands between `position` and here. */
  seenUpTo?: Place | null;
  /** The only types that it handles. Absent: it moves over all types. */
  types?: readonly string[];
}

/**
 * Measures how far followers are behind. Searches forwards from their positions, because a search back from the log's
 * end would pass foreign events.
 */
export class Lags {
  /** The position up to which a search has found no event, by the follower's position and types. */
  private lookedUpTo = new Map<string, Position>();

  constructor(private readonly store: Pick<EventStore, 'lookAhead' | 'categories'>) {}

  /**
   * Returns for each follower the seconds since its oldest unapplied event was recorded; 0: there is none.
   * Null: not known yet; a later call continues the search.
   * @throws EventStoreUnavailable; RangeError for a position of another store
   */
  async of(followers: readonly Follower[]): Promise<Map<string, number | null>> {
    const before = this.lookedUpTo;
    const lookedUpTo = new Map<string, Position>();
    // Drops positions that no follower is at, and all of them when a search fails, because the log may have been
    // restored.
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
          categories: this.store.categories,
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
