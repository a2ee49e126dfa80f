import { TUNING } from '../batching/tuning.js';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import {
  type EventStore,
  EventStoreUnavailable,
  type Place,
  type Position,
  type StoredEvent,
} from '../event-sourcing/event-store.js';
import { Signal } from '../resilience/signal.js';
import { backoff } from '../resilience/backoff.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import {
  type Checkpoint,
  type CheckpointTables,
  liveOnes,
  markSeen,
  moveCheckpoints,
  pauseCheckpoint,
  type Positions,
  type Progress,
  readCheckpoints,
} from './checkpoints.js';
import { isHandled, type Projection, type Transaction } from './projection.js';
import { DatabaseUnavailable } from '../database/failures.js';
import type { EventChecks } from '../event-sourcing/event-checks.js';
import { onStagingTables } from './staging-tables.js';

/** A read model that events are applied to: the live one, or one that is built beside it. */
export interface Target {
  /** The name of its checkpoint. */
  name: string;
  projection: Projection;
  /** The version of the staging tables; absent: the live tables. */
  version?: number;
}

/**
 * Tells whether the database or the store caused the error. Such an error ends by itself, so the projection must not be
 * paused.
 */
function isTransient(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || error instanceof EventStoreUnavailable;
}

/** Applies events exactly once, even when several instances try. */
export class ProjectionBatchApplier {
  private readonly logger = new Logger('Projections');

  constructor(
    private readonly database: Database,
    private readonly positions: Positions,
    private readonly checks: EventChecks,
  ) {}

  /**
   * Applies the batch to all targets in one transaction. When a projection throws, it applies target by target.
   * @param seen as for `apply`
   * @returns the targets' checkpoints afterwards, but for paused ones
   */
  async applyOrPause(
    batch: readonly StoredEvent[],
    seen: Position | null,
    targets: readonly Target[],
  ): Promise<Checkpoint[]> {
    try {
      return await this.apply(batch, seen, targets);
    } catch (error) {
      if (isTransient(error)) throw error;
      this.logger.warn({ err: error, msg: 'a batch failed, applying it projection by projection' });
      for (const target of targets) await this.oneByOne(batch, seen, target);
      const names = targets.map(({ name }) => name);
      return liveOnes(await readCheckpoints(this.database.kysely<CheckpointTables>(), names));
    }
  }

  /**
   * Locks the checkpoints, compares their positions with `seen`, applies the events and moves the checkpoints.
   * @param seen the subscription's position before the batch; a target behind it would miss the events between
   * @returns the checkpoints afterwards, but for paused ones
   */
  private async apply(
    batch: readonly StoredEvent[],
    seen: Position | null,
    targets: readonly Target[],
  ): Promise<Checkpoint[]> {
    const last = batch.at(-1);
    if (!last) throw new TypeError('a batch has events');
    const prepared = new Map<string, unknown>();
    for (const { name, projection } of targets) {
      const events = batch.filter((event) => isHandled(projection, event.type));
      for (const event of events) this.checks.refuseUnreadable(event);
      if (events.length > 0 && projection.prepare) prepared.set(name, await projection.prepare(events));
    }
    return this.database.transaction<CheckpointTables, Checkpoint[]>(async (trx) => {
      const checkpoints = liveOnes(
        await readCheckpoints(
          trx,
          targets.map(({ name }) => name),
          true,
        ),
      );
      const behind = checkpoints.filter(
        ({ position }) => !this.positions.isAfter(seen, position) && this.positions.isAfter(last.position, position),
      );
      for (const { name, position } of behind) {
        const target = targets.find((one) => one.name === name);
        const events = batch.filter(
          (event) =>
            this.positions.isAfter(event.position, position) && target && isHandled(target.projection, event.type),
        );
        if (target && events.length > 0)
          await target.projection.apply(events, tablesOf(target, trx as unknown as Transaction), prepared.get(name));
      }
      await moveCheckpoints(
        trx,
        behind.map(({ name }) => name),
        last,
      );
      return checkpoints.map((checkpoint) =>
        behind.includes(checkpoint)
          ? { ...checkpoint, position: last.position, eventId: last.id, seenUpTo: null }
          : checkpoint,
      );
    });
  }

  /** Applies event by event, so that a failing projection stops alone, before the event that it can't apply. */
  private async oneByOne(batch: readonly StoredEvent[], seen: Position | null, target: Target): Promise<void> {
    let before = seen;
    for (const event of batch) {
      try {
        await this.apply([event], before, [target]);
        before = event.position;
      } catch (error) {
        if (isTransient(error)) throw error;
        const kind = error instanceof Error ? error.name : 'unknown';
        await pauseCheckpoint(this.database.kysely<CheckpointTables>(), target.name, event.id, kind);
        this.logger.error({ err: error, projection: target.name, eventId: event.id, msg: 'projection paused' });
        return;
      }
    }
  }
}

function tablesOf({ projection, version }: Target, trx: Transaction): Transaction {
  return version === undefined ? trx : onStagingTables(trx, projection.tables, version);
}

const { projectionBatchEvents } = TUNING;

/** A batch that a runner has applied. */
export interface WorkedBatch {
  /** Whether it had so many events that more are coming. */
  isLarge: boolean;
  tookMs: number;
  mode: Database['mode'];
}

/** How a runner works. */
export interface RunnerManners {
  /** Whether it counts the foreign events that it passes over. Of several runners only one may. */
  countsForeign: boolean;
  /** Milliseconds to rest after a batch. A waiting caller ends the rest. */
  restMs: (worked: WorkedBatch) => number;
  /** Whether it rests even behind a full batch, which means that more events are there. @param last of the batch */
  restsBehind: (last: StoredEvent) => boolean;
}

