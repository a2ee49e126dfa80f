import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { CATEGORIES } from '../event-sourcing/categories.js';
import type { EventStore, Place, Position } from '../event-sourcing/event-store.js';
import { Signal } from '../resilience/signal.js';
import { backoff } from '../resilience/backoff.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import type { ProjectionBatchApplier, Target } from './projection-batch-applier.js';
import {
  liveOnes,
  markSeen,
  pauseCheckpoint,
  readCheckpoints,
  type Checkpoint,
  type CheckpointTables,
} from './checkpoints.js';
import type { Positions, Progress } from './positions.js';
import type { Projection } from './projection.js';

/** Embedded, everybody waits for the one connection while a batch is applied. */
export const MAX_BATCH = { embedded: 100, server: 1000 };
/** So many events at once mean that more are coming. */
const BUSY = 8;
/** Then batches begin no sooner after each other, unless somebody waits at this instance: what comes meanwhile shares their statements. */
const PACE_MS = 200;

/** One ordered subscription feeds all live read models. A batch is one transaction with all their writes and checkpoints. */
export class ProjectionWorker {
  private readonly logger = new Logger('Projections');
  /** Ends the present subscription so that the next one starts from the checkpoints as they are then. */
  private ending = new AbortController();
  /** How far the subscription is. */
  private seen: Position | null = null;
  /** There is no subscription, because every projection is paused. */
  private idle = false;
  private readonly hurried = new Signal();
  private batch: Promise<unknown> = Promise.resolve();

  /** @param moved told after each batch how far all of them are that aren't paused */
  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly projections: ReadonlyMap<string, Projection>,
    private readonly positions: Positions,
    private readonly batchApplier: ProjectionBatchApplier,
    private readonly workFailures: WorkFailures,
    private readonly moved: (progress: Progress) => void,
  ) {}

  /** Goes on until the signal aborts, and finishes the batch under way. */
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

  /** Somebody waits for what was stored just now. */
  hurry(): void {
    this.hurried.notify();
  }

  /** Starts again from the checkpoints as they are. */
  resubscribe(): void {
    this.ending.abort();
  }

  /** Starts again if a checkpoint was set back, or is no longer paused, and this instance wasn't told. */
  async resubscribeIfNeeded(): Promise<void> {
    const { seen, ending, idle } = this;
    const live = liveOnes(await this.checkpoints());
    if (live.some(({ position }) => idle || this.positions.isAfter(seen, position))) ending.abort();
  }

  /** While `work` is done this instance applies nothing to the live read models. */
  async between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.batch.then(work);
    this.batch = done.catch(() => undefined);
    return done;
  }

  /** Ends when a projection was set back meanwhile, here or by another instance: the next subscription starts from there. */
  private async follow(signal: AbortSignal): Promise<void> {
    const live = await this.pauseAstray(liveOnes(await this.checkpoints()));
    const start = this.positions.earliest(live);
    let seen = start.position;
    this.seen = seen;
    this.idle = live.length === 0;
    this.moved(start);
    if (this.idle) return untilAborted(signal);
    const maxBatch = MAX_BATCH[this.database.mode];
    const onPassed = async (place: Place): Promise<void> =>
      markSeen(this.db(), [...this.projections.keys()], seen, place);
    for await (const batch of this.store.subscribe({
      after: seen,
      seenUpTo: start.seenUpTo,
      onPassed,
      categories: CATEGORIES,
      signal,
      maxBatch,
    })) {
      const [begun, hurries, before] = [performance.now(), this.hurried.count, seen];
      await this.between(async () => this.batchApplier.applyOrPause(batch, before, this.targets()));
      seen = batch.at(-1)?.position ?? seen;
      this.seen = seen;
      const now = liveOnes(await this.checkpoints());
      if (signal.aborted) return;
      this.moved(this.positions.earliest(now));
      if (now.length === 0 || now.some(({ position }) => this.positions.isAfter(seen, position))) return;
      const restMs = begun + PACE_MS - performance.now();
      if (batch.length >= BUSY && batch.length < maxBatch && restMs > 0)
        await this.hurried.after(hurries, restMs, signal);
    }
  }

  /** Pauses what would skip events. @returns the others */
  private async pauseAstray(checkpoints: readonly Checkpoint[]): Promise<Checkpoint[]> {
    const good: Checkpoint[] = [];
    // Most are at the same event.
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
