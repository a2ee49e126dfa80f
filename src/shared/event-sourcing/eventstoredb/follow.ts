import {
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type RecordedEvent,
} from '@eventstore/db-client';
import type { EventChecks, LoggedEvent } from '../event-checks.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { EventStoreUnavailable, type StoredEvent, type Subscription } from '../event-store.js';
import { Signal } from '../../resilience/signal.js';
import { meaningOf } from './failures.js';
import type { Gaps } from './gaps.js';
import { LogDiffers } from './log-differs.js';
import { isAfter, type LogPosition } from './log-position.js';
import { prefixesOf, saysNoRecordThere, type LogReader } from './log-reader.js';
import { Passage } from './passage.js';
import { hangUp } from './reading.js';
import { toLoggedEvent } from './stored-events.js';

const MIN_BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 5_000;
/** The server reports its position after searching this many events. */
const SEARCH_WINDOW = 1_000;

interface Following {
  client: EventStoreDBClient;
  reader: LogReader;
  gaps: Gaps;
  checks: EventChecks;
  /**
   * Milliseconds without a message after which the subscription is checked. A reported position also waits this long
   * before it is noted.
   */
  silentMs: number;
}

/**
 * Yields the events after a position, live. A subscription to `$all` that fails, ends or misses events is replaced by
 * another from the same position.
 * @throws LogEndsBefore, LogDiffers, EventStoreRefuses
 */
export async function* follow(
  following: Following,
  subscription: Subscription,
): AsyncGenerator<StoredEvent[], void, undefined> {
  const { signal } = subscription;
  const passage = new Passage(following.reader, following.gaps, subscription);
  const pick = following.checks.follower(subscription);
  for (let failures = 0; !signal.aborted;) {
    try {
      for await (const events of oneSubscription(following, subscription, passage)) {
        failures = 0;
        // The product filters foreign events and unwanted types, because a filter in the server would stay silent until
        // it found a match.
        const picked = pick(events);
        if (picked.length > 0) yield picked;
      }
    } catch (error) {
      throwLasting(error);
    }
    await new Signal().after(0, Math.min(MIN_BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS), signal);
    failures += 1;
  }
}

/** Throws errors that a new subscription can't repair. The follower logs refused access and tries again. */
function throwLasting(error: unknown): void {
  if (error instanceof LogDiffers || saysNoRecordThere(error)) throw new LogDiffers();
  const meaning = meaningOf(error);
  if (!(meaning instanceof EventStoreUnavailable) || meaning instanceof EventStoreRefuses) throw meaning;
}

/** Returns when the subscription has ended or seems dead. */
async function* oneSubscription(
  following: Following,
  { categories, maxBatch, signal }: Subscription,
  passage: Passage,
): AsyncGenerator<LoggedEvent[], void, undefined> {
  const { client, silentMs } = following;
  const from = await passage.begin();
  const filter = streamNameFilter({
    prefixes: prefixesOf(categories),
    maxSearchWindow: SEARCH_WINDOW,
    checkpointReached: async (_, position) => {
      line.push(position);
      return Promise.resolve();
    },
  });
  const subscribed = client.subscribeToAll(
    { ...(from ? { fromPosition: from } : {}), filter, requiresLeader: true },
    { highWaterMark: maxBatch },
  );
  const line = new Line(subscribed);
  try {
    for (let held: Reported | undefined; !signal.aborted;) {
      const news = line.wakeSignal.count;
      const events = line.take(maxBatch).filter(({ position }) => isAfter(position, passage.last));
      if (events.length > 0) {
        const logged = events.map(({ event }) => toLoggedEvent(event));
        passage.hand(logged);
        yield logged;
      } else if (line.end) {
        if (line.end.error) throw line.end.error;
        return;
      } else if (held && performance.now() - held.at >= silentMs) {
        await passage.noteUpTo(held.position);
        held = undefined;
      } else if (!held && line.reported) {
        // The position waits, because servers of 22.10 report it before they send the last events up to it. Some of
        // 24.10 and 25.0 report it one event early.
        held = line.reported;
        line.reported = undefined;
        // A position that the server reported is noted before this check, because it saves a search of everything
        // before it.
      } else if (
        (await line.isSilent(news, silentMs, signal)) &&
        !held &&
        !line.reported &&
        (await passage.isBehind())
      ) {
        return;
      }
    }
  } finally {
    hangUp(subscribed, () => subscribed.unsubscribe());
  }
}

/** The position up to which the server has searched, and when it reported that. */
interface Reported {
  position: LogPosition;
  at: number;
}

/** Buffers a subscription's events and notifies the reader of new ones. */
class Line {
  readonly wakeSignal = new Signal();
  end: { error?: Error } | undefined;
  reported: Reported | undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    subscription.on('readable', () => {
      this.wakeSignal.notify();
    });
    // This listener stays, because an error without a listener would end the process.
    subscription.on('error', (error) => {
      this.finish({ error });
    });
    for (const event of ['end', 'close'] as const)
      subscription.on(event, () => {
        this.finish({});
      });
  }

  push(position: LogPosition): void {
    this.reported = { position, at: performance.now() };
    this.wakeSignal.notify();
  }

  take(most: number): { event: RecordedEvent; position: LogPosition }[] {
    const events: { event: RecordedEvent; position: LogPosition }[] = [];
    while (events.length < most) {
      const resolved = this.subscription.read() as AllStreamResolvedEvent | null;
      if (resolved === null) break;
      if (resolved.event) events.push({ event: resolved.event, position: resolved.event.position });
    }
    return events;
  }

  /**
   * Waits for a notification after `news`.
   * @returns true when there was none in that time
   */
  async isSilent(news: number, forMs: number, signal: AbortSignal): Promise<boolean> {
    await this.wakeSignal.after(news, forMs, signal);
    return this.wakeSignal.count === news && !signal.aborted;
  }

  private finish(end: { error?: Error }): void {
    this.end ??= end;
    this.wakeSignal.notify();
  }
}
