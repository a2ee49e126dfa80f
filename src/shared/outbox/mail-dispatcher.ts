import { EventEmitter, once } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../time/clock.js';
import { Database } from '../database/database.js';
import { Batcher } from '../batching/batcher.js';
import { MailServer } from '../mail/mail-server.js';
import { MailTransport, type Mail, type MailRefused } from '../mail/mail-transport.js';
import { isMailable } from '../mail/email-address.js';
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
  type MailFailure,
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

const MAX_CLAIM = 100;
const IDLE_MS = 1000;
const NOT_WRITTEN: MailFailure = { error: 'not-written', code: null };

/** Sends the outbox's mails at least once. Each outcome is recorded on its own, and the key is the Message-ID. */
@Injectable()
export class MailDispatcher {
  private readonly logger = new Logger(MailDispatcher.name);
  private readonly composers = new Map<string, MailComposer>();
  private readonly stopping = new AbortController();
  private readonly work = new EventEmitter();
  private readonly outcomes = new Batcher<DeliveryOutcome, undefined>({
    maxConcurrentBatches: 1,
    maxBatchSize: MAX_CLAIM,
    run: async (outcomes) => this.record(outcomes),
  });
  /** As many mails as leave within a second, so that none waits for the rate as long as a lease. */
  private readonly claimSize: number;
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly transport: MailTransport,
    private readonly clock: Clock,
    private readonly server: MailServer,
    private readonly failures: WorkFailures,
  ) {
    this.claimSize = Math.min(MAX_CLAIM, transport.rate.perSecond);
  }

  register(composer: MailComposer): void {
    for (const kind of composer.kinds) this.composers.set(kind, composer);
  }

  /** Notifies the dispatcher that there may be something to send. */
  notify(): void {
    this.work.emit('notified');
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
        // Listens before it claims, so that it misses no notification in between.
        const notified = this.notified(await this.pause());
        const entries = await claim(this.db(), this.claimSize, this.clock.now());
        if (entries.length > 0) await this.send(entries);
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
        await scheduleRetry(this.db(), entry, this.clock.now(), undefined, NOT_WRITTEN);
      }
      const queue = entries.filter(({ key }) => !failed.has(key));
      const worker = async (): Promise<void> => {
        for (let entry = queue.shift(); entry && !this.stopping.signal.aborted; entry = queue.shift()) {
          await this.sendOne(entry, mails.get(entry.key));
          waiting.delete(entry.key);
        }
      };
      await Promise.all(Array.from({ length: this.transport.rate.connections }, worker));
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async composeAll(entries: readonly ClaimedEntry[]): Promise<Map<string, ComposedMail>> {
    const kinds = Map.groupBy(entries, (entry) => entry.kind);
    const composed = await Promise.all([...kinds].map(async ([kind, some]) => this.composers.get(kind)?.compose(some)));
    return new Map(composed.flatMap((mails) => (mails ? [...mails] : [])));
  }

  /** Composes all mails together. When that fails, it composes one by one, so that a bad entry fails alone. */
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
      const failure: MailFailure = { error: refused.reason, code: refused.code };
      if (!refused.permanent) return scheduleRetry(this.db(), entry, this.clock.now(), mail.next, failure);
      // The follow-up mail would go to the same address.
      return this.finish(entry, 'failed', refused.ofAddress ? undefined : mail.next, failure);
    }
    this.server.tookMail();
    await this.finish(entry, 'sent', mail.next);
  }

  /** Resolves when the outcome is recorded. Outcomes of the same moment share a statement. */
  private async finish(
    { key }: ClaimedEntry,
    state: DeliveryOutcome['state'],
    next?: NewEntry,
    failure?: MailFailure,
  ): Promise<void> {
    await this.outcomes.call([{ key, state, next, failure }]);
  }

  private async record(outcomes: readonly DeliveryOutcome[]): Promise<undefined[]> {
    await recordOutcomes(this.db(), outcomes);
    return outcomes.map(() => undefined);
  }

  private db(): ReturnType<typeof this.database.kysely<OutboxTables>> {
    return this.database.kysely<OutboxTables>();
  }
}
