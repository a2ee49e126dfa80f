import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import { CATEGORIES } from '../event-sourcing/categories.js';
import type { EventStore, Position, StoredEvent } from '../event-sourcing/event-store.js';
import { Wake } from '../resilience/signal.js';
import { backoff } from '../resilience/backoff.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import type { Applying, Target } from './projection-batch-applier.js';
import {
  pauseCheckpoint,
  readCheckpoints,
  readShadows,
  resetCheckpoint,
  takeOver,
  type Checkpoint,
  type CheckpointTables,
  type Shadow,
} from './checkpoints.js';
import { isAstray, type Positions } from './positions.js';
import type { Projection, Transaction } from './projection.js';
import type { ProjectionWorker } from './projection-worker.js';
import { isStillLike, makeShadowTables, shadowName, switchTables } from './staging-tables.js';

/** PGlite has one connection: a batch must not hold up requests for long. */
const MAX_BATCH = { embedded: 500, server: 2000 };
/** Whoever asked for a rebuild at another instance, and wasn't heard. */
const LOOK_EVERY_MS = 5_000;
/** A reader that takes long is let through; nobody waits behind it for longer than this. */
const SWITCH_WITHIN_MS = 200;

interface Replay {
  batches: AsyncIterator<StoredEvent[], unknown>;
  /** Where it stands. */
  seen: Position | null;
}

/**
 * Builds read models anew beside the live ones and switches when they have caught up. Begins from the start whenever this
 * instance takes the work over: whoever began may have been an older version of the product.
 */
export class Rebuilder {
  private readonly logger = new Logger('Projections');
  private readonly wake = new Wake();

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly projections: ReadonlyMap<string, Projection>,
    private readonly positions: Positions,
    private readonly applying: Applying,
    private readonly worker: ProjectionWorker,
    private readonly workFailures: WorkFailures,
  ) {}

  /** Something may be asked for. */
  look(): void {
    this.wake.ring();
  }

  /** Goes on until the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    const begun = new Set<string>();
    for (let failures = 0; !signal.aborted;) {
      const rung = this.wake.count;
      try {
        const [shadow] = (await readShadows(this.db())).filter(({ error }) => error === null);
        if (shadow) await this.rebuild(shadow, begun, signal);
        else await this.worker.resubscribeIfNeeded();
        failures = 0;
        if (!shadow) await this.wake.after(rung, LOOK_EVERY_MS, signal);
      } catch (error) {
        failures += 1;
        this.workFailures.record('rebuild', error);
        await backoff(failures, signal);
      }
    }
  }

  private async rebuild(shadow: Shadow, begun: Set<string>, signal: AbortSignal): Promise<void> {
    const projection = this.projections.get(shadow.projection);
    if (!projection) return this.pause(shadow, 'unknown');
    // What was built from a log that was set back since is as wrong as the live one.
    if (!begun.has(shadow.name) || (await this.positions.astray(shadow)) !== null) await this.begin(shadow, projection);
    begun.add(shadow.name);
    const target: Target = { name: shadow.name, projection, version: shadow.version };
    const ended = new AbortController();
    const seen = await this.positionOf(target);
    const maxBatch = MAX_BATCH[this.database.mode];
    const events = this.store.subscribe({
      after: seen,
      categories: CATEGORIES,
      signal: AbortSignal.any([signal, ended.signal]),
      maxBatch,
    });
    const replay: Replay = { batches: events[Symbol.asyncIterator](), seen };
    try {
      // The longer part beside the live one; for the last bit that one waits, or it might always be a step ahead.
      while (await this.isBehind(target)) if ((await this.next(replay, target)) < maxBatch) break;
      if (signal.aborted) return;
      for (const table of projection.tables)
        await sql`analyze ${sql.table(shadowName(table, shadow.version))}`.execute(this.db());
      await this.worker.between(async () => {
        while (await this.isBehind(target)) if ((await this.next(replay, target)) === 0) return;
        if (!signal.aborted) await this.switch(shadow, projection, begun);
      });
    } finally {
      ended.abort();
    }
  }

  private async begin(shadow: Shadow, projection: Projection): Promise<void> {
    await this.database.transaction<CheckpointTables, void>(async (trx) => {
      const [present] = await readCheckpoints(trx, [shadow.name], true);
      if (!present) return;
      await makeShadowTables(trx as unknown as Transaction, projection.tables, shadow.version);
      await resetCheckpoint(trx, shadow.name);
    });
    this.logger.log({
      projection: shadow.projection,
      version: shadow.version,
      msg: 'rebuilding a read model beside the live one',
    });
  }

  /** @returns how many events were applied; 0 when it ended, was paused, or somebody else moved it: the next look goes on from where it is */
  private async next(replay: Replay, target: Target): Promise<number> {
    const { value, done } = await replay.batches.next();
    if (done) return 0;
    await this.applying.applyOrPause(value, replay.seen, [target]);
    replay.seen = await this.positionOf(target);
    return replay.seen === value.at(-1)?.position ? value.length : 0;
  }

  /** Whether the live one shows something that this one doesn't yet. */
  private async isBehind(target: Target): Promise<boolean> {
    const [live, shadow] = await this.both(this.db(), target);
    if (!live || !shadow || shadow.error !== null) return false;
    if (!isAstray(live)) return this.positions.isAfter(live.position, shadow.position);
    // A live one that went astray is no measure: the log is. What waits for more of ours than there are would wait for ever.
    return this.store.isAnythingAfter(shadow.position, CATEGORIES);
  }

  /** One short transaction with both checkpoints locked. Throws when a reader holds the live table for long: tried again. */
  private async switch({ name, version }: Shadow, projection: Projection, begun: Set<string>): Promise<void> {
    const switched = await this.database.transaction<CheckpointTables, boolean>(async (trx) => {
      await sql`select set_config('lock_timeout', ${`${String(SWITCH_WITHIN_MS)}ms`}, true)`.execute(trx);
      const [live, shadow] = await this.both(trx, { name, projection }, true);
      if (
        !live ||
        !shadow ||
        shadow.error !== null ||
        (!isAstray(live) && this.positions.isAfter(live.position, shadow.position))
      )
        return false;
      const tables = trx as unknown as Transaction;
      for (const table of projection.tables) {
        if (await isStillLike(tables, table, version)) continue;
        begun.delete(name);
        return false;
      }
      await switchTables(tables, projection.tables, version);
      await takeOver(trx, projection.name, shadow);
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

  private async pause({ name }: Shadow, kind: string): Promise<void> {
    await pauseCheckpoint(this.db(), name, null, kind);
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}
