import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** The recipient of the envelope. The server shows internationalised domains in Unicode. */
  to: string;
  /** Without angle brackets. */
  messageId: string;
  /** The sender, as another parser reads the header. A group has no address. */
  from: { name: string; address?: string | undefined };
  /** The unfolded headers, by lower-case name. */
  headers: ReadonlyMap<string, string>;
  subject: string;
  text: string;
  html: string;
  /** The token in the mailed link. */
  token: string;
}

/** The answer to an address or a mail: null to accept it, else an SMTP reply code. */
export type Refusal = (to: string) => number | null;

/** The text of the answer beside the code. */
export type RefusalText = (address: string) => string;
const NOT_NOW: RefusalText = (address) => `<${address}> is not taken now`;

/** A real SMTP server that keeps its mails. */
export class TestSmtp {
  readonly mails: ReceivedMail[] = [];
  /** The address of each RCPT TO in order, as sent over the wire, without the postmaster of a check of the server. */
  readonly rcptTo: string[] = [];
  /** The argument of each MAIL FROM, in order. */
  readonly mailFrom: string[] = [];
  private readonly arrived = new EventEmitter();
  private refusal: Refusal = () => null;
  private rcptRefusal: Refusal = () => null;
  private senderRefusal: Refusal = () => null;
  private text = NOT_NOW;

  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onMailFrom: ({ address }, _session, callback) => {
      callback(refusalBy(this.senderRefusal, address, this.text));
    },
    onRcptTo: ({ address }, _session, callback) => {
      callback(refusalBy(this.rcptRefusal, address, this.text));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void this.take(session.envelope.rcptTo[0]?.address ?? '', Buffer.concat(chunks)).then(() => {
          callback();
        }, callback);
      });
    },
  });

  static async start(): Promise<TestSmtp> {
    const smtp = new TestSmtp();
    smtp.server.on('error', () => undefined);
    smtp.server.server.on('connection', (socket: Socket) => {
      smtp.listenIn(socket);
    });
    smtp.server.listen(0, '127.0.0.1');
    await once(smtp.server.server, 'listening');
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${String((this.server.server.address() as AddressInfo).port)}`;
  }

  refuse(refusal: Refusal): void {
    this.refusal = refusal;
  }

  /** Sets the answer to RCPT TO. */
  refuseRecipient(refusal: Refusal, text = NOT_NOW): void {
    this.rcptRefusal = refusal;
    this.text = text;
  }

  /** Sets the answer to MAIL FROM. */
  refuseSender(refusal: Refusal, text = NOT_NOW): void {
    this.senderRefusal = refusal;
    this.text = text;
  }

  to(address: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.to === address);
  }

  /** Waits for the n-th mail to an address. @throws after `ms` */
  async mailTo(address: string, n = 1, ms = 20_000): Promise<ReceivedMail> {
    await this.waitUntil(() => this.to(address).length >= n, ms);
    return this.to(address)[n - 1]!;
  }

  /** Waits until the mails are enough. @throws after `ms` */
  async waitUntil(enough: () => boolean, ms = 20_000): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    while (!enough()) await once(this.arrived, 'mail', { signal });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(resolve);
    });
  }

  /** Reads commands from the socket, because the server respells domains. No mail of a test may hold such a line. */
  private listenIn(socket: Socket): void {
    const decoder = new TextDecoder();
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const from = /^MAIL FROM:(.*)/i.exec(line)?.[1];
        if (from !== undefined) this.mailFrom.push(from);
        const to = /^RCPT TO:<(.*)>/i.exec(line)?.[1];
        if (to !== undefined && !to.startsWith('postmaster@')) this.rcptTo.push(to);
      }
    });
  }

  private async take(to: string, raw: Buffer): Promise<void> {
    const refused = refusalBy(this.refusal, to, NOT_NOW);
    if (refused) throw refused;
    const mail = await PostalMime.parse(raw.toString());
    const text = mail.text ?? '';
    const token = /\/invitations\/([A-Za-z0-9_-]{51})/.exec(`${text} ${mail.html ?? ''}`)?.[1] ?? '';
    const from = { name: mail.from?.name ?? '', address: mail.from?.address };
    const headers = new Map(mail.headers.map(({ key, value }) => [key, value]));
    this.mails.push({
      to,
      messageId: (mail.messageId ?? '').replace(/[<>]/g, ''),
      from,
      headers,
      subject: mail.subject ?? '',
      text,
      html: mail.html ?? '',
      token,
    });
    this.arrived.emit('mail');
  }
}

function refusalBy(refusal: Refusal, address: string, text: RefusalText): Error | null {
  const code = refusal(address);
  return code === null ? null : Object.assign(new Error(text(address)), { responseCode: code });
}
