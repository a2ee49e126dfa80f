import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../wait-for.js';
import type { Certificate } from './certificates.js';
import {
  freePort,
  postgresFolder,
  run,
  RunningProgram,
  temporaryFolder,
  unprivileged,
  type Account,
} from './programs.js';

export interface ClusterOptions {
  /** The certificate of the server. Without one it has no TLS. */
  certificate?: Certificate;
  /** PEM of the authorities whose certificates clients may authenticate with. */
  clientAuthority?: string;
  /** Lines of pg_hba.conf, after a line that lets the superuser `postgres` in over the socket without a password. */
  hba?: readonly string[];
  /** Whether the data become a standby's, which is read-only. */
  isStandby?: boolean;
  /** Settings of postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
}

const HBA = ['host all all 127.0.0.1/32 trust', 'host all all ::1/128 trust', 'local all all trust'];

/** The PostgreSQL of one suite: in a temporary folder, on a free port of the loopback addresses and on a socket. */
export class PostgresCluster {
  private server: RunningProgram | undefined;

  private constructor(
    private readonly account: Account,
    private readonly folder: { path: string; remove(): Promise<void> },
    readonly port: number,
  ) {}

  /** Starts the server, and resolves when it takes connections. */
  static async start(options: ClusterOptions = {}): Promise<PostgresCluster> {
    const account = await unprivileged();
    const folder = await temporaryFolder('postgres', account);
    try {
      const args = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
      await run(program('initdb'), ['-D', join(folder.path, 'data'), ...args], { account, cwd: folder.path });
      // The port is chosen after initdb, because that takes long enough for another suite to get the same port.
      const cluster = new PostgresCluster(account, folder, await freePort());
      await cluster.restart(options);
      return cluster;
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** The folder of its socket. */
  get socket(): string {
    return this.folder.path;
  }

  /** The lines that it wrote since its last start. */
  get lines(): readonly string[] {
    return this.server?.lines ?? [];
  }

  /** Restarts the server with other options and the same data. */
  async restart(options: ClusterOptions = {}): Promise<void> {
    await this.stop();
    await this.configure(options);
    this.server = await RunningProgram.start(program('postgres'), ['-D', this.data], async () => this.answers(), {
      account: this.account,
      cwd: this.folder.path,
    });
  }

  /** Ends the server and its clients' sessions at once. Its data stay. */
  async stop(): Promise<void> {
    await this.server?.stop('SIGINT');
  }

  /** Ends the server and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    await this.folder.remove();
  }

  /** A URL of a database. @param parts `user:password@host`, to which the port is added */
  url(database = 'postgres', parts = 'postgres@127.0.0.1', parameters: Readonly<Record<string, string>> = {}): string {
    // Blanks become %20, because a plus sign is no blank in a connection URL.
    const query = new URLSearchParams(parameters).toString().replaceAll('+', '%20');
    return `postgres://${parts}:${String(this.port)}/${database}${query === '' ? '' : `?${query}`}`;
  }

  /** Runs statements as the superuser. @returns the output of psql: a line per row, with `|` between values */
  async sql(statements: string, database = 'postgres'): Promise<string> {
    const args = [
      '--no-psqlrc',
      '--quiet',
      '--tuples-only',
      '--no-align',
      '--set=ON_ERROR_STOP=1',
      '-h',
      this.socket,
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-d',
      database,
    ];
    return (await run(program('psql'), [...args, '-c', statements], { cwd: this.folder.path })).trim();
  }

  /** Resolves when no session is connected to a database. */
  async isAlone(database: string): Promise<void> {
    await waitFor(
      `the end of all sessions of ${database}`,
      async () => (await this.sql(`select count(*) from pg_stat_activity where datname = '${database}'`)) === '0',
    );
  }

  private get data(): string {
    return join(this.folder.path, 'data');
  }

  private async configure({
    certificate,
    clientAuthority,
    hba = HBA,
    isStandby = false,
    settings = {},
  }: ClusterOptions): Promise<void> {
    const tls = certificate
      ? {
          ssl: 'on',
          ssl_cert_file: await this.file('server.crt', certificate.cert),
          ssl_key_file: await this.file('server.key', certificate.key),
        }
      : {};
    const authority =
      clientAuthority === undefined ? {} : { ssl_ca_file: await this.file('clients.crt', clientAuthority) };
    if (isStandby) await this.file('standby.signal', '');
    const common = {
      listen_addresses: '127.0.0.1,::1',
      port: String(this.port),
      unix_socket_directories: this.socket,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '32MB',
      log_timezone: 'UTC',
      timezone: 'UTC',
    };
    const lines = Object.entries({ ...common, ...tls, ...authority, ...settings }).map(
      ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
    );
    await this.file('postgresql.conf', `${lines.join('\n')}\n`);
    await this.file('pg_hba.conf', `${['local all postgres trust', ...hba].join('\n')}\n`);
  }

  private async file(name: string, text: string): Promise<string> {
    const path = join(this.data, name);
    await writeFile(path, text, { mode: 0o600 });
    await chown(path, this.account.uid, this.account.gid);
    return path;
  }

  private async answers(): Promise<boolean> {
    return run(program('pg_isready'), ['-q', '-h', this.socket, '-p', String(this.port)]).then(
      () => true,
      () => false,
    );
  }
}

/** The path of a program of PostgreSQL. @throws if none is installed, for which `describeWith` skips the suite */
function program(name: string): string {
  const folder = postgresFolder();
  if (folder === null) throw new Error('no PostgreSQL is installed');
  return join(folder, name);
}
