import type { Ahead, Wanted } from '../event-store.js';
import type { Gaps } from './gaps.js';
import { LogDiffers } from './log-differs.js';
import { isAfter, latest, parsePosition, positionText, type LogPosition } from './log-position.js';
import type { LogReader } from './log-reader.js';

/** Events of the wanted categories that one look reads: the first may be somebody else's. */
const SOME = 10;
/** And where all of these were, or few types are wanted: the server filters by one of both alone. */
const MANY = 1_000;

/** Looks at what comes next in the log. */
export class Outlook {
  constructor(
    private readonly reader: LogReader,
    private readonly gaps: Gaps,
  ) {}

  /** Costs what foreign events lie beyond the place that was seen last. @throws EventStoreUnavailable, LogDiffers */
  async lookAhead(wanted: Wanted): Promise<Ahead> {
    return this.look(wanted, wanted.types ? MANY : SOME);
  }

  private async look(wanted: Wanted, most: number): Promise<Ahead> {
    const { categories, types } = wanted;
    const from = this.furthestSeen(wanted);
    // Before reading: what comes later than this may be missing in what is read.
    const end = (await this.reader.end())?.position;
    if (isAfter(from, end)) throw this.differs();
    if (!isAfter(end, from)) return { recordedAt: null, lookedUpTo: from ? positionText(from) : null, isEnd: true };
    // A reading begins with the event at its position.
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

  /** Of what is wanted there is none between `after` and here. */
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
