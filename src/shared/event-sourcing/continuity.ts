import type { LoggedEvent } from './foreign.js';

/** About 2 MB. */
const MOST_STREAMS = 10_000;

/** Tells a follower of whole streams where one of them lacks an event, as far as it remembers: all it has seen, or the streams it saw last. */
export class Continuity {
  private readonly revisions = new Map<string, number>();

  /** @param sawAll whether it has followed from the log's beginning: then each stream begins with its first event */
  constructor(private sawAll: boolean) {}

  /** @returns false where the stream's event before this one is missing */
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
