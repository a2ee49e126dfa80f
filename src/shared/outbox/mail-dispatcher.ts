import { EventEmitter, once } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../time/clock.js';
import { Database } from '../database/database.js';
import { Batcher } from '../batching/batcher.js';
import { MailServer } from '../mail/mail-server.js';
import { MailTransport, type Mail, type MailRefused } from '../mail/mail-transport.js';
import { isMailable } from '../mail/email-address.js';
import { sleep } from '../time/sleep.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { backoff } from '../resilience/backoff.js';
import {
  claim,
  LEASE_SECONDS,
  nextDueInMs,
  scheduleRetry,
  releaseAllClaims,
  renew,
  recordOutcomes,
  type ClaimedEntry,
  type NewEntry,
  type OutboxEntry,
  type OutboxTables,
  type DeliveryOutcome,
} from './outbox.js';

export interface ComposedMail extends Mail {
  /** An entry to put into the outbox when this mail was sent or has finally failed. */
  next?: NewEntry | undefined;
  /** Why the mail isn't sent although it could be. */
  withheld?: 'unsubscribed' | undefined;
}

/** Maps mails by key, as `MailComposer.compose` returns them. An entry without a mail is dropped. */
export function byKey(mails: readonly (Mail | null)[]): Map<string, Mail> {
  return new Map(mails.flatMap((mail) => (mail ? [[mail.id, mail]] : [])));
}

/** Writes the mails for some kinds of outbox entry. */
export interface MailComposer {
  readonly kinds: readonly string[];
  /** Returns a mail per entry, by key; none for an entry whose mail is no longer wanted. */
  compose(entries: readonly OutboxEntry[]): Promise<Map<string, ComposedMail>>;
}

const CLAIM = 100;
const CONCURRENT = 5;
const IDLE_MS = 1000;
/** After each full claim the event loop is measured for this long. Mails are paused then, so only requests count. */
const LOOK_MS = 25;
const BUSY = 0.6;
/** Cool-down after a full batch while the event loop is busy, so that mail gets at most an eighth of the thread. */
const COOL_DOWN_FACTOR = 7;
const MAX_COOL_DOWN_MS = 2000;
/** How long large calls may pause mails. After that, mails aren't paused again for as long as they waited. */
const MAX_PAUSE_MS = 10_000;

/** Sends the outbox's mails at least once. Each outcome is recorded on its own, and the key is the Message-ID. */
@Injectable()
export class MailDispatcher {
  private readonly logger = new Logger(MailDispatcher.name);
  private readonly composers = new Map<string, MailComposer>();
  private readonly stopping = new AbortController();
  private readonly work = new EventEmitter();
  private readonly outcomes = new Batcher<DeliveryOutcome, undefined>({
    maxConcurrentBatches: 1,
    maxBatchSize: CLAIM,
    run: async (outcomes) => this.record(outcomes),
  });
  private running: Promise<void> | undefined;
  private largeCalls = 0;
  private paused = { from: 0, until: 0 };

  constructor(
    private readonly database: Database,
    private readonly transport: MailTransport,
    private readonly clock: Clock,
    private readonly server: MailServer,
    private readonly failures: WorkFailures,
  ) {}

  register(composer: MailComposer): void {
    for (const kind of composer.kinds) this.composers.set(kind, composer);
  }

  /** Notifies the dispatcher that there may be something to send. */
  notify(): void {
    this.work.emit('notified');
  }

  /** Pauses mails while a large call is stored, because they can wait and the caller can't. */
  async pauseDuring<Result>(largeCall: () => Promise<Result>): Promise<Result> {
    const from = performance.now();
    const waited = this.paused.until - this.paused.from;
    if (this.largeCalls === 0 && from >= this.paused.until + waited) this.paused = { from, until: from + MAX_PAUSE_MS };
    this.largeCalls += 1;
    try {
      return await largeCall();
    } finally {
      this.largeCalls -= 1;
      if (this.largeCalls === 0) {
        this.paused.until = Math.min(this.paused.until, performance.now());
        this.notify();
      }
    }
  }

  async start(): Promise<void> {
    if (this.database.embedded) await releaseAllClaims(this.db());
    this.running = this.run();
  }

