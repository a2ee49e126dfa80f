import type { LoggedEvent } from './foreign.js';

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
