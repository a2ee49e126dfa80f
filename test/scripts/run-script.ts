import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** Runs one of scripts/*.mjs with these settings and no others. @param cwd by default the repository */
export async function runScript(
  name: string,
  args: readonly string[],
  {
    settings = {},
    cwd = ROOT,
    nodeOptions = [],
  }: { settings?: Record<string, string>; cwd?: string; nodeOptions?: readonly string[] } = {},
): Promise<Ended> {
  return new Promise((ended) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings };
    const child = execFile(
      process.execPath,
      [...nodeOptions, join(ROOT, 'scripts', name), ...args],
      { cwd, env },
      (error, stdout, stderr) => {
        ended({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
