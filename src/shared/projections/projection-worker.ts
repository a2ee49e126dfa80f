import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
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

/** In embedded mode all requests wait for the one connection while a batch is applied. */
export const MAX_BATCH = { embedded: 100, server: 1000 };
/** A batch of this many events means that more are coming. */
const BUSY = 8;
/**
 * The least time between the starts of two batches then, so that more events share statements. Skipped while a caller
 * waits at this instance.
 */
const PACE_MS = 200;

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
  /** True while there is no subscription, because every projection is paused. */
  private idle = false;
  private readonly hurried = new Signal();
  private batch: Promise<unknown> = Promise.resolve();

  /** @param moved called after each batch with the earliest progress of those that aren't paused */
  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly projections: ReadonlyMap<string, Projection>,
    private readonly positions: Positions,
    private readonly batchApplier: ProjectionBatchApplier,
    private readonly workFailures: WorkFailures,
    private readonly moved: (progress: Progress) => void,
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
    const maxBatch = MAX_BATCH[this.database.mode];
    const onPassed = async (place: Place): Promise<void> =>
      markSeen(this.db(), [...this.projections.keys()], seen, place);
    for await (const batch of this.store.subscribe({
      after: seen,
      seenUpTo: start.seenUpTo,
      onPassed,
      categories: this.store.categories,
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
      const delayMs = begun + PACE_MS - performance.now();
      if (batch.length >= BUSY && batch.length < maxBatch && delayMs > 0)
        await this.hurried.after(hurries, delayMs, signal);
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