/** A batch of this many events means that more are coming. */
const BUSY_EVENTS = 8;
/** Milliseconds for which they are expected. */
const BUSY_FOR_MS = 1000;

/**
 * Feeds all live read models from one ordered subscription. Each batch is one transaction with all their writes and
 * checkpoints.
 */
export class ProjectionWorker {
  private readonly logger = new Logger('Projections');
  /** Ends the current subscription, so that the next one starts from the current checkpoints. */
  private ending = new AbortController();
  /** The subscription's position. */
  private seen: Position | null = null;
  private busyUntil = 0;
  /** True while there is no subscription, because every projection is paused. */
  private idle = false;
  private readonly hurried = new Signal();
  private batch: Promise<unknown> = Promise.resolve();

  /** @param moved gets, after each batch, the earliest progress of the projections that aren't paused */
  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly projections: ReadonlyMap<string, Projection>,
    private readonly positions: Positions,
    private readonly batchApplier: ProjectionBatchApplier,
    private readonly workFailures: WorkFailures,
    private readonly moved: (progress: Progress) => void,
    private readonly manners: RunnerManners,
  ) {}

  /** Runs until the signal aborts, and finishes the batch in progress. */
  async work(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      this.ending = new AbortController();
      try {
        await this.follow(AbortSignal.any([signal, this.ending.signal]));
        failures = 0;
      } catch (error) {
        failures += 1;
        this.workFailures.record('read-models', error);
        await backoff(failures, signal);
      }
    }
  }

  /** Whether many events came a moment ago. */
  get isBusy(): boolean {
    return performance.now() < this.busyUntil;
  }

  /** Tells the worker that a caller waits for what was just stored. */
  hurry(): void {
    this.hurried.notify();
  }

  /** Starts again from the current checkpoints. */
  resubscribe(): void {
    this.ending.abort();
  }

  /** Starts again if a checkpoint was reset or resumed without a notification to this instance. */
  async resubscribeIfNeeded(): Promise<void> {
    const { seen, ending, idle } = this;
    const live = liveOnes(await this.checkpoints());
    if (live.some(({ position }) => idle || this.positions.isAfter(seen, position))) ending.abort();
  }

  /** Keeps this instance from applying events to the live read models while `work` runs. */
  async between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.batch.then(work);
    this.batch = done.catch(() => undefined);
    return done;
  }

  /**
   * Returns when a projection was reset meanwhile, here or by another instance. The next subscription starts from
   * there.
   */
  private async follow(signal: AbortSignal): Promise<void> {
    const live = await this.pauseInconsistent(liveOnes(await this.checkpoints()));
    const start = this.positions.earliest(live);
    let seen = start.position;
    this.seen = seen;
    this.idle = live.length === 0;
    this.moved(start);
    if (this.idle) return untilAborted(signal);
    const maxBatch = projectionBatchEvents.value[this.database.mode];
    const onPassed = async (place: Place): Promise<void> =>
      markSeen(this.db(), [...this.projections.keys()], seen, place);
    for await (const batch of this.store.subscribe({
      after: seen,
      seenUpTo: start.seenUpTo,
      onPassed,
      countsForeign: this.manners.countsForeign,
      categories: this.store.categories,
      signal,
      maxBatch,
    })) {
      const last = batch.at(-1);
      if (!last) continue;
      const [begun, hurries, before] = [performance.now(), this.hurried.count, seen];
      const now = await this.between(async () => this.batchApplier.applyOrPause(batch, before, this.targets()));
      seen = last.position;
      this.seen = seen;
      if (signal.aborted) return;
      this.moved(this.positions.earliest(now));
      if (now.length === 0 || now.some(({ position }) => this.positions.isAfter(seen, position))) return;
      const isLarge = batch.length >= BUSY_EVENTS;
      if (isLarge) this.busyUntil = performance.now() + BUSY_FOR_MS;
      const tookMs = performance.now() - begun;
      const restMs = this.manners.restMs({ isLarge, tookMs, mode: this.database.mode });
      if (restMs > 0 && (batch.length < maxBatch || this.manners.restsBehind(last)))
        await this.hurried.after(hurries, restMs, signal);
    }
  }

  /**
   * Pauses inconsistent checkpoints, which would skip events.
   * @returns the others
   */
  private async pauseInconsistent(checkpoints: readonly Checkpoint[]): Promise<Checkpoint[]> {
    const good: Checkpoint[] = [];
    // Most checkpoints are at the same event, so each event is looked up once.
    for (const same of Map.groupBy(checkpoints, ({ position, eventId }) =>
      JSON.stringify([position, eventId]),
    ).values()) {
      const error = same[0] ? await this.positions.inconsistent(same[0]) : null;
      if (error === null) good.push(...same);
      else
        for (const { name, position } of same) {
          await pauseCheckpoint(this.db(), name, null, error, position);
          this.logger.error({
            projection: name,
            error,
            position,
            msg: 'read model paused: it has seen events that the event log does not hold. Restore both from the same backup, or rebuild it',
          });
        }
    }
    return good;
  }

  private async checkpoints(): Promise<Checkpoint[]> {
    return readCheckpoints(this.db(), [...this.projections.keys()]);
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }

  private targets(): Target[] {
    return [...this.projections.values()].map((projection) => ({ name: projection.name, projection }));
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
