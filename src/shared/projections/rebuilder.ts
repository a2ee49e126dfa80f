import { TUNING } from '../batching/tuning.js';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import type { EventStore, Position, StoredEvent } from '../event-sourcing/event-store.js';
import { Signal } from '../resilience/signal.js';
import { backoff } from '../resilience/backoff.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import type { ProjectionBatchApplier, ProjectionWorker, Target } from './projection-worker.js';
import {
  type Checkpoint,
  type CheckpointTables,
  isInconsistent,
  type Positions,
  readCheckpoints,
  readStagedCheckpoints,
  resetCheckpoint,
  type StagedCheckpoint,
  takeOver,
} from './checkpoints.js';
import type { Projection, Transaction } from './projection.js';
import { isStillLike, makeStagingTables, stagingName, switchTables } from './staging-tables.js';

/** Milliseconds between two looks for requests of other instances, because their notifications may be lost. */
const LOOK_EVERY_MS = 5_000;
/** The switch waits at most this long for a slow reader, because other readers queue behind the switch. */
const SWITCH_WITHIN_MS = 200;

interface Replay {
  batches: AsyncIterator<StoredEvent[], unknown>;
  /** The position that was applied last. */
  seen: Position | null;
}

/**
 * Builds the read models of one runner beside the live ones, and switches when they have caught up.
 * A new leader starts each rebuild again, because the previous one may have run an older version of the product.
 */
export class Rebuilder {
  private readonly logger = new Logger('Projections');
  private readonly requestSignal = new Signal();

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly projections: ReadonlyMap<string, Projection>,
    private readonly positions: Positions,
    private readonly batchApplier: ProjectionBatchApplier,
    private readonly worker: ProjectionWorker,
    private readonly workFailures: WorkFailures,
  ) {}

  /** Looks for rebuild requests now. */
  look(): void {
    this.requestSignal.notify();
  }

  /** Runs until the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    const begun = new Set<string>();
    for (let failures = 0; !signal.aborted;) {
      const seen = this.requestSignal.count;
      try {
        const [stagedCheckpoint] = (await readStagedCheckpoints(this.db())).filter(
          ({ projection, error }) => error === null && this.projections.has(projection),
        );
        if (stagedCheckpoint) await this.rebuild(stagedCheckpoint, begun, signal);
        else await this.worker.resubscribeIfNeeded();
        failures = 0;
        if (!stagedCheckpoint) await this.requestSignal.after(seen, LOOK_EVERY_MS, signal);
      } catch (error) {
        failures += 1;
        this.workFailures.record('rebuild', error);
        await backoff(failures, signal);
      }
    }
  }

  private async rebuild(stagedCheckpoint: StagedCheckpoint, begun: Set<string>, signal: AbortSignal): Promise<void> {
    const projection = this.projections.get(stagedCheckpoint.projection);
    if (!projection) return;
    // Begins again when the log was restored since, because the read model is then as wrong as the live one.
    if (!begun.has(stagedCheckpoint.name) || (await this.positions.inconsistent(stagedCheckpoint)) !== null)
      await this.begin(stagedCheckpoint, projection);
    begun.add(stagedCheckpoint.name);
    const target: Target = { name: stagedCheckpoint.name, projection, version: stagedCheckpoint.version };
    const ended = new AbortController();
    const seen = await this.positionOf(target);
    const maxBatch = TUNING.rebuildBatchEvents.value[this.database.mode];
    const events = this.store.subscribe({
      after: seen,
      categories: this.store.categories,
      signal: AbortSignal.any([signal, ended.signal]),
      maxBatch,
    });
    const replay: Replay = { batches: events[Symbol.asyncIterator](), seen };
    try {
      // This loop applies most events while the live read model goes on. The live one waits for the rest, because
      // otherwise it could always stay ahead.
      while (await this.isBehind(target)) if ((await this.next(replay, target)) < maxBatch) break;
      if (signal.aborted) return;
      for (const table of projection.tables)
        await sql`analyze ${sql.table(stagingName(table, stagedCheckpoint.version))}`.execute(this.db());
      await this.worker.between(async () => {
        while (await this.isBehind(target)) if ((await this.next(replay, target)) === 0) return;
        if (!signal.aborted) await this.switch(stagedCheckpoint, projection, begun);
      });
    } finally {
      ended.abort();
    }
  }

  private async begin(stagedCheckpoint: StagedCheckpoint, projection: Projection): Promise<void> {
    await this.database.transaction<CheckpointTables, void>(async (trx) => {
      const [present] = await readCheckpoints(trx, [stagedCheckpoint.name], true);
      if (!present) return;
      await makeStagingTables(trx as unknown as Transaction, projection.tables, stagedCheckpoint.version);
      await resetCheckpoint(trx, stagedCheckpoint.name);
    });
    this.logger.log({
      projection: stagedCheckpoint.projection,
      version: stagedCheckpoint.version,
      msg: 'rebuilding a read model beside the live one',
    });
  }

  /**
   * @returns the number of events applied; 0 when the replay ended, was paused, or another instance moved it. Then the
   * next look continues
   */
  private async next(replay: Replay, target: Target): Promise<number> {
    const { value, done } = await replay.batches.next();
    if (done) return 0;
    await this.batchApplier.applyOrPause(value, replay.seen, [target]);
    replay.seen = await this.positionOf(target);
    return replay.seen === value.at(-1)?.position ? value.length : 0;
  }

  /** Tells whether the live read model has applied more than this one. */
  private async isBehind(target: Target): Promise<boolean> {
    const [live, staged] = await this.both(this.db(), target);
    if (!live || !staged || staged.error !== null) return false;
    if (!isInconsistent(live)) return this.positions.isAfter(live.position, staged.position);
    // The log decides, because an inconsistent live read model is no measure.
    return this.store.isAnythingAfter(staged.position, this.store.categories);
  }

  /**
   * Switches in one short transaction with both checkpoints locked. Throws when a reader holds the live table for too
   * long, and `work` then tries again.
   */
  private async switch({ name, version }: StagedCheckpoint, projection: Projection, begun: Set<string>): Promise<void> {
    const switched = await this.database.transaction<CheckpointTables, boolean>(async (trx) => {
      await sql`select set_config('lock_timeout', ${`${String(SWITCH_WITHIN_MS)}ms`}, true)`.execute(trx);
      const [live, staged] = await this.both(trx, { name, projection }, true);
      if (
        !live ||
        !staged ||
        staged.error !== null ||
        (!isInconsistent(live) && this.positions.isAfter(live.position, staged.position))
      )
        return false;
      for (const table of projection.tables) {
        if (await isStillLike(trx as unknown as Transaction, table, version)) continue;
        begun.delete(name);
        return false;
      }
      await switchTables(trx as unknown as Transaction, projection.tables, version);
      await takeOver(trx, projection.name, staged);
      return true;
    });
    if (!switched) return;
    this.worker.resubscribe();
    this.logger.log({ projection: projection.name, version, msg: 'a rebuilt read model is the live one now' });
  }

  private async both(
    db: ReturnType<typeof this.db>,
    { name, projection }: Target,
    lock = false,
  ): Promise<[Checkpoint | undefined, Checkpoint | undefined]> {
    const checkpoints = await readCheckpoints(db, [projection.name, name], lock);
    return [checkpoints.find((one) => one.name === projection.name), checkpoints.find((one) => one.name === name)];
  }

  private async positionOf({ name }: Target): Promise<string | null> {
    return (await readCheckpoints(this.db(), [name]))[0]?.position ?? null;
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}
