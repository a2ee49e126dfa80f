import type { From } from '../event-store.js';
import type { Gap, Gaps } from './gaps.js';
import type { LogReader } from './log-reader.js';
import { isAfter, latest, parsePosition, type LogPosition } from './log-position.js';

/** Maximum number of events of the wanted categories in one read. */
const READ_AT_MOST = 1_000;
/**
 * Maximum number of events in one read backwards. It is small, because foreign events are rare in these categories.
 */
const SOME = 100;

/** Finds the last event of certain categories in a log with foreign events. */
export class Head {
  constructor(
    private readonly reader: LogReader,
    private readonly gaps: Gaps,
  ) {}

  /**
   * Returns the position of the last event in streams of these categories, whichever product stored it.
   * @throws EventStoreUnavailable
   */
  async ofAnybody(categories: readonly string[]): Promise<LogPosition | undefined> {
    return categories.length === 0 ? undefined : (await this.reader.last(categories))?.position;
  }

  /**
   * Returns the position of this product's last event in these categories. Reads the log's end, then forwards from the
   * last known position.
   * Without a known position it searches backwards.
   * @throws EventStoreUnavailable
   */
  async of(categories: readonly string[], from?: From): Promise<LogPosition | undefined> {
    if (categories.length === 0) return undefined;
    const end = (await this.reader.end())?.position;
    if (!end) return undefined;
    const gap = this.furthest(categories, from, end);
    const last = gap ? await this.forwards(categories, gap, end) : await this.backwards(categories, end);
    // No record begins at a known position, so the positions come from another log.
    if (last !== 'elsewhere') return last;
    this.gaps.forget();
    return this.backwards(categories, end);
  }

  /** Forgets positions beyond the end, because the log was restored since they were found. */
  private furthest(categories: readonly string[], from: From | undefined, end: LogPosition): Gap | undefined {
    if (isAfter(this.gaps.of(categories)?.upTo, end)) this.gaps.forget();
    const known = this.gaps.of(categories);
    const followed = from && gapBehind(from);
    return followed && !isAfter(followed.upTo, end) && (!known || isAfter(followed.upTo, known.upTo))
      ? followed
      : known;
  }

  private async forwards(
    categories: readonly string[],
    gap: Gap,
    end: LogPosition,
  ): Promise<LogPosition | undefined | 'elsewhere'> {
    let { last, upTo } = gap;
    while (isAfter(end, upTo)) {
      // A read begins with the event at its position.
      const records = await this.reader.from(upTo, categories, READ_AT_MOST + 1);
      if (records === null) return 'elsewhere';
      const isEnd = records.length <= READ_AT_MOST;
      last = latest([last, records.findLast(({ isOurs }) => isOurs)?.position]);
      upTo = latest([upTo, records.at(-1)?.position, ...(isEnd ? [end] : [])]);
      this.gaps.learn(categories, { last, upTo });
    }
    return last;
  }

  private async backwards(categories: readonly string[], end: LogPosition): Promise<LogPosition | undefined> {
    const newest = await this.reader.last(categories);
    const last = newest?.isOurs === false ? await this.ownBefore(newest.position, categories) : newest?.position;
    this.gaps.learn(categories, { last, upTo: latest([newest?.position, end]) });
    return last;
  }

  private async ownBefore(position: LogPosition, categories: readonly string[]): Promise<LogPosition | undefined> {
    for (let place = position; ;) {
      const records = await this.reader.before(place, categories, SOME);
      const [own, furthest] = [records.find(({ isOurs }) => isOurs), records.at(-1)];
      if (own || !furthest || records.length < SOME) return own?.position;
      place = furthest.position;
    }
  }
}

function gapBehind({ after, seenUpTo }: From): Gap {
  const last = after === null ? undefined : parsePosition(after);
  return { last, upTo: latest([last, seenUpTo ? parsePosition(seenUpTo.position) : undefined]) };
}
