import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { Database, type OwnConnection } from '../database/database.js';
import { withDatabaseTimeout } from '../database/failures.js';
import { backoff } from '../resilience/backoff.js';
import { sleep } from '../resilience/timeouts.js';
import { WorkFailures } from '../resilience/work-failures.js';

/** The listening connection is lost. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/**
 * events: events were appended. read-models: a read model moved. work: the leader has work to do. lease: a lease is
 * free.
 */
const TOPICS = ['events', 'read-models', 'work', 'lease'] as const;
export type Topic = (typeof TOPICS)[number];

const CHANNEL = 'rolecall';
/** When a topic is published again within this time, the bus sends it once more at the end of the time. */
const AT_MOST_EVERY_MS = 100;
const CHECK_EVERY_MS = 15_000;

/**
 * Lets the instances on one PostgreSQL notify each other. It sends NOTIFY on a connection of its own, outside of
 * transactions.
 * A notification is only a hint, because each listener polls too. Behind a pooler instances only poll.
 */
@Injectable()
export class NotificationBus {
  private readonly logger = new Logger(NotificationBus.name);
  private readonly heard = new EventEmitter().setMaxListeners(0);
  private readonly self = randomUUID();
  /** Topics published a moment ago, and whether they were published again since. */
  private readonly recent = new Map<Topic, boolean>();
  private readonly stopping = new AbortController();
  private connection: OwnConnection | null = null;
  private sending: Promise<unknown> = Promise.resolve();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly failures: WorkFailures,
  ) {}

  /** Calls back when another instance publishes the topic, and when a notification may have been missed. */
  on(topic: Topic, listener: () => void): void {
    this.heard.on(topic, listener);
  }

  /** Notifies the other instances, at most once in 100 ms for each topic. Never fails and never waits. */
  publish(topic: Topic): void {
    if (!this.running) return;
    if (this.recent.has(topic)) {
      this.recent.set(topic, true);
      return;
    }
    this.recent.set(topic, false);
    this.send(topic);
    setTimeout(() => {
      const again = this.recent.get(topic);
      this.recent.delete(topic);
      if (again) this.publish(topic);
    }, AT_MOST_EVERY_MS).unref();
  }

  /**
   * Connects in the background, and again when the connection is lost. Behind a pooler it doesn't, because LISTEN needs
   * a session of its own.
   */
  start(): void {
    if (this.database.isPooled)
      this.logger.log({
        msg: 'a connection pooler is in front of the database: other instances are not heard, polling instead',
      });
    else if (!this.database.embedded) this.running = this.run();
  }

  /** Sends what was published before, then stops. */
  async stop(): Promise<void> {
    await withDatabaseTimeout(async () => this.sending).catch(() => undefined);
    this.stopping.abort();
    await this.running;
  }

  private send(topic: Topic): void {
    const { connection } = this;
    if (connection)
      this.inTurn(async () => connection.query('select pg_notify($1, $2)', [CHANNEL, `${topic} ${this.self}`])).catch(
        () => undefined,
      );
  }

  /** Runs the statements one after the other, because the driver takes one at a time. */
  private async inTurn(statement: () => Promise<unknown>): Promise<unknown> {
    const done = this.sending.then(statement);
    this.sending = done.catch(() => undefined);
    return done;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      const before = performance.now();
      await this.listen().catch((error: unknown) => {
        if (!signal.aborted) this.failures.record('signals', error);
      });
      failures = performance.now() - before > CHECK_EVERY_MS ? 1 : failures + 1;
      await backoff(failures, signal);
    }
  }

  /**
   * Returns when the process stops.
   * @throws ConnectionLost and errors of the driver when the connection is lost
   */
  private async listen(): Promise<void> {
    const connection = await this.database.ownConnection();
    const lost = new Promise<never>((_, reject) => {
      for (const event of ['error', 'end'] as const)
        connection.on(event, () => {
          reject(new ConnectionLost());
        });
    });
    lost.catch(() => undefined);
    try {
      connection.on('notification', ({ payload }) => {
        this.hear(payload ?? '');
      });
      await Promise.race([lost, withDatabaseTimeout(async () => connection.query(`listen ${CHANNEL}`))]);
      this.connection = connection;
      // Notifications sent before this moment were missed.
      for (const topic of TOPICS) this.heard.emit(topic);
      while (await Promise.race([lost, this.checkAfterAWhile(connection)]));
    } finally {
      this.connection = null;
      connection.release(true);
    }
  }

  /**
   * Checks the connection, because it may be lost without an event.
   * @returns false when the process stops
   */
  private async checkAfterAWhile(connection: OwnConnection): Promise<boolean> {
    const { signal } = this.stopping;
    // A lost connection sends nothing, so only a timer can find it.
    await sleep(CHECK_EVERY_MS, signal);
    if (signal.aborted) return false;
    await withDatabaseTimeout(async () => this.inTurn(async () => connection.query('select 1')));
    return true;
  }

  private hear(payload: string): void {
    const [topic, from] = payload.split(' ');
    if (topic && from !== this.self) this.heard.emit(topic);
  }
}
