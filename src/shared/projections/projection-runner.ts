import { EventEmitter, once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { TUNING } from '../batching/tuning.js';
import { Database } from '../database/database.js';
import { EventStore, type Place, type Position } from '../event-sourcing/event-store.js';
import { Signal } from '../resilience/signal.js';
import { NotificationBus } from '../cluster/notification-bus.js';
import { LeaderElection } from '../cluster/leader-election.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { ProjectionBatchApplier, ProjectionWorker, type RunnerManners } from './projection-worker.js';
import {
  type Checkpoint,
  type CheckpointTables,
  isInconsistent,
  LOG_DIFFERS,
  Positions,
  type Progress,
  readCheckpoints,
  readStagedCheckpoints,
  registerCheckpoints,
  requestStaging,
  resetCheckpoint,
  type StagedCheckpoint,
  unpauseCheckpoint,
} from './checkpoints.js';
import type { Projection } from './projection.js';
import { Rebuilder } from './rebuilder.js';

/** Milliseconds that a call waits for the read models when the caller named no position. */
const PATIENCE_MS = 2000;
/** Milliseconds after which an instance that isn't the leader sees progress without a notification. */
const LOOK_EVERY_MS = 250;

/** A projection's checkpoint, and the checkpoint of its rebuild while there is one. */
export interface ProjectionState extends Checkpoint {
  rebuild: StagedCheckpoint | null;
}

/**
 * Knows the progress of the read models on every instance, and takes operators' requests. Only the leader applies
 * events.
 */
@Injectable()
export class ProjectionRunner {
  private readonly projections = new Map<string, Projection>();
  private readonly moved = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();
  private readonly progressSignal = new Signal();
  private readonly positions: Positions;
  private readonly worker: ProjectionWorker;
  private readonly rebuilder: Rebuilder;
  private position: Position | null = null;
  /** The foreign event up to which the read models have passed, as far as this instance knows. */
  private seenUpTo: Place | null = null;
  private movedAt = performance.now();
  private watching: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly leaderElection: LeaderElection,
    private readonly notificationBus: NotificationBus,
    failures: WorkFailures,
  ) {
    this.positions = new Positions(store);
    const batchApplier = new ProjectionBatchApplier(database, this.positions, store.checks);
    const moved = (progress: Progress): void => {
      this.moveTo(progress);
      notificationBus.publish('read-models');
    };
    this.worker = new ProjectionWorker(
      store,
      database,
      this.projections,
      this.positions,
      batchApplier,
      failures,
      moved,
      this.manners(),
    );
    this.rebuilder = new Rebuilder(
      store,
      database,
      this.projections,
      this.positions,
      batchApplier,
      this.worker,
      failures,
    );
    notificationBus.on('read-models', () => {
      this.progressSignal.notify();
    });
    notificationBus.on('work', () => {
      this.lookAgain();
    });
  }

  protected manners(): RunnerManners {
    return {
      countsForeign: true,
      restMs: ({ isLarge, tookMs }) => (isLarge ? TUNING.projectionPaceMs.value - tookMs : 0),
      restsBehind: () => false,
    };
  }

  register(projection: Projection): void {
    this.projections.set(projection.name, projection);
  }

  get registered(): readonly Projection[] {
    return [...this.projections.values()];
  }

  /**
   * Makes missing checkpoints. Then this instance applies events while it is the leader, and watches while another is.
   */
  async start(): Promise<void> {
    await registerCheckpoints(this.db(), this.names());
    this.leaderElection.whileLeader(async (signal) => {
      await Promise.all([this.worker.work(signal), this.rebuilder.work(signal)]);
    });
    if (!this.database.embedded) this.watching = this.watch();
  }

  /** Ends watching; the work ends with the leadership. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  /**
   * Resolves true when all read models have reached `position`, false after `timeoutMs`.
   * @throws RangeError for text that is no position
   */
  async reached(position: Position, timeoutMs: number): Promise<boolean> {
    const there = (): boolean => this.position !== null && this.store.comparePositions(this.position, position) >= 0;
    if (this.store.comparePositions(position, position) === 0 && there()) return true;
    const signal = AbortSignal.timeout(timeoutMs);
    while (!there()) {
      this.worker.hurry();
      try {
        await once(this.moved, 'moved', { signal });
      } catch {
        return there();
      }
    }
    return true;
  }

  /** Whether many events came a moment ago, on the leader. */
  get isBusy(): boolean {
    return this.worker.isBusy;
  }

  /** Milliseconds for which the read models haven't moved, whichever instance leads. */
  get stillForMs(): number {
    return performance.now() - this.movedAt;
  }

  /** Calls back when the read models have moved, whichever instance moved them. */
  onMoved(listener: () => void): void {
    this.moved.on('moved', listener);
  }

  /**
   * Waits until the read models show everything stored so far.
   * @returns false when `timeoutMs` passed first
   */
  async caughtUp(timeoutMs: number): Promise<boolean> {
    // Before the first look at the checkpoints the position is unknown. Without it the search begins at the log's end,
    // because a search from its start would take longer.
    const from = this.position === null ? undefined : { after: this.position, seenUpTo: this.seenUpTo };
    const head = await this.store.head(this.store.categories, { from });
    return head === null || this.reached(head, timeoutMs);
  }

  /**
   * Looks up something that may just have been stored. If it is missing, looks again when the read models have caught
   * up.
   */
  async lookUp<Found>(look: () => Promise<Found | undefined>): Promise<Found | undefined> {
    return (await look()) ?? ((await this.caughtUp(PATIENCE_MS)) ? look() : undefined);
  }

  /**
   * Waits until the read models show everything stored so far.
   * @throws RuleBroken `read-model-behind`
   */
  async mustCatchUp(timeoutMs: number = PATIENCE_MS): Promise<void> {
    if (!(await this.caughtUp(timeoutMs))) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
  }

  /** Returns the state of every projection. */
  async status(): Promise<ProjectionState[]> {
    const [checkpoints, staged] = [
      await readCheckpoints(this.db(), this.names()),
      await readStagedCheckpoints(this.db()),
    ];
    return checkpoints.map((checkpoint) => ({
      ...checkpoint,
      rebuild: staged.findLast(({ projection }) => projection === checkpoint.name) ?? null,
    }));
  }

  /**
   * Resumes a paused projection at the event where it stopped.
   * @param before runs first, when the projection is paused and may go on
   * @returns false when no projection has this name
   * @throws RuleBroken `checkpoint-ahead`, `log-differs`
   */
  async resume(name: string, before?: () => Promise<void>): Promise<boolean> {
    if (!this.projections.has(name)) return false;
    const [checkpoint] = await readCheckpoints(this.db(), [name]);
    const error = checkpoint && isInconsistent(checkpoint) ? await this.positions.inconsistent(checkpoint) : null;
    if (error !== null) throw new RuleBroken(error === LOG_DIFFERS ? 'log-differs' : 'checkpoint-ahead');
    if (checkpoint?.error == null) return true;
    await before?.();
    await unpauseCheckpoint(this.db(), name);
    this.goOn();
    return true;
  }

  /**
   * Rebuilds a read model from the beginning beside the live one, which it replaces when it has caught up.
   * A projection without tables handles all events again, but only when it and the log are inconsistent. Its rows have
   * stable keys.
   * @param before runs first, when there is something to rebuild and no rebuild runs
   * @returns false when no projection has this name, or there is nothing to rebuild
   */
  async rebuild(name: string, before?: () => Promise<void>): Promise<boolean> {
    const projection = this.projections.get(name);
    const [state] = projection ? (await this.status()).filter((one) => one.name === name) : [];
    if (!projection || !state || (projection.tables.length === 0 && !isInconsistent(state))) return false;
    if (state.rebuild?.error === null) return true;
    await before?.();
    if (projection.tables.length > 0) await requestStaging(this.db(), name);
    else await resetCheckpoint(this.db(), name);
    this.goOn();
    return true;
  }

  /** Watches the read models' progress while another instance leads. */
  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const seen = this.progressSignal.count;
      // Ignores a failure, because it ends by itself or the leader reports it. Until then this instance sees no
      // progress.
      if (!this.leaderElection.isLeader) await this.lookAtCheckpoints().catch(() => undefined);
      await this.progressSignal.after(seen, LOOK_EVERY_MS, signal);
    }
  }

  private async lookAtCheckpoints(): Promise<void> {
    const earliest = this.positions.earliest(await readCheckpoints(this.db(), this.names()));
    // This instance may have become the leader meanwhile and moved them further.
    if (!this.leaderElection.isLeader) this.moveTo(earliest);
  }

  private goOn(): void {
    this.lookAgain();
    this.notificationBus.publish('work');
  }

  private lookAgain(): void {
    this.worker.resubscribe();
    this.rebuilder.look();
  }

  private moveTo({ position, seenUpTo }: Progress): void {
    this.seenUpTo = seenUpTo;
    if (position === this.position) return;
    this.position = position;
    this.movedAt = performance.now();
    this.moved.emit('moved');
  }

  private names(): string[] {
    return [...this.projections.keys()];
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}
