import { EventEmitter, once } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventStore, EventStoreUnavailable, type Position, type StoredEvent } from '../event-store/event-store.js';
import { withoutDetails } from '../event-store/postgres/failures.js';
import { CATEGORIES } from '../event-store/categories.js';
import {
  moveCheckpoints, pauseCheckpoint, readCheckpoints, registerCheckpoints, resetProjection, unpauseCheckpoint,
  type Checkpoint, type CheckpointTables,
} from './checkpoints.js';
import type { Projection, Transaction } from './projection.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { backoff } from '../reactions/backoff.js';

const MAX_BATCH = 500;
/** How long a call waits for the read models by itself. */
const PATIENCE_MS = 2000;

/** The read models have seen events that the log doesn't hold: two backups that don't belong together. */
export class CheckpointAhead extends Error {
  override readonly name = 'CheckpointAhead';
}

/** One ordered subscription feeds all read models. A batch is one transaction with all their writes and checkpoints: exactly once. */
@Injectable()
export class ProjectionRunner {
  private readonly logger = new Logger(ProjectionRunner.name);
  private readonly projections = new Map<string, Projection>();
  private readonly moved = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();
  /** Ends the present subscription so that the next one starts from the checkpoints as they are then. */
  private resubscribe = new AbortController();
  private position: Position | null = null;
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
  ) {}

  register(projection: Projection): void {
    this.projections.set(projection.name, projection);
  }

  /** Makes missing checkpoints, checks them against the log, then runs until `stop`. @throws CheckpointAhead */
  async start(): Promise<void> {
    await registerCheckpoints(this.db(), this.names());
    await this.refuseCheckpointsAhead();
    this.running = this.run();
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.resubscribe.abort();
    await this.running;
  }

  /** Resolves true once all read models have got to `position`, false when `timeoutMs` passed first. @throws RangeError for text that is no position */
  async reached(position: Position, timeoutMs: number): Promise<boolean> {
    const there = (): boolean => this.position !== null && this.store.comparePositions(this.position, position) >= 0;
    if (this.store.comparePositions(position, position) === 0 && there()) return true;
    const signal = AbortSignal.timeout(timeoutMs);
    while (!there()) {
      try {
        await once(this.moved, 'moved', { signal });
      } catch {
        return there();
      }
    }
    return true;
  }

  /** Calls back after every batch that is committed. */
  onMoved(listener: () => void): void {
    this.moved.on('moved', listener);
  }

  /** Waits until the read models show everything stored so far. @returns false when `timeoutMs` passed first */
  async caughtUp(timeoutMs: number): Promise<boolean> {
    const head = await this.store.head(CATEGORIES);
    return head === null || this.reached(head, timeoutMs);
  }

  /** Looks something up that may have been stored a moment ago: not there, it looks again once the read models show everything stored so far. */
  async lookUp<Found>(look: () => Promise<Found | undefined>): Promise<Found | undefined> {
    return (await look()) ?? ((await this.caughtUp(PATIENCE_MS)) ? look() : undefined);
  }

  /** Waits until the read models show everything stored so far. @throws RuleBroken `read-model-behind` */
  async mustCatchUp(): Promise<void> {
    if (!(await this.caughtUp(PATIENCE_MS))) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
  }

  /** Of every projection. */
  async status(): Promise<Checkpoint[]> {
    return readCheckpoints(this.db(), this.names());
  }

  /** Tries a paused projection again from the event it stopped at. @returns false when there is none of this name */
  async resume(name: string): Promise<boolean> {
    if (!this.projections.has(name)) return false;
    await unpauseCheckpoint(this.db(), name);
    this.resubscribe.abort();
    return true;
  }

  /** Empties a read model and replays it from the beginning. @returns false when there is none of this name */
  async rebuild(name: string): Promise<boolean> {
    const projection = this.projections.get(name);
    if (!projection || projection.tables.length === 0) return false;
    await this.database.transaction<CheckpointTables, void>(async (trx) => resetProjection(trx, name, projection.tables));
    this.resubscribe.abort();
    this.moveTo(null);
    return true;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping.signal.aborted; ) {
      this.resubscribe = new AbortController();
      try {
        await this.follow(AbortSignal.any([this.stopping.signal, this.resubscribe.signal]));
        failures = 0;
      } catch (error) {
        failures += 1;
        this.logger.error({ err: error, msg: 'projections stopped, trying again' });
        await backoff(failures, this.stopping.signal);
      }
    }
  }

  /** Ends when a projection was set back meanwhile, here or by another instance: the next subscription starts from there. */
  private async follow(signal: AbortSignal): Promise<void> {
    let seen = this.earliest(await this.status());
    this.moveTo(seen);
    for await (const batch of this.store.subscribe({ after: seen, categories: CATEGORIES, signal, maxBatch: MAX_BATCH })) {
      await this.handle(batch, seen);
      seen = batch.at(-1)?.position ?? seen;
      const live = liveOnes(await this.status());
      if (signal.aborted) return;
      this.moveTo(this.earliest(live));
      if (live.some(({ position }) => this.isAfter(seen, position))) return;
    }
  }

  private async handle(batch: readonly StoredEvent[], seen: Position | null): Promise<void> {
    const projections = [...this.projections.values()];
    try {
      await this.apply(batch, seen, projections);
    } catch (error) {
      if (isPassing(error)) throw error;
      this.logger.warn({ err: error, msg: 'a batch failed, applying it projection by projection' });
      for (const projection of projections) await this.applyOrPause(batch, seen, projection);
    }
  }

  /** @param seen where the subscription stood before the batch: a projection that isn't as far yet would miss what is between */
  private async apply(batch: readonly StoredEvent[], seen: Position | null, projections: readonly Projection[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    const prepared = new Map<string, unknown>();
    for (const projection of projections) {
      const events = batch.filter((event) => projection.handles.includes(event.type));
      if (events.length > 0 && projection.prepare) prepared.set(projection.name, await projection.prepare(events));
    }
    await this.database.transaction<CheckpointTables, void>(async (trx) => {
      const checkpoints = liveOnes(await readCheckpoints(trx, projections.map(({ name }) => name), true));
      const behind = checkpoints.filter(({ position }) => !this.isAfter(seen, position) && this.isAfter(last.position, position));
      for (const { name, position } of behind) {
        const projection = this.projections.get(name);
        const events = batch.filter((event) => this.isAfter(event.position, position) && projection?.handles.includes(event.type));
        if (projection && events.length > 0) await projection.apply(events, trx as unknown as Transaction, prepared.get(name));
      }
      await moveCheckpoints(trx, behind.map(({ name }) => name), last.position);
    });
  }

  /** One projection's trouble is its own: it stops before the event that it can't take, the others go on. */
  private async applyOrPause(batch: readonly StoredEvent[], seen: Position | null, projection: Projection): Promise<void> {
    let before = seen;
    for (const event of batch) {
      try {
        await this.apply([event], before, [projection]);
        before = event.position;
      } catch (error) {
        if (isPassing(error)) throw error;
        const kind = error instanceof Error ? error.name : 'unknown';
        await pauseCheckpoint(this.db(), projection.name, event.id, kind);
        this.logger.error({ err: error, projection: projection.name, eventId: event.id, msg: 'projection paused' });
        return;
      }
    }
  }

  private async refuseCheckpointsAhead(): Promise<void> {
    const head = await this.store.head(CATEGORIES);
    for (const { name, position } of await this.status()) {
      if (position !== null && (head === null || this.store.comparePositions(position, head) > 0)) {
        throw new CheckpointAhead(`read model ${name} is at position ${position}, the event log ends at ${head ?? 'its beginning'}: restore both from the same backup`);
      }
    }
  }

  private earliest(checkpoints: readonly Checkpoint[]): Position | null {
    const live = liveOnes(checkpoints).map(({ position }) => position);
    return live.reduce((least, position) => (this.isAfter(least, position) ? position : least), live[0] ?? null);
  }

  private isAfter(a: Position | null, b: Position | null): boolean {
    if (a === null) return false;
    return b === null || this.store.comparePositions(a, b) > 0;
  }

  private moveTo(position: Position | null): void {
    this.position = position;
    this.moved.emit('moved');
  }

  private names(): string[] {
    return [...this.projections.keys()];
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}

function liveOnes(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  return checkpoints.filter(({ pausedAt }) => pausedAt === null);
}

/** The database's trouble, not a projection's: it passes, and nobody should have to resume anything then. */
function isPassing(error: unknown): boolean {
  return withoutDetails(error) instanceof EventStoreUnavailable;
}
