import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** The limit is generous, because the machine may be busy. `readyAfterMs` is the real time. */
const READY_WITHIN_MS = 120_000;

/** Options of Node, as package.json and the Dockerfile have them. */
const NODE_OPTIONS = ['--max-semi-space-size=16'];

const WATCH_EVERY_MS = 50;

/** A build of the product in a folder of its own. test/runner/global-teardown.mjs removes the folder. */
export class ProductBuild {
  private static made: Promise<ProductBuild> | undefined;

  private constructor(readonly main: string) {}

  /** The build that all suites of this worker share, because nothing changes the product during a run. */
  static async make(): Promise<ProductBuild> {
    return (this.made ??= this.build());
  }

  private static async build(): Promise<ProductBuild> {
    const directory = await mkdtemp(join(tmpdir(), `${process.env.ROLECALL_RUN!}_build_`));
    const out = join(directory, 'dist');
    await promisify(execFile)('npm', ['run', '--silent', 'build', '--', '--out-dir', out], { cwd: ROOT });
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    return new ProductBuild(join(out, 'main.js'));
  }
}

/** A process of the product, as operators run it, which a test may kill. */
export class ProductProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** The time from the start until it takes requests. */
    readonly readyAfterMs: number,
    /** The lines that it wrote. */
    readonly lines: readonly string[],
  ) {}

  /** Starts a process, and resolves when it takes requests. @throws with its output if it ends or times out */
  static async start(build: ProductBuild, settings: Record<string, string>): Promise<ProductProcess> {
    const startedAt = performance.now();
    const env = { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'info', ...settings };
    const child = spawn(process.execPath, [...NODE_OPTIONS, build.main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const { promise: url, resolve: ready, reject } = Promise.withResolvers<string>();
    const fail = (why: string): void => {
      reject(new Error(`${why}\n${lines.slice(-20).join('\n')}`));
    };
    const late = setTimeout(() => {
      fail('the product is not ready');
    }, READY_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const found = readyUrl(line);
        if (found) ready(found);
      });
    }
    child.once('exit', () => {
      fail('the product ended');
    });
    child.once('error', () => {
      fail('the product did not start');
    });
    try {
      return new ProductProcess(child, await url, performance.now() - startedAt, lines);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  private get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process did not start');
    return this.child.pid;
  }

  /** The memory that the process holds, in MiB. */
  get residentMib(): number {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(this.pid)}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  }

  /** The most memory that the process had during the work, in MiB. */
  async peakDuring(work: Promise<unknown>): Promise<number> {
    let peak = this.residentMib;
    const watch = setInterval(() => {
      peak = Math.max(peak, this.residentMib);
    }, WATCH_EVERY_MS);
    await work.finally(() => {
      clearInterval(watch);
    });
    return peak;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks the process to end, and resolves when it has. */
  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }

  /** Freezes the process, as a machine does that goes to sleep. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** Continues a frozen process. */
  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Kills the process with SIGKILL, and resolves when it has ended. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

function readyUrl(line: string): string | null {
  if (!line.startsWith('{')) return null;
  const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
  return msg === 'ready' && url !== undefined ? url : null;
}
