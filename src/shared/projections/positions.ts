import type { EventStore, Position } from '../event-sourcing/event-store.js';
import { liveOnes, type Checkpoint } from './checkpoints.js';

/** The read model has seen events that the log lacks, because the two come from different backups. */
const AHEAD = 'CheckpointAhead';
/** The read model is at a position of another event store. */
const UNKNOWN = 'PositionUnknown';
/** The log has another event at the read model's position, because it was restored and has grown since. */
export const LOG_DIFFERS = 'LogDiffers';

/** The progress of a follower. */
export type Progress = Pick<Checkpoint, 'position' | 'seenUpTo'>;
/** The beginning of the log. */
export const BEGINNING: Progress = { position: null, seenUpTo: null };

/** Tells whether it is paused because it and the log are inconsistent. */
export function isInconsistent({ error }: Checkpoint): boolean {
  return error === AHEAD || error === UNKNOWN || error === LOG_DIFFERS;
}

/** Compares the positions of checkpoints; null is before everything. */
export class Positions {
  constructor(private readonly store: Pick<EventStore, 'comparePositions' | 'lookAt'>) {}

  isAfter(a: Position | null, b: Position | null): boolean {
    if (a === null) return false;
    return b === null || this.store.comparePositions(a, b) > 0;
  }

  /** Returns the earliest progress of those that aren't paused. */
  earliest(checkpoints: readonly Checkpoint[]): Progress {
    const live: readonly Progress[] = liveOnes(checkpoints);
    // At one position, what any of them has seen beyond it is true for all, because it is in the log.
    const isBefore = (one: Progress, other: Progress): boolean =>
      this.isAfter(other.position, one.position) || (one.position === other.position && other.seenUpTo === null);
    return live.reduce((least, one) => (isBefore(one, least) ? one : least), live[0] ?? BEGINNING);
  }

  /**
   * Returns the kind of inconsistency between this checkpoint and the log; null when there is none.
   * @throws EventStoreUnavailable
   */
  async inconsistent({ position, eventId }: Pick<Checkpoint, 'position' | 'eventId'>): Promise<string | null> {
    if (position === null) return null;
    try {
      const found = await this.store.lookAt(position);
      if (found.isBeyondEnd) return AHEAD;
      // A checkpoint of an older version has no event id, but it always stands at an event.
      return found.eventId === null || (eventId !== null && found.eventId !== eventId) ? LOG_DIFFERS : null;
    } catch (error) {
      if (error instanceof RangeError) return UNKNOWN;
      throw error;
    }
  }
}
