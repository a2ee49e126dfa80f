import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberOf, onDatabase } from './databases.js';
import { sql } from 'kysely';

/** Where processes write what they would tell a terminal. */
export const LOGS = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
let logs = 0;

/** A process of this Node, its output in a file of `LOGS`. Only these variables and the PATH are in its environment. */
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

/** Runs a file of this folder in a process of its own with a task, and answers with what it sends back. */
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

/** Asks it to end, and insists after 30 s. */
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

/** Looks every 20 ms. @throws after `ms` */
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

/** Of a process, from /proc: its parent and the seconds of CPU it has used, its ended threads included, and those that its ended children used. */
interface Used {
  name: string;
  parent: number;
  own: number;
  children: number;
}

/** Null where /proc doesn't say, or no longer. */
function usedBy(pid: number | string): Used | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return null;
  }
  // After the name in parentheses, which may hold anything: the parent is the 2nd field, times in 1/100 s are the 12th to the 15th.
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
  const fields = rest.split(' ').map(Number);
  const seconds = (first: number): number => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / 100;
  return { name, parent: fields[1] ?? 0, own: seconds(11), children: seconds(13) };
}

/** Seconds of CPU a process has used; null where they can't be read. */
export function cpuSeconds(pid: number | undefined): number | null {
  return pid === undefined ? null : (usedBy(pid)?.own ?? null);
}

/** Seconds of CPU that a server's processes have used so far, whatever they did; null for a server that isn't on this machine. */
export async function postgresCpuSeconds(url: string): Promise<number | null> {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return null;
  const server = await onDatabase(url, async (db) => {
    const {
      rows: [backend],
    } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    return backend && usedBy(backend.pid)?.parent;
  });
  const ofServer = server ? usedBy(server) : null;
  // In a container it has another number here, which is somebody else's.
  if (ofServer?.name !== 'postgres') return null;
  const running = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => usedBy(pid));
  return running.filter((one) => one?.parent === server).reduce((sum, one) => sum + (one?.own ?? 0), ofServer.children);
}

/** Path of a program of PostgreSQL's, on the PATH or where Debian keeps them; null when there is none. */
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

/** How many rows a table has. */
export async function countOf(url: string, table: string): Promise<number> {
  return numberOf(url, `select count(*)::float8 as value from ${table}`);
}
