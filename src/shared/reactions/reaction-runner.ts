import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { CATEGORIES } from '../event-store/categories.js';
import { deterministicId } from '../event-store/deterministic-id.js';
import { EventStore, type StoredEvent } from '../event-store/event-store.js';
import { runInContext } from '../event-store/request-context.js';
import { moveCheckpoints, readCheckpoints, registerCheckpoints, type CheckpointTables } from '../projections/checkpoints.js';
import { backoff } from './backoff.js';

/** Finishes what a crash may have left half-done. Called at least once per event: it must be quiet when there is nothing left to do. */
export interface Reaction {
  /** Permanent: the checkpoint's key and part of the ids of what it stores. */
  readonly name: string;
  readonly handles: readonly string[];
  react(event: StoredEvent): Promise<void>;
}

const CHECKPOINT = 'reactions';
const MAX_BATCH = 100;
const MOST_PASSED = 1000;

/** Shows every stored event to the reactions, in order, and goes on after a restart where it was. */
@Injectable()
export class ReactionRunner {
  private readonly logger = new Logger(ReactionRunner.name);
  private readonly reactions: Reaction[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
  ) {}

  register(reaction: Reaction): void {
    this.reactions.push(reaction);
  }

  async start(): Promise<void> {
    await registerCheckpoints(this.database.kysely<CheckpointTables>(), [CHECKPOINT]);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const [checkpoint] = await readCheckpoints(this.database.kysely<CheckpointTables>(), [CHECKPOINT]);
        const after = checkpoint?.position ?? null;
        let passed = 0;
        for await (const batch of this.store.subscribe({ after, categories: CATEGORIES, signal, maxBatch: MAX_BATCH })) {
          let shown = false;
          for (const event of batch) shown = (await this.show(event)) || shown;
          passed += batch.length;
          failures = 0;
          // Most events concern no reaction; to pass them again after a restart costs less than a write for each few.
          if (!shown && passed < MOST_PASSED) continue;
          await moveCheckpoints(this.database.kysely<CheckpointTables>(), [CHECKPOINT], batch.at(-1)?.position ?? after);
          passed = 0;
        }
      } catch (error) {
        failures += 1;
        this.logger.error({ err: error, msg: 'a reaction failed, trying again' });
        await backoff(failures, signal);
      }
    }
  }

  /** @returns whether any reaction looks at such events */
  private async show(event: StoredEvent): Promise<boolean> {
    const concerned = this.reactions.filter(({ handles }) => handles.includes(event.type));
    for (const reaction of concerned) {
      const context = {
        correlationId: event.metadata.$correlationId,
        causationId: event.id,
        commandId: deterministicId(event.id, reaction.name),
      };
      await runInContext(context, async () => reaction.react(event));
    }
    return concerned.length > 0;
  }
}
