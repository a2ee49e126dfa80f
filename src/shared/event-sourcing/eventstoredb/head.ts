import type { From } from '../event-store.js';
import type { Gap, Gaps } from './gaps.js';
import type { LogReader } from './log-reader.js';
import { isAfter, latest, parsePosition, type LogPosition } from './log-position.js';

/** Events of the wanted categories that one reading brings. */
const READ_AT_MOST = 1_000;
/** And backwards, where the last ones aren't ours: others' are rare there. */
const SOME = 100;

/** Knows the last event of some categories, in a log that others fill. */
export class Head {
  constructor(
    private readonly reader: LogReader,
    private readonly gaps: Gaps,
  ) {}

  /** Where the last event in streams of these categories is, whoever stored it. @throws EventStoreUnavailable */
  async ofAnybody(categories: readonly string[]): Promise<LogPosition | undefined> {
    return categories.length === 0 ? undefined : (await this.reader.last(categories))?.position;
  }

  /**
   * Where the last event of this product in these categories is. Looks at the end of the log, then forwards from the place that was seen last.
   * Only where nothing was seen at all it searches backwards, once. @throws EventStoreUnavailable
   */
  async of(categories: readonly string[], from?: From): Promise<LogPosition | undefined> {
    if (categories.length === 0) return undefined;
    const end = (await this.reader.end())?.position;
    if (!end) return undefined;
    const gap = this.furthest(categories, from, end);
    const last = gap ? await this.forwards(categories, gap, end) : await this.backwards(categories, end);
    // A place at which the log has nothing any more: all that was seen was seen in another log.
    if (last !== 'elsewhere') return last;
    this.gaps.forget();
    return this.backwards(categories, end);
  }

  /** What lies beyond the end was seen in a log that was set back since. */
  private furthest(categories: readonly string[], from: From | undefined, end: LogPosition): Gap | undefined {
    if (isAfter(this.gaps.of(categories)?.upTo, end)) this.gaps.forget();
    const known = this.gaps.of(categories);
    const told = from && gapBehind(from);
    return told && !isAfter(told.upTo, end) && (!known || isAfter(told.upTo, known.upTo)) ? told : known;
  }

  private async forwards(
    categories: readonly string[],
    gap: Gap,
    end: LogPosition,
  ): Promise<LogPosition | undefined | 'elsewhere'> {
    let { last, upTo } = gap;
    while (isAfter(end, upTo)) {
      // A reading begins with the event at its position.
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
