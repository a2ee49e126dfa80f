import { streamNameFilter, type AllStreamResolvedEvent, type AllStreamSubscription, type EventStoreDBClient, type RecordedEvent } from '@eventstore/db-client';
import type { EventChecks } from '../event-checks.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { EventStoreUnavailable, type Position, type StoredEvent, type Subscription } from '../event-store.js';
import { Wake } from '../wake.js';
import { LogEndsBefore, meaningOf } from './failures.js';
import { prefixesOf, type Head } from './head.js';
import { compareLogPositions, parsePosition, positionText, type LogPosition } from './log-position.js';
import { hangUp } from './reading.js';
import { toLoggedEvent } from './stored-events.js';

const MIN_BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 5_000;
/** Events the server looks at between two messages about events that were filtered out; nobody needs those messages here. */
const SEARCH_WINDOW = 1_000;

interface Following {
  client: EventStoreDBClient;
  head: Head;
  checks: EventChecks;
  /** How long silence lasts until the subscription has to prove that it lives. */
  silentMs: number;
}

/**
 * The events after a position, live, by one subscription to `$all` after the other: a subscription that fails, ends or is silent
 * while there is something to say is replaced by one from the last event that was handed out. The server's checkpoints are not used:
 * they would only save it a second look at a few foreign events, and a wrong one would lose some. @throws LogEndsBefore, EventStoreRefuses
 */
export async function* follow(following: Following, subscription: Subscription): AsyncGenerator<StoredEvent[], void, undefined> {
  const { signal } = subscription;
  const pick = following.checks.follower(subscription);
  let after = subscription.after;
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const { events, passed } of oneSubscription(following, { ...subscription, after })) {
        failures = 0;
        after = passed;
        // What isn't ours, and types that nobody asked for, are left out here: asked to do it, the server would be silent for as long as it sees no others.
        const picked = pick(events.map(toLoggedEvent));
        if (picked.length > 0) yield picked;
      }
    } catch (error) {
      const meaning = meaningOf(error);
      // The follower logs that access is denied, and tries again.
      if (!(meaning instanceof EventStoreUnavailable) || meaning instanceof EventStoreRefuses) throw meaning;
    }
    await new Wake().after(0, Math.min(MIN_BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS), signal);
    failures += 1;
  }
}

/** Ends when the subscription ended or seems dead. */
async function* oneSubscription(following: Following, { after, categories, maxBatch, signal }: Subscription): AsyncGenerator<{ events: RecordedEvent[]; passed: Position }, void, undefined> {
  let seen = after === null ? undefined : parsePosition(after);
  if (seen) await refuseLogThatEndsBefore(following.head, seen, after ?? '');
  const filter = streamNameFilter({ prefixes: prefixesOf(categories), maxSearchWindow: SEARCH_WINDOW });
  const subscribed = following.client.subscribeToAll({ ...(seen ? { fromPosition: seen } : {}), filter, requiresLeader: true }, { highWaterMark: maxBatch });
  const line = new Line(subscribed);
  try {
    while (!signal.aborted) {
      const news = line.wake.count;
      const events = line.take(maxBatch).filter(({ position }) => !seen || compareLogPositions(position, seen) > 0);
      const last = events.at(-1);
      if (last) {
        seen = last.position;
        yield { events: events.map(({ event }) => event), passed: positionText(seen) };
      } else if (line.end) {
        if (line.end.error) throw line.end.error;
        return;
      } else if (await line.isSilent(news, following.silentMs, signal) && await isBehind(following.head, categories, seen)) {
        return;
      }
    }
  } finally {
    hangUp(subscribed, () => subscribed.unsubscribe());
  }
}

/** A subscription as something to take from, which rings when there is news. */
class Line {
  readonly wake = new Wake();
  end: { error?: Error } | undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    subscription.on('readable', () => { this.wake.ring(); });
    // Stays: an error that comes when nobody follows any more would end the process.
    subscription.on('error', (error) => { this.finish({ error }); });
    for (const event of ['end', 'close'] as const) subscription.on(event, () => { this.finish({}); });
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
    await this.wake.after(news, forMs, signal);
    return this.wake.count === news && !signal.aborted;
  }

  private finish(end: { error?: Error }): void {
    this.end ??= end;
    this.wake.ring();
  }
}

async function refuseLogThatEndsBefore(head: Head, seen: LogPosition, after: string): Promise<void> {
  const last = await head.ofAll();
  if (!last || compareLogPositions(last, seen) < 0) throw new LogEndsBefore(after);
}

/** Whether there is something that should have come long ago; also when the store doesn't say. */
async function isBehind(head: Head, categories: readonly string[], seen: LogPosition | undefined): Promise<boolean> {
  const last = await head.of(categories);
  return last !== undefined && (!seen || compareLogPositions(last, seen) > 0);
}
