import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpError } from './mail-failures.js';
import type { SmtpServer } from './smtp-url.js';

/** nodemailer sends other commands only as a login method; the server never sees this name. */
const COMMANDS = 'COMMANDS';

/** The server ended the session. The code is nodemailer's. */
class ConversationEnded extends Error {
  override readonly name = 'ConversationEnded';
  readonly code = 'ECONNECTION';
}

/** A session with the mail server that sends no mail. */
export class SmtpInquiry {
  private readonly connection: SMTPConnection;
  private readonly auth: SmtpServer['auth'];
  private readonly method: string | undefined;
  private commands: readonly string[] = [];
  private refused: SmtpError | null = null;

  constructor({ auth, authMethod, ...server }: SmtpServer) {
    this.auth = auth;
    this.method = authMethod;
    this.connection = new SMTPConnection({
      ...server,
      customAuth: { [COMMANDS]: async (server) => this.say(async (command) => server.sendCommand(command)) },
    });
  }

  /**
   * Connects, logs in if the server takes logins, and sends the commands. Resolves with the first refusal of a command,
   * or null.
   * @throws SmtpError for failures before the commands
   */
  async run(commands: readonly string[]): Promise<SmtpError | null> {
    this.commands = commands;
    const { connection, auth, method } = this;
    const ended = new Promise<never>((_resolve, reject) => {
      connection.on('error', reject);
      connection.once('end', () => {
        reject(new ConversationEnded());
      });
    });
    // When the session closes before it begins, nothing awaits this promise.
    ended.catch(() => undefined);
    try {
      await Promise.race([
        ended,
        called((done) => {
          connection.connect(done);
        }),
      ]);
      if (auth && connection.allowsAuth)
        await Promise.race([
          ended,
          called((done) => {
            connection.login({ ...auth, ...(method === undefined ? {} : { method }) }, done);
          }),
        ]);
      await Promise.race([
        ended,
        called((done) => {
          connection.login({ method: COMMANDS }, done);
        }),
      ]);
      return this.refused;
    } finally {
      connection.quit();
    }
  }

  close(): void {
    this.connection.close();
  }

  private async say(sendCommand: (command: string) => Promise<{ response: string; status?: number }>): Promise<void> {
    for (const command of this.commands) {
      const { response, status } = await sendCommand(command);
      if (status !== undefined && status < 400) continue;
      this.refused = {
        code: 'EENVELOPE',
        command: command.slice(0, command.indexOf(':')),
        response,
        ...(status === undefined ? {} : { responseCode: status }),
      };
      return;
    }
  }
}

async function called(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
