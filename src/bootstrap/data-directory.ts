import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export const SECRETS_FILE = 'secrets.json';

/** Another process uses this data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
}

/** Other users of this machine can read the data directory, and this process may not change its mode. */
export class DataDirectoryOpen extends Error {
  override readonly name = 'DataDirectoryOpen';
}

const STICKY = 0o1000;
const OTHERS = 0o007;

/**
 * Locks a data directory for this process, because a second process would destroy the embedded database unnoticed.
 * Replaces the lock of a process that no longer runs. Takes the directory's permissions away from other users.
 * @returns a function that releases the lock
 * @throws DataDirectoryInUse, DataDirectoryOpen
 */
export function lockDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  closeToOthers(dataDir);
  const file = join(dataDir, 'process.pid');
  const mine = `${String(process.pid)} ${String(process.hrtime.bigint())}`;
  const unfinished = `${file}.${String(process.pid)}`;
  writeFileSync(unfinished, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      // Links a finished file, because a process that saw an empty one would take the owner for dead.
      if (linked(unfinished, file))
        return () => {
          if (contentOf(file) === mine) rmSync(file);
        };
      const found = contentOf(file);
      const holder = Number(found?.split(' ')[0]);
      if (isRunning(holder))
        throw new DataDirectoryInUse(
          `${dataDir} is in use by process ${String(holder)}: stop it, or set DATA_DIR to another folder`,
        );
      if (found !== undefined) putAway(file, found, `${unfinished}.old`);
    }
  } finally {
    rmSync(unfinished, { force: true });
  }
  throw new DataDirectoryInUse(`${dataDir} was taken by another process just now`);
}

function closeToOthers(dataDir: string): void {
  // Refuses a shared folder like /tmp, because other users need it and its mode must stay.
  if ((statSync(dataDir).mode & STICKY) !== 0)
    throw new DataDirectoryOpen(`${dataDir} is a folder that users share: set DATA_DIR to another one`);
  setMode(dataDir, 0o700);
  const secrets = join(dataDir, SECRETS_FILE);
  if (existsSync(secrets)) setMode(secrets, 0o600);
}

function setMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    if ((statSync(path).mode & OTHERS) !== 0)
      throw new DataDirectoryOpen(
        `${path} is open to other users and belongs to one of them: chmod ${mode.toString(8)} it as its owner`,
      );
  }
}

/** Removes a dead process's lock. Puts it back when another process has replaced it meanwhile. */
function putAway(file: string, found: string, away: string): void {
  try {
    renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  if (contentOf(away) !== found) linked(away, file);
  rmSync(away);
}

/** @returns false when the target exists */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return isNode(pid);
}

/** The system reuses process ids. On Linux the command line tells whether this id belongs to a Node process. */
function isNode(pid: number): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}
