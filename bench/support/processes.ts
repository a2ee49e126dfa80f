import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberOf, onDatabase } from './databases.js';
import { sql } from 'kysely';

/** The folder for the output of processes. */
export const LOGS = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
let logs = 0;

/**
 * Starts a process of this Node, with its output in a file of `LOGS`. Its environment holds only these variables, PATH
 * and NODE_ENV.
 */
export function startNode(
  name: string,
  args: readonly string[],
  env: Record<string, string>,
): ChildProcess & { log: string } {
  logs += 1;
  const log = join(LOGS, `${String(logs)}-${name}.log`);
  const out = openSync(log, 'w');
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', out, out],
  });
  return Object.assign(child, { log });
}

/** Runs a file of this folder in a process of its own with a task. Returns the message that the process sends back. */
export async function inProcess<Answer>(file: string, task: object): Promise<Answer> {
  const child = fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const answer = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${String(code)} and no answer`);
  });
  child.send(task);
  const [message] = (await Promise.race([answer, ended])) as [Answer];
  ended.catch(() => undefined);
  child.disconnect();
  return message;
}

/** Asks a process to end, and kills it after 30 s. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await gone;
  clearTimeout(insist);
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Calls `look` every 20 ms until it returns a value.
 * @throws when it returns none within `ms`
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen | undefined | false>,
  ms = 60_000,
): Promise<Seen> {
  for (const giveUp = performance.now() + ms; performance.now() < giveUp;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not within ${String(ms / 1000)} s`);
}

/**
 * A process as /proc shows it: its parent, and the seconds of CPU that it and its ended children have used. Ended
 * threads are included.
 */
interface Used {
  name: string;
  parent: number;
  own: number;
  children: number;
}

/** Returns null when /proc doesn't show the process. */
function usedBy(pid: number | string): Used | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The fields follow the name in parentheses, which may hold any text. The parent is the 2nd field, and times in 1/100
  // s are the 12th to the 15th.
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
  const fields = rest.split(' ').map(Number);
  const seconds = (first: number): number => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / 100;
  return { name, parent: fields[1] ?? 0, own: seconds(11), children: seconds(13) };
}

/** Seconds of CPU a process has used; null where they can't be read. */
export function cpuSeconds(pid: number | undefined): number | null {
  return pid === undefined ? null : (usedBy(pid)?.own ?? null);
}

/** Seconds of CPU that all processes of a server have used so far; null for a server that isn't on this machine. */
export async function postgresCpuSeconds(url: string): Promise<number | null> {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return null;
  const server = await onDatabase(url, async (db) => {
    const {
      rows: [backend],
    } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    return backend && usedBy(backend.pid)?.parent;
  });
  const ofServer = server ? usedBy(server) : null;
  // A server in a container has another process id here, so this id may belong to another process.
  if (ofServer?.name !== 'postgres') return null;
  const running = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => usedBy(pid));
  return running.filter((one) => one?.parent === server).reduce((sum, one) => sum + (one?.own ?? 0), ofServer.children);
}

/** Returns the path of a PostgreSQL program, from PATH or from Debian's folder; null when there is none. */
export function postgresProgram(name: string): string | null {
  try {
    return (
      execFileSync(
        'sh',
        ['-c', `command -v ${name} || ls -1 /usr/lib/postgresql/*/bin/${name} 2>/dev/null | sort -V | tail -1`],
        { encoding: 'utf8' },
      ).trim() || null
    );
  } catch {
    return null;
  }
}

/** Returns the number of a table's rows. */
export async function countOf(url: string, table: string): Promise<number> {
  return numberOf(url, `select count(*)::float8 as value from ${table}`);
}
