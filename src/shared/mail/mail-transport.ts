import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { reasonOf, type MailFailureReason, type SmtpError } from './mail-failures.js';
import { readSender, type Sender } from './sender.js';
import { SmtpInquiry } from './smtp-inquiry.js';
import { isLoopback, readSmtpUrl, type SmtpServer } from './smtp-url.js';

export interface Mail {
  /** UUID; becomes `<uuid@domain of the sender>`, so that a repeated mail is recognised. */
  id: string;
  /** The stored address. */
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Where it can be unsubscribed from, in one click: RFC 8058. Absent: it can't be. */
  unsubscribeUrl?: string;
}

/** The mail server did not take a mail, or would take none. Carries a reason and the reply's code alone: its text may quote an address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  /** @param code of the reply, or nodemailer's @param permanent it would say the same tomorrow @param ofAddress of any mail to this address, for good */
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
  /** Absent: mails are not sent, the mailbox page shows them. */
  smtpUrl: string | null;
  /** PEM: the authorities that may have signed the mail server's certificate. Absent: those that Node knows. */
  smtpAuthorities?: string | null;
  /** `Name <address>` or an address. */
  from: string;
}

const CONNECTIONS = 5;
const TIMEOUT_MS = 20_000;
const TIMEOUTS = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };

/**
 * Every 5yz to RCPT TO that is about the recipient is final. About the mail itself 550 to 554 are. Other 5yz, as to signing in or to the sender, are about
 * how the two servers are set up, which somebody mends. Source: RFC 5321 §4.2.1
 */
function refusalOf(error: SmtpError, sender: string, recipient: string | null): MailRefused {
  const reason = reasonOf(error, sender, recipient);
  const { responseCode = 0, originalCode, code = 'none' } = error;
  const ofAddress = reason === 'recipient-refused' && responseCode >= 500;
  const ofMail = reason === 'mail-refused' && responseCode >= 550 && responseCode <= 554;
  return new MailRefused(reason, String(responseCode || (originalCode ?? code)), ofAddress || ofMail, ofAddress);
}

/** Nobody reads over the shoulder on this machine, and Debian's mail servers sign their own certificates there. SMTP_URL's own `tls` goes before. */
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

/** As they are: a library that folds or encodes an address would break it. */
function unsubscribeHeaders(url: string): Record<string, { prepared: true; value: string }> {
  return {
    'List-Unsubscribe': { prepared: true, value: `<${url}>` },
    'List-Unsubscribe-Post': { prepared: true, value: 'List-Unsubscribe=One-Click' },
  };
}

/** Hands mails to the SMTP server, over pooled connections. */
@Injectable()
export class MailTransport {
  private readonly server: ReturnType<typeof connectionOptions> | undefined;
  private readonly smtp: Transporter | undefined;
  private readonly from: Sender;
  /** The right side of Message-IDs. */
  private readonly domain: string;
  private asking: SmtpInquiry | undefined;

  constructor(options: MailOptions) {
    const from = readSender(options.from);
    if (!from) throw new TypeError('the sender is no address');
    this.from = from;
    this.domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    if (!options.smtpUrl) return;
    this.server = connectionOptions(options.smtpUrl, options.smtpAuthorities ?? null);
    this.smtp = createTransport({ ...this.server, pool: true, maxConnections: CONNECTIONS, maxMessages: Infinity });
    // By itself it would say the domain in Unicode again where the local part is: what the server hears is the stored address.
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

  /** `host:port`; null: there is none. */
  get address(): string | null {
    if (!this.server) return null;
    const { host, port } = this.server;
    return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  }

  /** Whom mails come from. */
  get sender(): string {
    return this.from.address;
  }

  /** Resolves once the server has taken the mail. @throws MailRefused */
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

  /** Resolves when the server would take a mail, as far as can be seen without sending one: it takes the login, the sender, and this machine as its client. @throws MailRefused */
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
    // Whether the sender's domain has a postmaster is no matter of ours: the command shows what servers say to senders and clients in answer to it alone.
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
