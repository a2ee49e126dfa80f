import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { CommandHandling } from '../event-sourcing/command-handling.js';
import { EventStoreRefuses } from '../event-sourcing/event-store-refuses.js';
import { EventStore } from '../event-sourcing/event-store.js';
import { LeaderElection } from '../cluster/leader-election.js';
import { Lags } from '../projections/lags.js';
import { isInconsistent } from '../projections/positions.js';
import { ProjectionRunner, type ProjectionState } from '../projections/projection-runner.js';
import { ProcessManagerRunner } from '../process-managers/process-manager-runner.js';
import { Probe } from './probe.js';

/** Why something is wrong. Permanent: monitors branch on them. What to do about each: docs/alarms.md. */
export type ReasonCode = (typeof REASON_CODES)[number];
export const REASON_CODES = [
  'database-unavailable',
  'event-store-unavailable',
  'event-store-refuses',
  'not-writable',
  'read-models-stopped',
  'read-model-paused',
  'database-encoding',
] as const;

/** Holds nothing about people, organisations or secrets: anybody may ask. */
export interface Reason {
  code: ReasonCode;
  /** Of the read model that it is about. */
  name?: string;
  /** Kind of the error, never its text. */
  error?: string;
}

/** How far a read model, or all reactions together, are behind. */
export interface Behind {
  name: string;
  /** Since the oldest event of ours was recorded that it has not applied; 0: none; null: unknown. */
  seconds: number | null;
}

export interface HealthReport {
  database: boolean;
  eventStore: boolean;
  pausedProjections: string[];
  reasons: Reason[];
  behind: Behind[];
}

/** How long things are borne. */
export class HealthLimits {
  /** Since an append failed for want of the store, and none was stored since. */
  appendsFailMs = 30_000;
  /** Since the work lease can't be renewed. */
  leaseFailsMs = 10_000;
  /** Without progress of the read models, though there is something to do. */
  standstillMs = 30_000;
  /** Until a question has no answer. */
  probeMs = 2_000;
  /** An answer is given again for so long: asking costs the stores nothing more. */
  keptMs = 1_000;
}

/** Reasons that are seen elsewhere. Asked for each report, so it answers at once. */
type Check = () => readonly Reason[];

const CANNOT_WRITE: readonly ReasonCode[] = [
  'database-unavailable',
  'event-store-unavailable',
  'event-store-refuses',
  'not-writable',
];

/** What is wrong, for load balancers, monitors and metrics: one look at the stores for all who ask in the same second. */
@Injectable()
export class Health {
  private readonly database: Probe<unknown>;
  private readonly eventStore: Probe<Pinged>;
  private readonly states: Probe<ProjectionState[]>;
  private readonly behind: Probe<Behind[]>;
  private readonly checks: Check[] = [];
  private kept: { until: number; report: Promise<HealthReport> } | null = null;

  constructor(
    database: Database,
    store: EventStore,
    private readonly projections: ProjectionRunner,
    private readonly processManagers: ProcessManagerRunner,
    private readonly commandHandling: CommandHandling,
    private readonly leaderElection: LeaderElection,
    private readonly limits: HealthLimits,
  ) {
    const lags = new Lags(store);
    this.database = new Probe(async () => sql`select 1`.execute(database.kysely()));
    this.eventStore = new Probe(async () => pinged(store));
    this.states = new Probe(async () => projections.status());
    this.behind = new Probe(async () => this.lookBehind(lags));
    this.register(() => database.warnings.map(({ code }) => ({ code })));
  }

  /** Has this asked for each report as well. */
  register(check: Check): void {
    this.checks.push(check);
  }

  /** At most a second old. Never fails, and takes as long as one question may. */
  async report(): Promise<HealthReport> {
    const now = performance.now();
    if (!this.kept || now > this.kept.until) {
      const report = this.look();
      const kept = { until: Number.POSITIVE_INFINITY, report };
      this.kept = kept;
      void report.then(() => {
        kept.until = performance.now() + this.limits.keptMs;
      });
    }
    return this.kept.report;
  }

  private async look(): Promise<HealthReport> {
    const { probeMs } = this.limits;
    const [database, eventStore, states, behind] = await Promise.all([
      this.database.within(probeMs),
      this.eventStore.within(probeMs),
      this.states.within(probeMs),
      this.behind.within(probeMs),
    ]);
    const paused = (states ?? []).filter(({ error }) => error !== null);
    const reasons: Reason[] = [];
    if (database === null) reasons.push({ code: 'database-unavailable' });
    if (eventStore === null) reasons.push({ code: 'event-store-unavailable' });
    if (eventStore === 'refuses' || this.isAppendRefused()) reasons.push({ code: 'event-store-refuses' });
    if (this.isNotWritable()) reasons.push({ code: 'not-writable' });
    if (this.isStandingStill(states ?? [], behind ?? [])) reasons.push({ code: 'read-models-stopped' });
    for (const { name, error } of paused)
      reasons.push({ code: 'read-model-paused', name, ...(error === null ? {} : { error }) });
    for (const check of this.checks) reasons.push(...check());
    return {
      database: database !== null,
      eventStore: eventStore === 'answers',
      pausedProjections: paused.map(({ name }) => name),
      reasons,
      behind: behind ?? [],
    };
  }

  /** The right to read may be there without the right to write. */
  private isAppendRefused(): boolean {
    const { appends } = this.commandHandling;
    return appends.isRefused && appends.hasFailedWithin(this.limits.appendsFailMs);
  }

  private isNotWritable(): boolean {
    const { appendsFailMs, leaseFailsMs } = this.limits;
    return (
      this.commandHandling.appends.hasFailedWithin(appendsFailMs) || this.leaderElection.failingForMs > leaseFailsMs
    );
  }

  private isStandingStill(states: readonly ProjectionState[], behind: readonly Behind[]): boolean {
    const { standstillMs } = this.limits;
    if (this.projections.stillForMs <= standstillMs) return false;
    const live = new Set(states.filter(({ error }) => error === null).map(({ name }) => name));
    return behind.some(({ name, seconds }) => live.has(name) && seconds !== null && seconds * 1000 > standstillMs);
  }

  /** Of what belongs to another log nothing can be said. */
  private async lookBehind(lags: Lags): Promise<Behind[]> {
    // The look at the states that is under way for the same report.
    const [states, reactions] = await Promise.all([
      this.states.within(this.limits.probeMs),
      this.processManagers.progress(),
    ]);
    if (states === null) return [];
    const known = await lags.of([
      ...states
        .filter((state) => !isInconsistent(state))
        .map(({ name, position, seenUpTo }) => ({ name, position, seenUpTo })),
      reactions,
    ]);
    return [...states, reactions].map(({ name }) => ({ name, seconds: known.get(name) ?? null }));
  }
}

type Pinged = 'answers' | 'refuses';

/** @throws EventStoreUnavailable */
async function pinged(store: EventStore): Promise<Pinged> {
  try {
    await store.ping();
    return 'answers';
  } catch (error) {
    if (error instanceof EventStoreRefuses) return 'refuses';
    throw error;
  }
}

/** Whether this instance can serve anything: what a load balancer wants to know. */
export function isReady({ database, eventStore }: HealthReport): boolean {
  return database && eventStore;
}

/** Whether, as far as is known, something could be stored. */
export function isWritable({ reasons }: HealthReport): boolean {
  return !reasons.some(({ code }) => CANNOT_WRITE.includes(code));
}
