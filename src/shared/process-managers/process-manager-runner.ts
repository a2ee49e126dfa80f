import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { CATEGORIES } from '../event-sourcing/categories.js';
import { BrokenStream } from '../event-sourcing/broken-streams.js';
import { deterministicId } from '../event-sourcing/deterministic-id.js';
import { EventStore, type Place, type StoredEvent } from '../event-sourcing/event-store.js';
import { runInContext } from '../request-context/request-context.js';
import { LeaderElection } from '../cluster/leader-election.js';
import {
  markSeen,
  moveCheckpoints,
  readCheckpoints,
  registerCheckpoints,
  resetCheckpoint,
  type Checkpoint,
  type CheckpointTables,
} from '../projections/checkpoints.js';
import type { Follower } from '../projections/lags.js';
import { BEGINNING, Positions, type Progress } from '../projections/positions.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { backoff } from '../resilience/backoff.js';

/** Finishes what a crash may have left half-done. Called at least once per event: it must be quiet when there is nothing left to do. */
export interface ProcessManager {
  /** Permanent: the checkpoint's key and part of the ids of what it stores. */
  readonly name: string;
  readonly handles: readonly string[];
  react(event: StoredEvent): Promise<void>;
}

const CHECKPOINT = 'reactions';
const MAX_BATCH = 100;

/** Shows the reactions every stored event that they look at, in order, on the instance that works, and goes on after a restart where it was. */
@Injectable()
export class ProcessManagerRunner {
  private readonly logger = new Logger(ProcessManagerRunner.name);
  private readonly processManagers: ProcessManager[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly leaderElection: LeaderElection,
    private readonly failures: WorkFailures,
  ) {}

  register(processManager: ProcessManager): void {
    this.processManagers.push(processManager);
  }

  /** Work begins and ends with the lease. */
  async start(): Promise<void> {
    await registerCheckpoints(this.db(), [CHECKPOINT]);
    this.leaderElection.whileLeader(async (signal) => this.run(signal));
  }

  /** How far they are, all together. */
  async progress(): Promise<Follower> {
    const checkpoint = await this.checkpoint();
    return {
      name: CHECKPOINT,
      position: checkpoint?.position ?? null,
      seenUpTo: checkpoint?.seenUpTo ?? null,
      types: this.types,
    };
  }

  private get types(): string[] {
    return [...new Set(this.processManagers.flatMap(({ handles }) => handles))];
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        const { position: after, seenUpTo } = await this.startingPoint();
        let handled = after;
        const onPassed = async (seen: Place): Promise<void> => markSeen(this.db(), [CHECKPOINT], handled, seen);
        // Most events concern no reaction: those aren't even read. They are passed again after a restart, in the store.
        for await (const batch of this.store.subscribe({
          after,
          seenUpTo,
          onPassed,
          categories: CATEGORIES,
          types: this.types,
          signal,
          maxBatch: MAX_BATCH,
        })) {
          for (const event of batch) await this.show(event);
          failures = 0;
          const last = batch.at(-1);
          if (last) await moveCheckpoints(this.db(), [CHECKPOINT], last);
          handled = last?.position ?? handled;
        }
      } catch (error) {
        failures += 1;
        this.failures.record('reactions', error);
        await backoff(failures, signal);
      }
    }
  }

  /** From the beginning when the checkpoint and the log don't belong together: showing an event again does no harm, skipping one would. */
  private async startingPoint(): Promise<Progress> {
    const checkpoint = await this.checkpoint();
    if (!checkpoint) return BEGINNING;
    const error = await new Positions(this.store).inconsistent(checkpoint);
    if (error === null) return checkpoint;
    this.logger.error({
      error,
      position: checkpoint.position,
      msg: 'reactions and the event log did not belong together, beginning again from its start',
    });
    // Nobody may ask the log what lies behind a place that it doesn't have.
    await resetCheckpoint(this.db(), CHECKPOINT);
    return BEGINNING;
  }

  private async checkpoint(): Promise<Checkpoint | undefined> {
    return (await readCheckpoints(this.db(), [CHECKPOINT]))[0];
  }

  private async show(event: StoredEvent): Promise<void> {
    for (const processManager of this.processManagers.filter(({ handles }) => handles.includes(event.type))) {
      const context = {
        correlationId: event.metadata.$correlationId,
        causationId: event.id,
        commandId: deterministicId(event.id, processManager.name),
      };
      try {
        this.store.checks.refuseUnreadable(event);
        await runInContext(context, async () => processManager.react(event));
      } catch (error) {
        // Nothing can be finished there until an operator has mended the log; all else goes on.
        if (!(error instanceof BrokenStream)) throw error;
        this.logger.error({
          err: error,
          reaction: processManager.name,
          eventId: event.id,
          msg: 'a reaction was passed over',
        });
      }
    }
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}
