import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { CommandHandling } from '../event-sourcing/command-handling.js';
import { APPENDS_FAIL_MS } from '../event-sourcing/serialised-append.js';
import { EventStoreRefuses } from '../event-sourcing/event-store-refuses.js';
import { EventStore } from '../event-sourcing/event-store.js';
import { LeaderElection } from '../cluster/leader-election.js';
import { Lags } from '../projections/lags.js';
import { isInconsistent } from '../projections/checkpoints.js';
import type { ProjectionState } from '../projections/projection-runner.js';
import { ProjectionRunners } from '../projections/projection-runners.js';
import { ProcessManagerRunner } from '../process-managers/process-manager-runner.js';
import { Probe } from './probe.js';

/**
 * The reason for a problem. The codes are permanent, because monitors branch on them. docs/alarms.md says what to do
 * about each.
 */
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

/** Holds nothing about people, organisations or secrets, because health is public. */
export interface Reason {
  code: ReasonCode;
  /** The read model concerned. */
  name?: string;
  /** The kind of the error, never its text. */
  error?: string;
}

/** The delay of one read model, or of all process managers together. */
export interface Behind {
  name: string;
  /** The age of the oldest event of this product that it has not applied; 0: there is none; null: unknown. */
  seconds: number | null;
}

export interface HealthReport {
  database: boolean;
  eventStore: boolean;
  pausedProjections: string[];
  reasons: Reason[];
  behind: Behind[];
}

/** Time limits of health reports, in milliseconds. */
export class HealthLimits {
  /** A failed append is reported for this long, unless a later append is stored. */
  appendsFailMs = APPENDS_FAIL_MS;
  /** A lease that this instance can neither read nor renew is reported after this time. */
  leaseFailsMs = 10_000;
  /** Read models that make no progress while events are waiting are reported after this time. */
  standstillMs = 30_000;
  /** The time limit of one probe. */
  probeMs = 2_000;
  /** Callers share a report for this long, so that many of them cost the stores no more than one. */
  keptMs = 1_000;
}

/** Gives the reasons of another module. It must return at once, because it runs for every report. */
type Check = () => readonly Reason[];

const CANNOT_WRITE: readonly ReasonCode[] = [
  'database-unavailable',
  'event-store-unavailable',
  'event-store-refuses',
  'not-writable',
];

/**
 * Reports what is wrong, for load balancers, monitors and metrics. All callers within a second share one check of the
 * stores.
 */
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
    private readonly projections: ProjectionRunners,
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

  /** Adds a check to every report. */
  register(check: Check): void {
    this.checks.push(check);
  }

  /** Returns a report that is at most a second old. Never fails, and takes at most the time of one probe. */
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

  /** The store may allow reads and refuse appends. */
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
    const still = this.projections.all.filter(({ stillForMs }) => stillForMs > standstillMs);
    const names = new Set(still.flatMap(({ registered }) => registered.map(({ name }) => name)));
    const live = new Set(states.filter(({ name, error }) => error === null && names.has(name)).map(({ name }) => name));
    return behind.some(({ name, seconds }) => live.has(name) && seconds !== null && seconds * 1000 > standstillMs);
  }

  /** Leaves out read models of another log, because their delay is meaningless. */
  private async lookBehind(lags: Lags): Promise<Behind[]> {
    // This call shares the probe that runs for the same report.
    const [states, processManagers] = await Promise.all([
      this.states.within(this.limits.probeMs),
      this.processManagers.progress(),
    ]);
    if (states === null) return [];
    const known = await lags.of([
      ...states
        .filter((state) => !isInconsistent(state))
        .map(({ name, position, seenUpTo }) => ({ name, position, seenUpTo })),
      processManagers,
    ]);
    return [...states, processManagers].map(({ name }) => ({ name, seconds: known.get(name) ?? null }));
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

/** Tells a load balancer whether this instance can serve requests. */
export function isReady({ database, eventStore }: HealthReport): boolean {
  return database && eventStore;
}

/** Tells whether the product can store events, as far as this instance knows. */
export function isWritable({ reasons }: HealthReport): boolean {
  return !reasons.some(({ code }) => CANNOT_WRITE.includes(code));
}
