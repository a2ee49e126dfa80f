import { Logger } from '@nestjs/common';
import type { Clock } from '../time/clock.js';
import { RepeatedFailures } from '../resilience/repeated-failures.js';
import { sleep } from '../time/sleep.js';
import { isOfOneMail, MAIL_FAILURE_ADVICE, MAIL_FAILURE_REASONS, type MailFailureReason } from './mail-failures.js';
import type { MailRefused, MailTransport } from './mail-transport.js';

/** How mails leave this instance. */
export interface MailServerState {
  /** Null: it was not asked yet. */
  up: boolean | null;
  /** Why it is down; null unless it is. */
  reason: MailFailureReason | null;
  /** The reply's code, or what the network or TLS said. */
  code: string | null;
  /** Since when it has been up or down. */
  since: Date | null;
  /** When a mail was handed to it, or it was asked without one. */
  lastTriedAt: Date | null;
}

/** A little more than the minute between two lines of one reason, so that each check has its line. */
const ASK_EVERY_MS = 60_500;

/** Knows whether the mail server takes mails: by each mail, by asking at the start, and while it is down by asking once a minute. Other instances ask for themselves. */
export class MailServer {
  /** Mails that were not taken and checks that failed. */
  readonly failures: RepeatedFailures<MailFailureReason>;
  private readonly logger = new Logger(MailServer.name);
  private readonly stopping = new AbortController();
  private current: MailServerState & { isShownByMail: boolean } = {
    up: null,
    reason: null,
    code: null,
    since: null,
    lastTriedAt: null,
    isShownByMail: false,
  };
  /** Failures since the last line that said it is up, and whether a line said that it is down: if none did, none says that it is up again. */
  private failed = 0;
  private isSaidDown = true;

  /** @param hasWaiting whether mails are due */
  constructor(
    private readonly transport: MailTransport,
    private readonly hasWaiting: (now: Date) => Promise<boolean>,
    private readonly clock: Clock,
    private readonly askEveryMs = ASK_EVERY_MS,
  ) {
    this.failures = new RepeatedFailures(MAIL_FAILURE_REASONS, clock, ({ reason, count }, latest) => {
      this.logger.warn({ reason, count, ...latest, advice: MAIL_FAILURE_ADVICE[reason] });
      this.isSaidDown ||= !isOfOneMail(reason);
    });
  }

  get state(): MailServerState {
    return this.current;
  }

  /** Asks in the background: a start doesn't wait for a mail server. */
  start(): void {
    if (!this.transport.isMailbox) void this.watch();
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Told for each mail that has left. */
  tookMail(): void {
    this.comeUp();
  }

  /** Told for each mail that was not taken. @param details of its outbox entry, for the log */
  refusedMail(refused: MailRefused, details: object): void {
    this.note(refused, { ...details, code: refused.code, msg: 'a mail was not taken' });
    if (!isOfOneMail(refused.reason)) this.goDown(refused, true);
  }

  /** Asks the mail server once. What only mails show, as a relay that is denied, stands while mails wait. */
  async ask(): Promise<void> {
    const refused = await this.asked();
    if (this.stopping.signal.aborted) return;
    if (refused) {
      this.note(refused, { code: refused.code, server: this.transport.address, msg: 'the mail server takes no mails' });
      this.goDown(refused, false);
    } else if (!(await this.standsByMail())) this.comeUp();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.current.up !== true)
        await this.ask().catch((error: unknown) => {
          this.logger.error({ err: error, msg: 'the mail server could not be asked' });
        });
      await sleep(this.askEveryMs, signal);
    }
  }

  private async asked(): Promise<MailRefused | null> {
    try {
      await this.transport.ask();
      return null;
    } catch (error) {
      return error as MailRefused;
    }
  }

  /** Did a mail show a reason that asking doesn't, and does one still wait because of it? Then its line is due again. */
  private async standsByMail(): Promise<boolean> {
    const { isShownByMail, reason, code } = this.current;
    const isUnseen = isShownByMail && (reason === 'sender-refused' || reason === 'client-refused');
    if (!isUnseen || !(await this.hasWaiting(this.clock.now()))) return false;
    this.note({ reason }, { code, server: this.transport.address, msg: 'the mail server takes no mails' });
    return true;
  }

  private note({ reason }: Pick<MailRefused, 'reason'>, latest: object): void {
    this.failed += 1;
    this.failures.record(reason, latest);
  }

  private goDown({ reason, code }: MailRefused, isShownByMail: boolean): void {
    const now = this.clock.now();
    const since = this.current.up === false ? this.current.since : now;
    this.current = { up: false, reason, code, since, lastTriedAt: now, isShownByMail };
  }

  private comeUp(): void {
    const now = this.clock.now();
    const { up, since } = this.current;
    this.current = {
      up: true,
      reason: null,
      code: null,
      since: up === true ? since : now,
      lastTriedAt: now,
      isShownByMail: false,
    };
    if (up === true || !this.isSaidDown) return;
    this.logger.log({ server: this.transport.address, failures: this.failed, msg: 'the mail server takes mails' });
    this.failed = 0;
    this.isSaidDown = false;
  }
}
