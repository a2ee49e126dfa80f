import type { EventStore, Position } from '../event-store/event-store.js';
import { liveOnes, type Checkpoint } from './checkpoints.js';

/** A read model that has seen events which the log doesn't hold: two backups that don't belong together. */
const AHEAD = 'CheckpointAhead';
/** It stands at a position of another event store. */
const UNKNOWN = 'PositionUnknown';

/** Whether it is paused because it and the log don't belong together. */
export function isAstray({ error }: Checkpoint): boolean {
  return error === AHEAD || error === UNKNOWN;
}

/** Where checkpoints stand to each other; null is before everything. */
export class Positions {
  constructor(private readonly store: Pick<EventStore, 'comparePositions'>) {}

  isAfter(a: Position | null, b: Position | null): boolean {
    if (a === null) return false;
    return b === null || this.store.comparePositions(a, b) > 0;
  }

  /** Of those that aren't paused. */
  earliest(checkpoints: readonly Checkpoint[]): Position | null {
    const live = liveOnes(checkpoints).map(({ position }) => position);
    return live.reduce((least, position) => (this.isAfter(least, position) ? position : least), live[0] ?? null);
  }

  /** Why events would be skipped from here: the kind of error, or null. @param head read after the position, so that it can't be older */
  astray(position: Position | null, head: Position | null): string | null {
    try {
      return this.isAfter(position, head) ? AHEAD : null;
    } catch (error) {
      if (error instanceof RangeError) return UNKNOWN;
      throw error;
    }
  }
}
