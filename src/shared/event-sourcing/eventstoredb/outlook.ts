import type { Ahead, Wanted } from '../event-store.js';
import type { Gaps } from './gaps.js';
import { LogDiffers } from './log-differs.js';
import { isAfter, latest, parsePosition, positionText, type LogPosition } from './log-position.js';
import type { LogReader } from './log-reader.js';

/**
 * Maximum number of events of the wanted categories in the first read. It is more than one, because the first events
 * may be foreign.
 */
const SOME = 10;
/**
 * Maximum number of events in a read for certain types, or after a read that found only foreign events. The server
 * filters by categories or by types, not by both.
 */
const MANY = 1_000;

/** Looks for the next events in the log. */
export class Outlook {
  constructor(
    private readonly reader: LogReader,
    private readonly gaps: Gaps,
  ) {}

  /**
   * Looks ahead from the last known position. The cost grows with the foreign events after it.
   * @throws EventStoreUnavailable, LogDiffers
   */
  async lookAhead(wanted: Wanted): Promise<Ahead> {
    return this.look(wanted, wanted.types ? MANY : SOME);
  }

  private async look(wanted: Wanted, most: number): Promise<Ahead> {
    const { categories, types } = wanted;
    const from = this.furthestSeen(wanted);
    // The reader asks for the end first, because the second read may miss events that come later.
    const end = (await this.reader.end())?.position;
    if (isAfter(from, end)) throw this.differs();
    if (!isAfter(end, from)) return { recordedAt: null, lookedUpTo: from ? positionText(from) : null, isEnd: true };
    // A read begins with the event at its position.
    const records = await this.reader.search(from, categories, most + 1);
    if (records === null) throw this.differs();
    const ahead = records.filter(({ position }) => isAfter(position, from));
    const found = ahead.find(({ isOurs, type }) => isOurs && (!types || types.includes(type)));
    const isEnd = records.length <= most;
    const upTo = latest([from, ahead.at(-1)?.position, ...(isEnd ? [end] : [])]);
    const lookedUpTo = upTo ? positionText(upTo) : null;
    if (!found && !isEnd && most < MANY) return this.look({ ...wanted, after: lookedUpTo }, MANY);
    return { recordedAt: found?.recordedAt ?? null, lookedUpTo, isEnd };
  }

  private differs(): LogDiffers {
    this.gaps.forget();
    return new LogDiffers();
  }

  /** Returns the furthest position with no wanted event between `after` and it. */
  private furthestSeen({ after, seenUpTo, categories }: Wanted): LogPosition | undefined {
    const from = after === null ? undefined : parsePosition(after);
    const gap = this.gaps.of(categories);
    return latest([
      from,
      seenUpTo ? parsePosition(seenUpTo.position) : undefined,
      gap && !isAfter(gap.last, from) ? gap.upTo : undefined,
    ]);
  }
}
