import {
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type RecordedEvent,
} from '@eventstore/db-client';
import type { EventChecks } from '../event-checks.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { EventStoreUnavailable, type StoredEvent, type Subscription } from '../event-store.js';
import type { LoggedEvent } from '../foreign.js';
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
/** Events the server looks at between two messages about how far it is. */
const SEARCH_WINDOW = 1_000;

interface Following {
  client: EventStoreDBClient;
  reader: LogReader;
  gaps: Gaps;
  checks: EventChecks;
  /** How long silence lasts until the subscription has to prove that it lives; and how long it takes from one place to the next that it makes known. */
  silentMs: number;
}

/**
 * The events after a position, live, by one subscription to `$all` after the other: a subscription that fails, ends or is silent
 * while there is something to say is replaced by one from where it got to. @throws LogEndsBefore, LogDiffers, EventStoreRefuses
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
        // What isn't ours, and types that nobody asked for, are left out here: asked to do it, the server would be silent for as long as it sees no others.
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

/** What a new subscription doesn't mend. The follower logs that access is denied, and tries again. */
function throwLasting(error: unknown): void {
  if (error instanceof LogDiffers || saysNoRecordThere(error)) throw new LogDiffers();
  const meaning = meaningOf(error);
  if (!(meaning instanceof EventStoreUnavailable) || meaning instanceof EventStoreRefuses) throw meaning;
}

/** Ends when the subscription ended or seems dead. */
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
    for (let held: Told | undefined; !signal.aborted;) {
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
      } else if (!held && line.told) {
        // Servers of 22.10 say it before they send the last events up to there, some of 24.10 and 25.0 one event early.
        held = line.told;
        line.told = undefined;
        // What the server has told is noted first: it saves a look at all that lies behind it.
      } else if ((await line.isSilent(news, silentMs, signal)) && !held && !line.told && (await passage.isBehind())) {
        return;
      }
    }
  } finally {
    hangUp(subscribed, () => subscribed.unsubscribe());
  }
}

/** How far the server says it has looked, and when it said so. */
interface Told {
  position: LogPosition;
  at: number;
}

/** A subscription as something to take from, which rings when there is news. */
class Line {
  readonly wakeSignal = new Signal();
  end: { error?: Error } | undefined;
  told: Told | undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    subscription.on('readable', () => {
      this.wakeSignal.notify();
    });
    // Stays: an error that comes when nobody follows any more would end the process.
    subscription.on('error', (error) => {
      this.finish({ error });
    });
    for (const event of ['end', 'close'] as const)
      subscription.on(event, () => {
        this.finish({});
      });
  }

  push(position: LogPosition): void {
    this.told = { position, at: performance.now() };
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

  /** Waits for news after `news`. @returns true when there was none in all that time */
  async isSilent(news: number, forMs: number, signal: AbortSignal): Promise<boolean> {
    await this.wakeSignal.after(news, forMs, signal);
    return this.wakeSignal.count === news && !signal.aborted;
  }

  private finish(end: { error?: Error }): void {
    this.end ??= end;
    this.wakeSignal.notify();
  }
}
