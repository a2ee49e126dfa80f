import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import { withDatabaseTimeout } from '../database/failures.js';
import { Signal } from '../resilience/signal.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import type { NotificationBus } from './notification-bus.js';

/** Stores which instance leads. Times are from the database's clock. */
export const LeaderTable = defineEntity({
  name: 'work_lease',
  properties: { name: p.text().primary(), holder: p.uuid(), until: p.datetime().$type<string>() },
});

/** The lease of the leader. */
export const LEADER_LEASE = 'work';
/** A holder that hasn't renewed the lease for this long counts as dead. */
const LIFE_MS = 6_000;
const RENEW_EVERY_MS = 2_000;

/** Work that stops at the next safe point when the signal aborts. Its promise resolves when it has stopped. */
export type LeaderWork = (signal: AbortSignal) => Promise<void>;

interface Term {
  ending: AbortController;
  running: Promise<void>[];
}

/**
 * Elects one instance as the leader, which runs projections, process managers and schedules.
 * Another instance takes over when the leader stops, or within `LIFE_MS` of its death. An embedded process always
 * leads.
 * The election only avoids double work. All work must be idempotent, because two instances may lead for a moment.
 */
export class LeaderElection {
  private readonly logger = new Logger(LeaderElection.name);
  private readonly work: LeaderWork[] = [];
  private readonly stopping = new AbortController();
  private readonly leaseSignal = new Signal();
  private term: Term | null = null;
  /** Resolves when all work of the last term has ended. */
  private ended: Promise<unknown> = Promise.resolve();
  private lapse: NodeJS.Timeout | undefined;
  private failingSince: number | null = null;
  private running: Promise<void> | undefined;

  /**
   * @param name the lease's name; each lease has its own leader
   */
  constructor(
    private readonly database: Database,
    private readonly notificationBus: NotificationBus,
    private readonly failures: WorkFailures,
    private readonly name = LEADER_LEASE,
    /** This instance's id. */
    readonly holder: string = randomUUID(),
  ) {
    notificationBus.on('lease', () => {
      this.leaseSignal.notify();
    });
  }

  get isLeader(): boolean {
    return this.term !== null;
  }

  /**
   * Milliseconds for which this instance could neither read nor renew the lease; 0 when the last attempt succeeded.
   */
  get failingForMs(): number {
    return this.failingSince === null ? 0 : performance.now() - this.failingSince;
  }

  /** Which instance leads, and until when unless it renews the lease; null: none does. ISO UTC. */
  async leader(): Promise<{ holder: string; until: string | null } | null> {
    if (this.database.embedded) return this.isLeader ? { holder: this.holder, until: null } : null;
    const { rows } = await sql<{ holder: string; until: Date }>`
      select holder, until from work_lease where name = ${this.name} and until > clock_timestamp()`.execute(
      this.database.kysely(),
    );
    const [found] = rows;
    return found ? { holder: found.holder, until: new Date(found.until).toISOString() } : null;
  }

  /** Runs this work whenever this instance is the leader. */
  whileLeader(leaderWork: LeaderWork): void {
    this.work.push(leaderWork);
    if (this.term) this.begin(leaderWork, this.term);
  }

  /** Starts to compete for the lease. */
  start(): void {
    if (this.database.embedded) this.take();
    else this.running = this.run();
  }

  /** Ends the work and releases the lease. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.end();
    await this.ended;
    if (this.running) await this.release();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const seen = this.leaseSignal.count;
      const wait = await this.tryToClaim();
      await this.leaseSignal.after(seen, Math.min(wait, RENEW_EVERY_MS), signal);
    }
  }

  /** @returns the milliseconds until the next attempt */
  private async tryToClaim(): Promise<number> {
    const asked = performance.now();
    try {
      const wait = await this.claim();
      this.failingSince = null;
      return wait;
    } catch (error) {
      this.failingSince ??= asked;
      this.failures.record('lease', error);
      return RENEW_EVERY_MS;
    }
  }

  /**
   * Takes the lease when it is free, or renews it.
   * @returns the milliseconds until the next attempt
   */
  private async claim(): Promise<number> {
    const asked = performance.now();
    const left = await withDatabaseTimeout(async () => this.ask());
    if (left > 0) {
      this.end();
      return left;
    }
    if (this.stopping.signal.aborted) return 0;
    clearTimeout(this.lapse);
    this.lapse = setTimeout(
      () => {
        this.end();
      },
      LIFE_MS - (performance.now() - asked),
    ).unref();
    if (!this.isLeader) await this.ended;
    this.take();
    return RENEW_EVERY_MS;
  }

  /** @returns the milliseconds for which another instance still holds the lease; 0 when this one does */
  private async ask(): Promise<number> {
    const { rows } = await sql<{ left: number }>`
      with mine as (
        insert into work_lease (name, holder, until) values (${this.name}, ${this.holder}, clock_timestamp() + ${LIFE_MS} * interval '1 ms')
        on conflict (name) do update set holder = excluded.holder, until = excluded.until
          where work_lease.holder = excluded.holder or work_lease.until < clock_timestamp()
        returning 0::float8 as left
      )
      select "left" from mine
      union all
      select greatest(1, extract(epoch from until - clock_timestamp()) * 1000)::float8 from work_lease
        where name = ${this.name} and not exists (select from mine)`.execute(this.database.kysely());
    return rows[0]?.left ?? 1;
  }

  private take(): void {
    if (this.term || this.stopping.signal.aborted) return;
    this.term = { ending: new AbortController(), running: [] };
    if (!this.database.embedded)
      this.logger.log({
        lease: this.name,
        msg: 'this instance is the leader now: it runs read models, process managers and schedules',
      });
    for (const leaderWork of this.work) this.begin(leaderWork, this.term);
  }

  private begin(leaderWork: LeaderWork, { ending, running }: Term): void {
    running.push(
      leaderWork(ending.signal).catch((error: unknown) => {
        this.logger.error({ err: error, msg: 'some work of the leader ended unexpectedly' });
      }),
    );
  }

  private end(): void {
    clearTimeout(this.lapse);
    const { term } = this;
    if (!term) return;
    this.term = null;
    term.ending.abort();
    this.ended = Promise.all(term.running);
    if (!this.stopping.signal.aborted)
      this.logger.warn({ lease: this.name, msg: 'this instance is not the leader any more' });
  }

  private async release(): Promise<void> {
    try {
      await sql`delete from work_lease where name = ${this.name} and holder = ${this.holder}`.execute(
        this.database.kysely(),
      );
      this.notificationBus.publish('lease');
    } catch (error) {
      this.logger.warn({ err: error, msg: 'the lease was not released, it expires by itself' });
    }
  }
}
