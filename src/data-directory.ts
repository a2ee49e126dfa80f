import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process works in this data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
}

/**
 * Takes a data directory for this process: the embedded database doesn't notice a second one and would be destroyed by it.
 * A file left by a killed process is recognised by its process being gone. @returns gives it back @throws DataDirectoryInUse
 */
export function lockDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'process.pid');
  const mine = `${String(process.pid)} ${String(process.hrtime.bigint())}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => { rmSync(file, { force: true }); };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(file, 'utf8').split(' ')[0]);
      if (isRunning(holder)) throw new DataDirectoryInUse(`${dataDir} is in use by process ${String(holder)}: stop it, or set DATA_DIR to another folder`);
      rmSync(file, { force: true });
    }
  }
  throw new DataDirectoryInUse(`${dataDir} was taken by another process just now`);
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

/** A pid is given again after a while: on Linux the command line tells whether it is one of ours. */
function isNode(pid: number): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}
