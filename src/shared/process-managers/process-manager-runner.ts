import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { BrokenStream } from '../event-sourcing/broken-streams.js';
import { deterministicId } from '../event-sourcing/stream-id.js';
import { EventStore, type Place, type StoredEvent } from '../event-sourcing/event-store.js';
import { runInContext } from '../request-context/request-context.js';
import { LeaderElection } from '../cluster/leader-election.js';
import {
  BEGINNING,
  type Checkpoint,
  type CheckpointTables,
  markSeen,
  moveCheckpoints,
  Positions,
  type Progress,
  readCheckpoints,
  registerCheckpoints,
  resetCheckpoint,
} from '../projections/checkpoints.js';
import type { Follower } from '../projections/lags.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { backoff } from '../resilience/backoff.js';

/**
 * Finishes what a crash may have left half-done. The runner calls it at least once per event, so it must be idempotent.
 */
export interface ProcessManager {
  /** Permanent, because its command ids derive from the name. */
  readonly name: string;
  readonly handles: readonly string[];
  react(event: StoredEvent): Promise<void>;
}

const CHECKPOINT = 'reactions';
const MAX_BATCH = 100;

/**
 * Runs the process managers on the leader, for each stored event that they handle, in order. A restart continues from
 * the checkpoint.
 */
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

  get registered(): readonly ProcessManager[] {
    return this.processManagers;
  }

  /** Makes the checkpoint. The work then begins and ends with the leadership. */
  async start(): Promise<void> {
    await registerCheckpoints(this.db(), [CHECKPOINT]);
    this.leaderElection.whileLeader(async (signal) => this.run(signal));
  }

  /** Returns the progress of all process managers together. */
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
        // Most events concern no process manager, so the subscription skips them by type. After a restart the store
        // skips them again.
        for await (const batch of this.store.subscribe({
          after,
          seenUpTo,
          onPassed,
          categories: this.store.categories,
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

  /**
   * Starts from the beginning when the checkpoint and the log are inconsistent. To handle an event twice is harmless;
   * to skip one is not.
   */
  private async startingPoint(): Promise<Progress> {
    const checkpoint = await this.checkpoint();
    if (!checkpoint) return BEGINNING;
    const error = await new Positions(this.store).inconsistent(checkpoint);
    if (error === null) return checkpoint;
    this.logger.error({
      error,
      position: checkpoint.position,
      msg: "process managers and the event log were inconsistent, starting again from the log's beginning",
    });
    // Forgets the old position, because the log doesn't have it.
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
        // Only an operator can repair the stream, so the runner goes on with the other events.
        if (!(error instanceof BrokenStream)) throw error;
        this.logger.error({
          err: error,
          reaction: processManager.name,
          eventId: event.id,
          msg: 'a process manager skipped an event',
        });
      }
    }
  }

  private db(): ReturnType<typeof this.database.kysely<CheckpointTables>> {
    return this.database.kysely<CheckpointTables>();
  }
}
