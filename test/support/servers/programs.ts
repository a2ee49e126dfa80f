import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../wait-for.js';

/** Programs of Debian that tests start. Each server has a folder, a configuration and a port of its own. */
export type Program = 'postgres' | 'pgbouncer' | 'postfix' | 'nginx' | 'openssl';

const POSTGRES = '/usr/lib/postgresql';

const FOUND: Readonly<Record<Program, () => boolean>> = {
  postgres: () => postgresFolder() !== null,
  pgbouncer: () => existsSync('/usr/sbin/pgbouncer'),
  // Postfix's master process starts only as root.
  postfix: () => existsSync('/usr/sbin/postfix') && isRoot(),
  nginx: () => existsSync('/usr/sbin/nginx'),
  openssl: () => existsSync('/usr/bin/openssl'),
};

/**
 * Defines a suite that needs real servers. If one is not installed, the suite is skipped and a line gives the reason.
 * `.ci/run` installs all of them, and fails if a test was skipped.
 */
export function describeWith(programs: readonly Program[], name: string, suite: () => void): void {
  const missing = programs.filter((program) => !FOUND[program]());
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  skipSuite(name, `this machine has no ${missing.join(' and no ')} that tests can start`, suite);
}

/** Defines a suite as skipped, with a line that gives the reason. `.ci/run` fails on it. */
export function skipSuite(name: string, why: string, suite: () => void): void {
  process.stdout.write(`${name}: skipped, because ${why}\n`);
  // eslint-disable-next-line no-restricted-properties -- Only a skip shows in a report that tests did not run.
  describe.skip(name, suite);
}

/** The folder of the newest installed PostgreSQL's programs. Null if there is none. */
export function postgresFolder(): string | null {
  if (!existsSync(POSTGRES)) return null;
  const versions = readdirSync(POSTGRES).filter((version) => existsSync(join(POSTGRES, version, 'bin/initdb')));
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(POSTGRES, newest, 'bin');
}

export function isRoot(): boolean {
  return userInfo().uid === 0;
}

/** A user and group of this machine. */
export interface Account {
  uid: number;
  gid: number;
}

/** The account for PostgreSQL and PgBouncer, which refuse root: `postgres`, or the present user if that is not root. */
export async function unprivileged(): Promise<Account> {
  const { uid, gid } = userInfo();
  if (!isRoot()) return { uid, gid };
  return accountOf('postgres');
}

/** The account of a user. @throws if this machine has no such user */
export async function accountOf(user: string): Promise<Account> {
  const idOf = async (flag: string): Promise<number> => Number(await run('id', [flag, user]));
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

/** Makes a folder that only `account` may read. @returns its path and a function that removes it */
export async function temporaryFolder(
  name: string,
  account?: Account,
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `rolecall-${name}-`));
  await chmod(path, 0o700);
  if (account) await chown(path, account.uid, account.gid);
  return { path, remove: async () => rm(path, { recursive: true, force: true }) };
}

/** A port on 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a server takes connections at a port of 127.0.0.1. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Runs a program to its end. @throws with its output if it fails */
export async function run(
  command: string,
  args: readonly string[],
  options: { account?: Account; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { account, ...rest } = options;
  const { stdout } = await promisify(execFile)(command, [...args], { ...rest, ...account });
  return stdout;
}

/** A program that runs until it is stopped. */
export class RunningProgram {
  /** The lines that it wrote. */
  readonly lines: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(...text.split('\n').filter((line) => line !== ''));
      });
    }
  }

  /** Starts a program, and resolves when `ready` is true. @throws with its output if it ends before */
  static async start(
    command: string,
    args: readonly string[],
    ready: () => Promise<boolean>,
    options: { account?: Account; cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<RunningProgram> {
    const { account, ...rest } = options;
    const program = new RunningProgram(
      spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...rest, ...account }),
    );
    await waitFor(`${command} is ready`, async () => {
      if (!program.isRunning) throw new Error(`${command} ended\n${program.lines.slice(-20).join('\n')}`);
      return ready();
    });
    return program;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends the program, and resolves when it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}