  /** Finishes the mails in progress; the rest of the claim expires. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Writes one mail again for the mailbox page, because no text with a link is stored. */
  async compose(entry: OutboxEntry): Promise<Mail | undefined> {
    return (await this.composers.get(entry.kind)?.compose([entry]))?.get(entry.key);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        const pauseMs = this.largeCalls > 0 ? this.paused.until - performance.now() : 0;
        if (pauseMs > 0) {
          await this.notified(pauseMs);
          continue;
        }
        // Listens before it looks, so that no notification in between is missed.
        const notified = this.notified(await this.pause());
        const entries = await claim(this.db(), CLAIM, this.clock.now());
        if (entries.length > 0) await this.sendAndCoolDown(entries);
        else await notified;
        failures = 0;
      } catch (error) {
        failures += 1;
        this.failures.record('mails', error);
        await backoff(failures, signal);
      }
    }
  }

  private async notified(withinMs: number): Promise<void> {
    const until = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(Math.ceil(withinMs))]);
    await once(this.work, 'notified', { signal: until }).catch(() => undefined);
  }

  private async pause(): Promise<number> {
    const due = await nextDueInMs(this.db(), this.clock.now());
    return Math.min(IDLE_MS, Math.max(10, due ?? IDLE_MS));
  }

  /**
   * Measures how busy requests keep the thread during a pause in sending, and cools down while they do.
   * Small batches never wait, because they cost little and each recipient waits for them.
   */
  private async sendAndCoolDown(entries: readonly ClaimedEntry[]): Promise<void> {
    const { signal } = this.stopping;
    const startedAt = performance.now();
    await this.send(entries);
    if (entries.length < CLAIM) return;
    const took = performance.now() - startedAt;
    const before = performance.eventLoopUtilization();
    await sleep(LOOK_MS, signal);
    if (performance.eventLoopUtilization(before).utilization > BUSY)
      await sleep(Math.min(took * COOL_DOWN_FACTOR, MAX_COOL_DOWN_MS), signal);
  }

  private async send(entries: readonly ClaimedEntry[]): Promise<void> {
    const waiting = new Map(entries.map((entry) => [entry.key, entry]));
    const heartbeat = setInterval(
      () => void renew(this.db(), [...waiting.keys()]).catch(() => undefined),
      (LEASE_SECONDS * 1000) / 3,
    );
    try {
      const { mails, failed } = await this.composeSome(entries);
      for (const entry of entries.filter(({ key }) => failed.has(key))) {
        waiting.delete(entry.key);
        await scheduleRetry(this.db(), entry, this.clock.now());
      }
      const queue = entries.filter(({ key }) => !failed.has(key));
      const worker = async (): Promise<void> => {
        for (let entry = queue.shift(); entry && !this.stopping.signal.aborted; entry = queue.shift()) {
          await this.sendOne(entry, mails.get(entry.key));
          waiting.delete(entry.key);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT }, worker));
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async composeAll(entries: readonly ClaimedEntry[]): Promise<Map<string, ComposedMail>> {
    const kinds = Map.groupBy(entries, (entry) => entry.kind);
    const composed = await Promise.all([...kinds].map(async ([kind, some]) => this.composers.get(kind)?.compose(some)));
    return new Map(composed.flatMap((mails) => (mails ? [...mails] : [])));
  }

  /** Composes all mails together. When that fails, one by one, so that a bad entry fails alone. */
  private async composeSome(
    entries: readonly ClaimedEntry[],
  ): Promise<{ mails: Map<string, ComposedMail>; failed: Set<string> }> {
    try {
      return { mails: await this.composeAll(entries), failed: new Set() };
    } catch (error) {
      this.logger.error({ err: error, msg: 'mails could not be written together, writing them one by one' });
    }
    const mails = new Map<string, ComposedMail>();
    const failed = new Set<string>();
    for (const entry of entries) {
      const written = await this.composeAll([entry]).catch(() => null);
      if (!written) failed.add(entry.key);
      for (const [key, mail] of written ?? []) mails.set(key, mail);
    }
    return { mails, failed };
  }

  private async sendOne(entry: ClaimedEntry, mail: ComposedMail | undefined): Promise<void> {
    if (!mail) return this.finish(entry, 'dropped');
    // A follow-up mail is dropped too, because it would go to the same address.
    if (!isMailable(mail.to)) return this.finish(entry, 'address-invalid');
    if (mail.withheld) return this.finish(entry, mail.withheld, mail.next);
    try {
      await this.transport.send(mail);
    } catch (error) {
      const refused = error as MailRefused;
      this.server.refusedMail(refused, { key: entry.key, attempts: entry.attempts });
      if (!refused.permanent) return scheduleRetry(this.db(), entry, this.clock.now(), mail.next);
      // The follow-up mail would go to the same address.
      return this.finish(entry, 'failed', refused.ofAddress ? undefined : mail.next);
    }
    this.server.tookMail();
    await this.finish(entry, 'sent', mail.next);
  }

  /** Resolves when the outcome is recorded. Outcomes of the same moment share a statement. */
  private async finish({ key }: ClaimedEntry, state: DeliveryOutcome['state'], next?: NewEntry): Promise<void> {
    await this.outcomes.call([{ key, state, next }]);
  }

  private async record(outcomes: readonly DeliveryOutcome[]): Promise<undefined[]> {
    await recordOutcomes(this.db(), outcomes);
    return outcomes.map(() => undefined);
  }

  private db(): ReturnType<typeof this.database.kysely<OutboxTables>> {
    return this.database.kysely<OutboxTables>();
  }
}
