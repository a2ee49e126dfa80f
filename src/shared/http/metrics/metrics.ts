import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Clock } from '../../time/clock.js';
import { Database } from '../../database/database.js';
import { EventStore } from '../../event-sourcing/event-store.js';
import { Health, isWritable } from '../../health/health.js';
import { LeaderElection } from '../../cluster/leader-election.js';
import { MailServer } from '../../mail/mail-server.js';
import { MailTransport } from '../../mail/mail-transport.js';
import { ProjectionRunners } from '../../projections/projection-runners.js';
import { countByState, MOST_COUNTED, type OutboxCounts, type OutboxTables } from '../../outbox/outbox.js';
import type { RepeatedFailures } from '../../resilience/repeated-failures.js';
import { WorkFailures } from '../../resilience/work-failures.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics for operators, in Prometheus's text format. Labels name routes by pattern, so they hold no id, address or
 * link.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  private readonly outbox = new Gauge({
    name: 'rolecall_outbox_entries',
    help: `Mails by state, counted up to ${String(MOST_COUNTED)}; scheduled: not due yet`,
    labelNames: ['state'],
    registers: [this.registry],
  });
  private readonly paused = new Gauge({
    name: 'rolecall_projection_paused',
    help: '1 where a projection is paused',
    labelNames: ['projection'],
    registers: [this.registry],
  });
  private readonly rebuilding = new Gauge({
    name: 'rolecall_projection_rebuilding',
    help: '1 where a projection is being rebuilt',
    labelNames: ['projection'],
    registers: [this.registry],
  });
  private readonly writable = new Gauge({
    name: 'rolecall_writable',
    help: '0 while, as far as is known here, nothing can be stored',
    registers: [this.registry],
  });
  private readonly behind = new Gauge({
    name: 'rolecall_read_model_behind_seconds',
    help: 'Age of the oldest event that a read model, or the process managers, have not applied',
    labelNames: ['name'],
    registers: [this.registry],
  });
  private readonly isLeader = new Gauge({
    name: 'rolecall_instance_is_leader',
    help: '1 on the leader, which runs projections, process managers and schedules',
    registers: [this.registry],
  });
  /** The same metric under its old name, which stays for one release. */
  private readonly works = new Gauge({
    name: 'rolecall_instance_works',
    help: 'Deprecated: rolecall_instance_is_leader',
    registers: [this.registry],
  });

  constructor(
    private readonly database: Database,
    private readonly projections: ProjectionRunners,
    private readonly clock: Clock,
    private readonly leaderElection: LeaderElection,
    private readonly health: Health,
    transport: MailTransport,
    mailServer: MailServer,
    failures: WorkFailures,
    store: EventStore,
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.countForeignEvents(store);
    if (!transport.isMailbox) this.watchMailServer(mailServer);
    this.countFailures(
      'rolecall_work_failures_total',
      'Failures of work that is tried again by itself, by the work',
      failures.counts,
    );
  }

  observeRequest(method: string, route: string, status: number, milliseconds: number): void {
    this.requests.observe({ method, route, status: String(status) }, milliseconds / 1000);
  }

  /** Adds a counter with the label `reason`, which starts at 0. */
  countFailures<Reason extends string>(name: string, help: string, failures: RepeatedFailures<Reason>): void {
    new Counter({
      name,
      help,
      labelNames: ['reason'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [reason, total] of failures.totals) this.inc({ reason }, total);
      },
    });
  }

  private countForeignEvents({ checks }: EventStore): void {
    new Counter({
      name: 'rolecall_foreign_events_total',
      help: 'Events of somebody else that were passed over in the log',
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(checks.foreignEvents);
      },
    });
  }

  private watchMailServer(server: MailServer): void {
    new Gauge({
      name: 'rolecall_mail_server_up',
      help: '1 when the mail server took the last mail, or would have',
      registers: [this.registry],
      collect() {
        this.set(server.state.up === true ? 1 : 0);
      },
    });
    this.countFailures(
      'rolecall_mail_failures_total',
      'Mails that were not taken and checks of the mail server that failed, by reason',
      server.failures,
    );
  }

  /** Returns all metrics for a scrape. Leaves out metrics from the database while the database doesn't respond. */
  async text(): Promise<string> {
    const report = await this.health.report();
    for (const gauge of [this.outbox, this.paused, this.rebuilding, this.behind]) gauge.reset();
    if (report.database) await this.askDatabase().catch(() => undefined);
    for (const { name, seconds } of report.behind) if (seconds !== null) this.behind.set({ name }, seconds);
    this.writable.set(isWritable(report) ? 1 : 0);
    for (const gauge of [this.isLeader, this.works]) gauge.set(this.leaderElection.isLeader ? 1 : 0);
    return this.registry.metrics();
  }

  private async askDatabase(): Promise<void> {
    const counts = await this.database.transaction<OutboxTables, OutboxCounts>(async (trx) =>
      countByState(trx, this.clock.now()),
    );
    for (const [state, entries] of Object.entries(counts)) this.outbox.set({ state }, entries);
    for (const { name, error, rebuild } of await this.projections.status()) {
      this.paused.set({ projection: name }, error === null ? 0 : 1);
      this.rebuilding.set({ projection: name }, rebuild === null ? 0 : 1);
    }
  }
}
