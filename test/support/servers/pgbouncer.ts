import { writeFile } from 'node:fs/promises';
import { freePort, listens, RunningProgram, temporaryFolder, unprivileged } from './programs.js';

export interface PgBouncerOptions {
  /** The server behind it. */
  server: string;
  /** Users that may connect besides the server's own, with the password that PostgreSQL wants from each. */
  users?: Readonly<Record<string, string>>;
  mode?: 'transaction' | 'session';
  /** Sessions at the server, for each user and database. */
  poolSize?: number;
}

/** Otherwise it waits for its clients. */
const AT_ONCE = 'SIGQUIT';

/** Debian's PgBouncer in front of a server. What it isn't told here is at its default: it refuses startup parameters that it doesn't know. */
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

  /** The same database, through it. */
  urlOf(database: string): string {
    const url = new URL(database);
    [url.hostname, url.port] = ['127.0.0.1', String(this.port)];
    return url.href;
  }

  /** Ends its sessions at the server, and every client's. */
  async restart(): Promise<void> {
    await this.program.stop(AT_ONCE);
    this.program = await this.run();
  }

  async stop(): Promise<void> {
    await this.program.stop(AT_ONCE);
    await this.folder.remove();
  }
}
