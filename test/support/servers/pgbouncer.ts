import { writeFile } from 'node:fs/promises';
import { freePort, listens, RunningProgram, temporaryFolder, unprivileged } from './programs.js';

export interface PgBouncerOptions {
  /** The URL of the server behind it. */
  server: string;
  /** Passwords of the users that may connect, besides the user of the server's URL. */
  users?: Readonly<Record<string, string>>;
  mode?: 'transaction' | 'session';
  /** The number of sessions at the server, per user and database. */
  poolSize?: number;
}

/** The signal by which PgBouncer stops without waiting for its clients. */
const AT_ONCE = 'SIGQUIT';

/** Debian's PgBouncer in front of a server, with defaults: it refuses startup parameters that it does not know. */
export class PgBouncer {
  private constructor(
    private program: RunningProgram,
    private readonly run: () => Promise<RunningProgram>,
    private readonly port: number,
    private readonly folder: { remove(): Promise<void> },
  ) {}

  static async start({
    server,
    users = {},
    mode = 'transaction',
    poolSize = 20,
  }: PgBouncerOptions): Promise<PgBouncer> {
    const { hostname, port: serverPort, username, password } = new URL(server);
    const account = await unprivileged();
    const folder = await temporaryFolder('pgbouncer', account);
    const port = await freePort();
    const [settings, list] = [`${folder.path}/pgbouncer.ini`, `${folder.path}/users.txt`];
    const known = { [decodeURIComponent(username)]: decodeURIComponent(password), ...users };
    await writeFile(
      list,
      Object.entries(known)
        .map(([name, secret]) => `"${name}" "${secret}"\n`)
        .join(''),
    );
    await writeFile(
      settings,
      `[databases]
* = host=${hostname} port=${serverPort || '5432'}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${String(port)}
unix_socket_dir =
auth_type = trust
auth_file = ${list}
admin_users = ${Object.keys(known).join(', ')}
pool_mode = ${mode}
default_pool_size = ${String(poolSize)}
`,
    );
    const run = async (): Promise<RunningProgram> =>
      RunningProgram.start('/usr/sbin/pgbouncer', [settings], async () => listens(port), { account });
    return new PgBouncer(await run(), run, port, folder);
  }

  /** The URL of a database of the server, through PgBouncer. */
  urlOf(database: string): string {
    const url = new URL(database);
    [url.hostname, url.port] = ['127.0.0.1', String(this.port)];
    return url.href;
  }

  /** Restarts PgBouncer, which ends its sessions at the server and the sessions of its clients. */
  async restart(): Promise<void> {
    await this.program.stop(AT_ONCE);
    this.program = await this.run();
  }

  async stop(): Promise<void> {
    await this.program.stop(AT_ONCE);
    await this.folder.remove();
  }
}
