import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { DatabaseUnavailable } from '../database/failures.js';
import type { EventChecks } from '../event-sourcing/event-checks.js';
import { EventStoreUnavailable, type Position, type StoredEvent } from '../event-sourcing/event-store.js';
import { liveOnes, moveCheckpoints, pauseCheckpoint, readCheckpoints, type CheckpointTables } from './checkpoints.js';
import type { Positions } from './positions.js';
import type { Projection, Transaction } from './projection.js';
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
 * Tells whether the database or the store caused the error. It ends by itself then, so the projection must not be
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
   */
  async applyOrPause(batch: readonly StoredEvent[], seen: Position | null, targets: readonly Target[]): Promise<void> {
    try {
      await this.apply(batch, seen, targets);
    } catch (error) {
      if (isTransient(error)) throw error;
      this.logger.warn({ err: error, msg: 'a batch failed, applying it projection by projection' });
      for (const target of targets) await this.oneByOne(batch, seen, target);
    }
  }

  /**
   * Locks the checkpoints, compares their positions with `seen`, applies the events and moves the checkpoints.
   * @param seen the subscription's position before the batch; a target behind it would miss the events between
   */
  private async apply(batch: readonly StoredEvent[], seen: Position | null, targets: readonly Target[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    const prepared = new Map<string, unknown>();
    for (const { name, projection } of targets) {
      const events = batch.filter((event) => projection.handles.includes(event.type));
      for (const event of events) this.checks.refuseUnreadable(event);
      if (events.length > 0 && projection.prepare) prepared.set(name, await projection.prepare(events));
    }
    await this.database.transaction<CheckpointTables, void>(async (trx) => {
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
            this.positions.isAfter(event.position, position) && target?.projection.handles.includes(event.type),
        );
        if (target && events.length > 0)
          await target.projection.apply(events, tablesOf(target, trx as unknown as Transaction), prepared.get(name));
      }
      await moveCheckpoints(
        trx,
        behind.map(({ name }) => name),
        last,
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
