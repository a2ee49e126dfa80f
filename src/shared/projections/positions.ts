import type { EventStore, Position } from '../event-sourcing/event-store.js';
import { liveOnes, type Checkpoint } from './checkpoints.js';

/** A read model that has seen events which the log doesn't hold: two backups that don't belong together. */
const AHEAD = 'CheckpointAhead';
/** It stands at a position of another event store. */
const UNKNOWN = 'PositionUnknown';
/** The log has another event where it stands: a log that was set back and has grown since. */
export const LOG_DIFFERS = 'LogDiffers';

/** How far somebody is who follows. */
export type Progress = Pick<Checkpoint, 'position' | 'seenUpTo'>;
/** Of the log. */
export const BEGINNING: Progress = { position: null, seenUpTo: null };

/** Whether it is paused because it and the log don't belong together. */
export function isInconsistent({ error }: Checkpoint): boolean {
  return error === AHEAD || error === UNKNOWN || error === LOG_DIFFERS;
}

/** Where checkpoints stand to each other; null is before everything. */
export class Positions {
  constructor(private readonly store: Pick<EventStore, 'comparePositions' | 'lookAt'>) {}

  isAfter(a: Position | null, b: Position | null): boolean {
    if (a === null) return false;
    return b === null || this.store.comparePositions(a, b) > 0;
  }

  /** Of those that aren't paused. */
  earliest(checkpoints: readonly Checkpoint[]): Progress {
    const live: readonly Progress[] = liveOnes(checkpoints);
    // Of those at one position each knows what is true of all: what was seen beyond it is in the log.
    const isBefore = (one: Progress, other: Progress): boolean =>
      this.isAfter(other.position, one.position) || (one.position === other.position && other.seenUpTo === null);
    return live.reduce((least, one) => (isBefore(one, least) ? one : least), live[0] ?? BEGINNING);
  }

  /** Why this one and the log don't belong together: the kind of error, or null. @throws EventStoreUnavailable */
  async inconsistent({ position, eventId }: Pick<Checkpoint, 'position' | 'eventId'>): Promise<string | null> {
    if (position === null) return null;
    try {
      const found = await this.store.lookAt(position);
      if (found.isBeyondEnd) return AHEAD;
      // A checkpoint of a version before doesn't know its event; but it always stands on one.
      return found.eventId === null || (eventId !== null && found.eventId !== eventId) ? LOG_DIFFERS : null;
    } catch (error) {
      if (error instanceof RangeError) return UNKNOWN;
      throw error;
    }
  }
}
