import { Logger } from '@nestjs/common';
import type { Clock } from '../time/clock.js';
import { RepeatedFailures } from '../resilience/repeated-failures.js';
import { sleep } from '../resilience/timeouts.js';
import { isOfOneMail, MAIL_FAILURE_REASONS, type MailFailureAdvice, type MailFailureReason } from './mail-failures.js';
import type { MailRefused, MailTransport } from './mail-transport.js';

/** The state of this instance's mail delivery. */
export interface MailServerState {
  /** Null: not known yet. */
  up: boolean | null;
  /** Why it is down; null unless it is. */
  reason: MailFailureReason | null;
  /** The reply's code, or the code of the network or TLS. */
  code: string | null;
  /** Since when it has been up or down. */
  since: Date | null;
  /** When a mail was last handed to it, or it was last checked without one. */
  lastTriedAt: Date | null;
}

/** A little more than the minute between two log lines of one reason, so that each check gets its line. */
const ASK_EVERY_MS = 60_500;

export interface MailServerOptions {
  /** False: this process sends no mails and learns nothing from them, so it checks each minute. */
  sendsMails?: boolean;
  askEveryMs?: number;
}

/**
 * Knows whether the mail server takes mail. It learns this from each mail, from a check at the start, and while down
 * from a check each minute. Other instances check for themselves.
 */
export class MailServer {
  /** Counts the mails that were refused and the checks that failed. */
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
  /**
   * Failures since the last line that the server is up, and whether a line said that it is down. Only after such a line
   * does one say that it is up again.
   */
  private failed = 0;
  private isSaidDown = true;

  /** @param hasWaiting whether mails are due */
  constructor(
    private readonly transport: MailTransport,
    private readonly hasWaiting: (now: Date) => Promise<boolean>,
    private readonly clock: Clock,
    advice: MailFailureAdvice,
    private readonly options: MailServerOptions = {},
  ) {
    this.failures = new RepeatedFailures(MAIL_FAILURE_REASONS, clock, ({ reason, count }, latest) => {
      this.logger.warn({ reason, count, ...latest, advice: advice[reason] });
      this.isSaidDown ||= !isOfOneMail(reason);
    });
  }

  get state(): MailServerState {
    return this.current;
  }

  /** Checks in the background, so that a start doesn't wait for the mail server. */
  start(): void {
    if (!this.transport.isMailbox) void this.watch();
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Called for each mail that was sent. */
  tookMail(): void {
    this.comeUp();
  }

  /**
   * Called for each mail that was refused.
   * @param details of its outbox entry, for the log
   */
  refusedMail(refused: MailRefused, details: object): void {
    this.note(refused, { ...details, code: refused.code, msg: 'a mail was not taken' });
    if (!isOfOneMail(refused.reason)) this.goDown(refused, true);
  }

  /** Checks the mail server once. A reason that only mails show, such as a denied relay, stays while mails wait. */
  async ask(): Promise<void> {
    const refused = await this.check();
    if (this.stopping.signal.aborted) return;
    if (refused) {
      this.note(refused, { code: refused.code, server: this.transport.address, msg: 'the mail server takes no mails' });
      this.goDown(refused, false);
    } else if (!(await this.standsByMail())) this.comeUp();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    const { sendsMails = true, askEveryMs = ASK_EVERY_MS } = this.options;
    while (!signal.aborted) {
      if (this.current.up !== true || !sendsMails)
        await this.ask().catch((error: unknown) => {
          this.logger.error({ err: error, msg: 'the mail server could not be asked' });
        });
      // A mail server announces nothing, so it is asked at intervals.
      await sleep(askEveryMs, signal);
    }
  }

  private async check(): Promise<MailRefused | null> {
    try {
      await this.transport.ask();
      return null;
    } catch (error) {
      return error as MailRefused;
    }
  }

  /**
   * Tells whether a mail showed a reason that a check can't show, and a mail still waits for it. Logs the reason again
   * then.
   */
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
