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
  /** Absent: the server has no TLS. */
  certificate?: Certificate;
  /** PEM of the authorities whose certificates clients may sign in with. */
  clientAuthority?: string;
  /** Lines of pg_hba.conf; the superuser `postgres` signs in without a password over the socket before any of them. */
  hba?: readonly string[];
  /** Its data are a standby's from now on: it only reads. */
  isStandby?: boolean;
  /** Of postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
}

const HBA = ['host all all 127.0.0.1/32 trust', 'host all all ::1/128 trust', 'local all all trust'];

/** A PostgreSQL of a suite's own: in a temporary folder, on a free port of the loopback addresses and on a socket. */
export class PostgresCluster {
  private server: RunningProgram | undefined;

  private constructor(
    private readonly account: Account,
    private readonly folder: { path: string; remove(): Promise<void> },
    readonly port: number,
  ) {}

  /** Resolves when it takes connections. */
  static async start(options: ClusterOptions = {}): Promise<PostgresCluster> {
    const account = await unprivileged();
    const folder = await temporaryFolder('postgres', account);
    try {
      const args = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
      await run(program('initdb'), ['-D', join(folder.path, 'data'), ...args], { account, cwd: folder.path });
      // Not before: what initdb takes is long enough for another suite to get the same port.
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

  /** Every line that it wrote since it was started last. */
  get lines(): readonly string[] {
    return this.server?.lines ?? [];
  }

  /** Starts it again with other options and the same data. */
  async restart(options: ClusterOptions = {}): Promise<void> {
    await this.stop();
    await this.configure(options);
    this.server = await RunningProgram.start(program('postgres'), ['-D', this.data], async () => this.answers(), {
      account: this.account,
      cwd: this.folder.path,
    });
  }

  /** Ends it at once and cuts its clients off. Its data stays. */
  async stop(): Promise<void> {
    await this.server?.stop('SIGINT');
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    await this.folder.remove();
  }

  /** @param parts `user:password@host`; its port is added */
  url(database = 'postgres', parts = 'postgres@127.0.0.1', parameters: Readonly<Record<string, string>> = {}): string {
    // In a connection URL a plus sign is no blank.
    const query = new URLSearchParams(parameters).toString().replaceAll('+', '%20');
    return `postgres://${parts}:${String(this.port)}/${database}${query === '' ? '' : `?${query}`}`;
  }

  /** Runs statements as the superuser, over the socket. @returns what psql prints: a line a row, `|` between values */
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
      `nobody is connected to ${database}`,
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

/** @throws where no PostgreSQL is installed: `describeWith` skips such a suite */
function program(name: string): string {
  const folder = postgresFolder();
  if (folder === null) throw new Error('no PostgreSQL is installed');
  return join(folder, name);
}
