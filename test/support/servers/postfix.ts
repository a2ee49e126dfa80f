import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile, chown } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { accountOf, freePort, run, RunningProgram, temporaryFolder, type Account } from './programs.js';

const MASTER = '/usr/lib/postfix/sbin/master';

/** Domains of senders that it refuses, in answer to RCPT TO, as Debian's Postfix does. */
export const REFUSED_FOR_NOW = 'later.example';
export const REFUSED_FOR_GOOD = 'never.example';

/** The services that accept, keep and deliver mail on this machine. None of them sends mail to another. */
const SERVICES = `
  cleanup unix n - n - 0 cleanup
  qmgr unix n - n 300 1 qmgr
  tlsmgr unix - - n 1000? 1 tlsmgr
  rewrite unix - - n - - trivial-rewrite
  bounce unix - - n - 0 bounce
  defer unix - - n - 0 bounce
  trace unix - - n - 0 bounce
  proxymap unix - - n - - proxymap
  proxywrite unix - - n - 1 proxymap
  showq unix n - n - - showq
  error unix - - n - - error
  retry unix - - n - - error
  discard unix - - n - - discard
  virtual unix - n n - - virtual
  anvil unix - - n - 1 anvil
  postlog unix-dgram n - n - 1 postlogd
`.replaceAll(/^ +/gm, '');

/** A delivered mail. */
export interface DeliveredMail {
  /** The recipient of the envelope. */
  to: string;
  /** Without angle brackets. */
  messageId: string;
  raw: string;
}

/**
 * Debian's Postfix with a configuration, queue and port of its own. It offers STARTTLS with a self-signed certificate, and
 * delivers every mail to one Maildir.
 */
export class TestPostfix {
  private master: RunningProgram | undefined;

  private constructor(
    private readonly folder: { path: string; remove(): Promise<void> },
    readonly port: number,
  ) {}

  static async start(): Promise<TestPostfix> {
    const postfix = new TestPostfix(await temporaryFolder('postfix'), await freePort());
    try {
      await postfix.install();
      await postfix.comeBack();
    } catch (error) {
      await postfix.close();
      throw error;
    }
    return postfix;
  }

  /** The SMTP_URL of an operator with this mail server on the same machine. */
  get url(): string {
    return `smtp://127.0.0.1:${String(this.port)}`;
  }

  /** The PEM file of the self-signed certificate. */
  get certificateFile(): string {
    return this.at('server.crt');
  }

  /** Ends Postfix and its processes at once, in the middle of their work. */
  async goAway(): Promise<void> {
    await this.master?.stop();
    this.master = undefined;
  }

  /** Starts Postfix, and resolves when it greets. */
  async comeBack(): Promise<void> {
    this.master = await RunningProgram.start(MASTER, ['-c', this.at('etc'), '-s'], async () => this.greets());
  }

  /** The mails that it has delivered. */
  async mails(): Promise<DeliveredMail[]> {
    const files = await readdir(this.at('mail/all/new')).catch(() => []);
    return Promise.all(
      files.map(async (file) => {
        const raw = await readFile(this.at('mail/all/new', file), 'utf8');
        const header = (name: string): string => new RegExp(`^${name}: *<?([^>\n]*)>?$`, 'im').exec(raw)?.[1] ?? '';
        return { to: header('Delivered-To'), messageId: header('Message-ID'), raw };
      }),
    );
  }

  /** The text of its log, which shows failures and encryption. */
  async log(): Promise<string> {
    return readFile(this.at('mail.log'), 'utf8');
  }

  async close(): Promise<void> {
    await this.goAway();
    await this.folder.remove();
  }

  private at(...path: string[]): string {
    return join(this.folder.path, ...path);
  }

  private async install(): Promise<void> {
    const owner = await accountOf('postfix');
    // The folder is open, because Postfix's processes run as `postfix`.
    await chmod(this.folder.path, 0o755);
    for (const name of ['etc', 'queue', 'data', 'mail']) await mkdir(this.at(name));
    for (const name of ['data', 'mail']) await chown(this.at(name), owner.uid, owner.gid);
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=mail.rolecall.test',
      '-addext',
      'subjectAltName=DNS:mail.rolecall.test',
      '-keyout',
      this.at('server.key'),
      '-out',
      this.certificateFile,
    ]);
    await writeFile(this.at('etc/main.cf'), this.settings(owner));
    await writeFile(this.at('etc/master.cf'), `127.0.0.1:${String(this.port)} inet n - n - - smtpd\n${SERVICES}`);
    await run('/usr/sbin/postfix', ['-c', this.at('etc'), 'check']);
  }

  /** Debian's settings, with the changes for tests. */
  private settings({ uid, gid }: Account): string {
    const settings = {
      compatibility_level: '3.6',
      queue_directory: this.at('queue'),
      data_directory: this.at('data'),
      maillog_file: this.at('mail.log'),
      maillog_file_prefixes: this.folder.path,
      myhostname: 'mail.rolecall.test',
      mydestination: '',
      inet_interfaces: '127.0.0.1',
      inet_protocols: 'ipv4',
      mynetworks: '127.0.0.0/8',
      smtpd_relay_restrictions: 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination',
      smtpd_tls_security_level: 'may',
      smtpd_tls_cert_file: this.certificateFile,
      smtpd_tls_key_file: this.at('server.key'),
      smtpd_tls_loglevel: '1',
      smtpd_sender_restrictions: `check_sender_access inline:{ {${REFUSED_FOR_NOW}=450 4.7.1 not this domain now}, {${REFUSED_FOR_GOOD}=550 5.7.1 never this domain} }`,
      virtual_mailbox_domains: 'static:all',
      virtual_mailbox_maps: 'static:all/',
      virtual_mailbox_base: this.at('mail'),
      virtual_uid_maps: `static:${String(uid)}`,
      virtual_gid_maps: `static:${String(gid)}`,
      virtual_minimum_uid: '1',
      // No mail leaves this machine, also if another setting is wrong.
      default_transport: 'discard',
      relay_transport: 'discard',
      relayhost: '',
    };
    return Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join('');
  }

  private async greets(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      const [greeting] = (await once(socket, 'data')) as [Buffer];
      return greeting.toString().startsWith('220 ');
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}
