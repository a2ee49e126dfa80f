import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { readSender, type Sender } from './sender.js';

export interface Mail {
  /** UUID; becomes `<uuid@host>`, so that a repeated mail is recognised. */
  id: string;
  /** The stored address. */
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Where it can be unsubscribed from, in one click: RFC 8058. Absent: it can't be. */
  unsubscribeUrl?: string;
}

/** The mail server did not take a mail. Carries its reply code alone: its text may quote an address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  /** @param permanent it would say the same tomorrow. @param ofAddress of any mail to this address, for good */
  constructor(
    readonly code: string,
    readonly permanent: boolean,
    readonly ofAddress: boolean,
  ) {
    super(`the mail server answered ${code}`);
  }
}

export interface MailOptions {
  /** Absent: mails are not sent, the mailbox page shows them. */
  smtpUrl: string | null;
  /** `Name <address>` or an address. */
  from: string;
  /** Right side of Message-IDs. */
  host: string;
}

const CONNECTIONS = 5;
const TIMEOUT_MS = 20_000;

/** What nodemailer throws; `command`: what the server was answering. */
interface SmtpError {
  responseCode?: number;
  code?: string;
  command?: string;
}

/**
 * Every 5yz to RCPT TO is about the address, and final. About the mail itself 550 to 554 are. Other 5yz, as to signing in or to the sender, are about
 * how the two servers are set up, which somebody mends. Source: RFC 5321 §4.2.1
 */
function refusalOf({ responseCode, code, command }: SmtpError): MailRefused {
  const isFinal = (from: number, to: number): boolean => responseCode !== undefined && responseCode >= from && responseCode <= to;
  const ofAddress = command === 'RCPT TO' && isFinal(500, 599);
  return new MailRefused(String(responseCode ?? code ?? 'nothing'), ofAddress || isFinal(550, 554), ofAddress);
}

/** As they are: a library that folds or encodes an address would break it. */
function unsubscribeHeaders(url: string): Record<string, { prepared: true; value: string }> {
  return { 'List-Unsubscribe': { prepared: true, value: `<${url}>` }, 'List-Unsubscribe-Post': { prepared: true, value: 'List-Unsubscribe=One-Click' } };
}

/** Hands mails to the SMTP server, over pooled connections. */
@Injectable()
export class MailTransport {
  private readonly smtp: Transporter | undefined;
  private readonly from: Sender;

  constructor(private readonly options: MailOptions) {
    const from = readSender(options.from);
    if (!from) throw new TypeError('the sender is no address');
    this.from = from;
    if (!options.smtpUrl) return;
    const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    this.smtp = createTransport({ url: options.smtpUrl, pool: true, maxConnections: CONNECTIONS, maxMessages: Infinity, ...timeouts });
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
        messageId: `<${id}@${this.options.host}>`,
        headers: { 'Auto-Submitted': 'auto-generated', ...(unsubscribeUrl === undefined ? {} : unsubscribeHeaders(unsubscribeUrl)) },
        disableUrlAccess: true,
        disableFileAccess: true,
      });
    } catch (error) {
      throw refusalOf(error as SmtpError);
    }
  }

  close(): void {
    this.smtp?.close();
  }
}
