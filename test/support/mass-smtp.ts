import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { waitFor } from './wait-for.js';

/** The fate of a mail: taken, refused with 451, dropped with its connection, or taken without an answer. */
export type Fate = 'taken' | 'refused' | 'dropped' | 'unanswered';

export interface TakenMail {
  /** The recipient of the envelope. */
  to: string;
  /** Without angle brackets. */
  messageId: string;
  raw: Buffer;
}

/** A real SMTP server for thousands of mails. It keeps them unparsed, fails on demand, and can stop and start again. */
export class MassSmtp {
  readonly mails: TakenMail[] = [];
  /** The number of mails of each fate. */
  readonly fates: Record<Fate, number> = { taken: 0, refused: 0, dropped: 0, unanswered: 0 };
  private readonly sockets = new Map<number, Socket>();
  private fateOf: () => Fate = () => 'taken';
  private port = 0;

  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        this.applyFate(session, Buffer.concat(chunks), callback);
      });
    },
  });

  static async start(): Promise<MassSmtp> {
    const smtp = new MassSmtp();
    smtp.server.on('error', () => undefined);
    smtp.listener.on('connection', (socket: Socket) => {
      const { remotePort = 0 } = socket;
      smtp.sockets.set(remotePort, socket);
      socket.once('close', () => {
        smtp.sockets.delete(remotePort);
      });
    });
    await smtp.comeBack();
    smtp.port = (smtp.listener.address() as AddressInfo).port;
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${String(this.port)}`;
  }

  /** Sets the function that decides the fate of each mail. */
  decideFates(fateOf: () => Fate): void {
    this.fateOf = fateOf;
  }

  /** Forgets all mails and the function of fates. */
  forget(): void {
    this.mails.length = 0;
    Object.assign(this.fates, { taken: 0, refused: 0, dropped: 0, unanswered: 0 });
    this.fateOf = () => 'taken';
  }

  /** Refuses connections, and drops the open ones. @returns the number of those */
  goAway(): number {
    const { size } = this.sockets;
    this.listener.close();
    for (const socket of this.sockets.values()) socket.destroy();
    return size;
  }

  async comeBack(): Promise<void> {
    this.listener.listen(this.port, '127.0.0.1');
    await once(this.listener, 'listening');
  }

  /** Waits until each address has a mail. @throws after `ms` */
  async waitUntilMailed(emails: ReadonlySet<string>, ms: number): Promise<void> {
    const reached = new Set<string>();
    let counted = 0;
    await waitFor(
      'a mail to each address',
      async () => {
        for (; counted < this.mails.length; counted += 1)
          if (emails.has(this.mails[counted]!.to)) reached.add(this.mails[counted]!.to);
        return reached.size === emails.size;
      },
      ms,
    );
  }

  /** The tokens of the mailed links, by address. */
  async tokens(): Promise<Map<string, Set<string>>> {
    const tokens = new Map<string, Set<string>>();
    for (const { to, raw } of this.mails) {
      const { text = '' } = await PostalMime.parse(raw);
      const token = /\/invitations\/([A-Za-z0-9_-]{51})/.exec(text)?.[1] ?? '';
      tokens.set(to, (tokens.get(to) ?? new Set()).add(token));
    }
    return tokens;
  }

  close(): void {
    this.goAway();
  }

  private get listener(): Server {
    return this.server.server;
  }

  private applyFate(session: SMTPServerSession, raw: Buffer, answer: (error?: Error) => void): void {
    const fate = this.fateOf();
    this.fates[fate] += 1;
    if (fate === 'taken' || fate === 'unanswered') {
      const messageId = /^message-id:\s*<([^>]+)>/im.exec(raw.toString('latin1', 0, 4096))?.[1] ?? '';
      this.mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', messageId, raw });
    }
    if (fate === 'taken') answer();
    else if (fate === 'refused') answer(Object.assign(new Error('not now'), { responseCode: 451 }));
    else this.sockets.get((session as unknown as { remotePort: number }).remotePort)?.destroy();
  }
}
