import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { DEFAULT_MAIL_RATE, poolOptionsOf, type MailRate } from './mail-rate.js';
import { reasonOf, type MailFailureReason, type SmtpError } from './mail-failures.js';
import { readSender, type Sender } from './sender.js';
import { SmtpInquiry } from './smtp-inquiry.js';
import { isLoopback, readSmtpUrl, type SmtpServer } from './smtp-url.js';

export interface Mail {
  /** UUID. It becomes `<uuid@domain of the sender>`, so that mail servers recognise a repeated mail. */
  id: string;
  /** The stored address. */
  to: string;
  subject: string;
  html: string;
  text: string;
  /** The address that unsubscribes with one click: RFC 8058. Absent: the mail has none. */
  unsubscribeUrl?: string;
}

/**
 * The mail server refused a mail, or would refuse any. Carries a reason and the reply's code alone, because its text
 * may quote an address.
 */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  /**
   * @param code of the reply, or nodemailer's
   * @param permanent the server would refuse the mail again
   * @param ofAddress the server would refuse any mail to this address
   */
  constructor(
    readonly reason: MailFailureReason,
    readonly code: string,
    readonly permanent = false,
    readonly ofAddress = false,
  ) {
    super(`the mail server takes no mail: ${reason}`);
  }
}

export interface MailOptions {
  /** Null: mails aren't sent, and the mailbox page shows them. */
  smtpUrl: string | null;
  /** PEM: the authorities that may have signed the mail server's certificate. Absent: Node's own. */
  smtpAuthorities?: string | null;
  /** `Name <address>` or an address. */
  from: string;
  /** A rateLimit in SMTP_URL replaces its mails per second. Absent: the default. */
  rate?: MailRate;
}

const TIMEOUT_MS = 20_000;
const TIMEOUTS = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };

/**
 * A 5yz reply to RCPT TO about the recipient is final, and so are 550 to 554 about the mail itself.
 * Other 5yz replies, about login or sender, concern the servers' setup, which an operator can fix. Source: RFC 5321
 * §4.2.1
 */
function refusalOf(error: SmtpError, sender: string, recipient: string | null): MailRefused {
  const reason = reasonOf(error, sender, recipient);
  const { responseCode = 0, originalCode, code = 'none' } = error;
  const ofAddress = reason === 'recipient-refused' && responseCode >= 500;
  const ofMail = reason === 'mail-refused' && responseCode >= 550 && responseCode <= 554;
  return new MailRefused(reason, String(responseCode || (originalCode ?? code)), ofAddress || ofMail, ofAddress);
}

/**
 * Skips verification on the same machine, because nobody can listen there, and Debian's mail servers sign their own
 * certificates.
 * The `tls` parameters of SMTP_URL override this.
 */
function connectionOptions(
  url: string,
  authorities: string | null,
): SmtpServer & typeof TIMEOUTS & { tls: { ca?: string } } {
  const { tls, ...server } = readSmtpUrl(url);
  const isVerified = authorities !== null || !isLoopback(server.host);
  return {
    ...server,
    ...TIMEOUTS,
    tls: { rejectUnauthorized: isVerified, ...(authorities === null ? {} : { ca: authorities }), ...tls },
  };
}

/** Marked as prepared, because folding or encoding would break the address. */
function unsubscribeHeaders(url: string): Record<string, { prepared: true; value: string }> {
  return {
    'List-Unsubscribe': { prepared: true, value: `<${url}>` },
    'List-Unsubscribe-Post': { prepared: true, value: 'List-Unsubscribe=One-Click' },
  };
}

/** Sends mails to the SMTP server over pooled connections, at a limited rate. */
@Injectable()
export class MailTransport {
  readonly rate: MailRate;
  private readonly server: ReturnType<typeof connectionOptions> | undefined;
  private readonly smtp: Transporter | undefined;
  private readonly from: Sender;
  /** The domain of Message-IDs. */
  private readonly domain: string;
  private asking: SmtpInquiry | undefined;

  constructor(options: MailOptions) {
    const from = readSender(options.from);
    if (!from) throw new TypeError('the sender is no address');
    this.from = from;
    this.domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    this.rate = options.rate ?? DEFAULT_MAIL_RATE;
    if (!options.smtpUrl) return;
    const { rateLimit, ...server } = connectionOptions(options.smtpUrl, options.smtpAuthorities ?? null);
    if (rateLimit !== undefined) this.rate = { ...this.rate, perSecond: rateLimit };
    this.server = server;
    this.smtp = createTransport({ ...server, ...poolOptionsOf(this.rate), pool: true, maxMessages: Infinity });
    // nodemailer would write the domain in Unicode when the local part is. The server must get the stored address.
    this.smtp.use('stream', (mail, done) => {
      const { from: sender, to } = mail.data.envelope as { from: string; to: string[] };
      mail.message.getEnvelope = () => ({ from: sender, to });
      done();
    });
  }

  /** True when mails wait on the mailbox page instead of being sent. */
  get isMailbox(): boolean {
    return this.smtp === undefined;
  }

  /** `host:port`; null: there is no mail server. */
  get address(): string | null {
    if (!this.server) return null;
    const { host, port } = this.server;
    return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  }

  /** The sender's address. */
  get sender(): string {
    return this.from.address;
  }

  /**
   * Waits until the rate allows the mail. Resolves when the server has taken it.
   * @throws MailRefused
   */
  async send(mail: Mail): Promise<void> {
    if (!this.smtp) return;
    const { id, to, subject, html, text, unsubscribeUrl } = mail;
    try {
      await this.smtp.sendMail({
        to: { name: '', address: to },
        envelope: { from: this.from.address, to: [to] },
        subject,
        html,
        text,
        from: { ...this.from },
        messageId: `<${id}@${this.domain}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          ...(unsubscribeUrl === undefined ? {} : unsubscribeHeaders(unsubscribeUrl)),
        },
        disableUrlAccess: true,
        disableFileAccess: true,
      });
    } catch (error) {
      throw refusalOf(error as SmtpError, this.from.address, to);
    }
  }

  /**
   * Resolves when the server accepts the login, the sender and this machine as a client. More can't be known without
   * sending a mail.
   * @throws MailRefused
   */
  async ask(): Promise<void> {
    if (!this.server) return;
    const asking = new SmtpInquiry(this.server);
    this.asking = asking;
    const commands = [
      `MAIL FROM:<${this.from.address}>${isAscii(this.from.address) ? '' : ' SMTPUTF8'}`,
      `RCPT TO:<postmaster@${this.domain}>`,
    ];
    const refused = await asking.run(commands).catch((error: unknown) => error as SmtpError);
    const refusal = refused && refusalOf(refused, this.from.address, null);
    // It doesn't matter whether the domain has a postmaster. Some servers refuse senders and clients only in response
    // to this command.
    if (refusal && refusal.reason !== 'recipient-refused') throw refusal;
  }

  close(): void {
    this.asking?.close();
    this.smtp?.close();
  }
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
