import { TUNING } from '../../../shared/batching/tuning.js';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { sql } from 'kysely';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { BrokenStream } from '../../../shared/event-sourcing/broken-streams.js';
import { CommandHandling, SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { runInContext } from '../../../shared/request-context/request-context.js';
import { LeaderElection } from '../../../shared/cluster/leader-election.js';
import { WorkFailures } from '../../../shared/resilience/work-failures.js';
import { expireInvitation } from '../domain/invitation.js';
import type { InvitationRow, InvitationTables } from './invitation-list.projection.js';
import { invitationOf } from '../domain/membership-stream.js';

const EVERY_MS = 60_000;

/**
 * Records the expiry of invitations of every type as an event, every minute and when this instance becomes the leader.
 * No decision needs the event, because `expiresAt` decides. The read model lists candidates and the stream decides, so
 * the schedule records each expiry once.
 */
@Injectable()
export class ExpirySchedule {
  private readonly stopping = new AbortController();
  private started = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
    private readonly leaderElection: LeaderElection,
    private readonly failures: WorkFailures,
  ) {}

  /** Records at once the expiries of the time without a leader. */
  start(): void {
    this.started = true;
    this.leaderElection.whileLeader(async () => this.run());
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.leaderElection.isLeader) await this.run();
  }

  /** Finishes the page in progress, and records nothing after that. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Records every overdue expiry. Never throws, because the next run retries. */
  async run(): Promise<void> {
    if (!this.started || this.stopping.signal.aborted) return;
    this.running ??= this.recordOverdue()
      .catch((error: unknown) => {
        this.failures.record('expiry', error);
      })
      .finally(() => {
        this.running = undefined;
      });
    await this.running;
  }

  private async recordOverdue(): Promise<void> {
    const now = this.clock.now();
    let page = await this.overdue(now, undefined);
    while (page.length > 0 && !this.stopping.signal.aborted) {
      await this.record(page, now);
      await setImmediate();
      page = page.length < TUNING.decisionsPerChunk.value ? [] : await this.overdue(now, page.at(-1));
    }
  }

  private async record(overdue: readonly InvitationRow[], now: Date): Promise<void> {
    const rows = [...new Map(overdue.map((row) => [row.stream, row])).values()];
    try {
      await this.expire(rows, now);
    } catch (error) {
      if (!(error instanceof BrokenStream)) throw error;
      // A broken stream must not hold back the others.
      if (rows.length > 1) for (const row of rows) await this.record([row], now);
    }
  }

  private async expire(rows: readonly InvitationRow[], now: Date): Promise<void> {
    const id = randomUUID();
    await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
      this.commandHandling.retrying(async () =>
        this.commandHandling.decideMany(
          rows.map((row) => ({
            stream: row.stream,
            eventContext: {
              actor: SYSTEM,
              scope: { kind: row.scope_kind, id: row.scope_id },
              organisationId: row.organisation_id,
            },
            decide: (history) => expireInvitation(invitationOf(history), now),
            onlyIf: null,
          })),
        ),
      ),
    );
  }

  private async overdue(now: Date, after: InvitationRow | undefined): Promise<InvitationRow[]> {
    let query = this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .selectAll()
      .where('state', '=', 'pending')
      .where('expires_at', '<=', now.toISOString());
    if (after)
      query = query.where(sql<boolean>`(expires_at, id) > (${after.expires_at}::timestamptz, ${after.id}::uuid)`);
    return query.orderBy('expires_at').orderBy('id').limit(TUNING.decisionsPerChunk.value).execute();
  }
}
