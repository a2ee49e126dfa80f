import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** Generous: a machine may be busy; how long it took is `readyAfterMs`. */
const READY_WITHIN_MS = 120_000;

/** The product, built once, in a folder that no other build touches. */
export class ProductBuild {
  private constructor(
    private readonly directory: string,
    readonly main: string,
  ) {}

  static async make(): Promise<ProductBuild> {
    const directory = await mkdtemp(join(tmpdir(), 'rolecall-build-'));
    const out = join(directory, 'dist');
    await promisify(execFile)('npm', ['run', '--silent', 'build', '--', '--out-dir', out], { cwd: ROOT });
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    return new ProductBuild(directory, join(out, 'main.js'));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The product as operators run it: a process of its own, which may be killed. */
export class ProductProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** From the start to taking requests. */
    readonly readyAfterMs: number,
    /** Every line it wrote. */
    readonly lines: readonly string[],
  ) {}

  /** Resolves when it takes requests. @throws with what it wrote when it ends or is silent instead */
  static async start(build: ProductBuild, settings: Record<string, string>): Promise<ProductProcess> {
    const startedAt = performance.now();
    const env = { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'info', ...settings };
    const child = spawn(process.execPath, [build.main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
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

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks it to end, and resolves when it has. */
  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }

  /** Stops it in its tracks, as a machine that is put to sleep does. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** Lets it go on as if nothing had happened. */
  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** kill -9, and resolves when it is gone. Does nothing for an ended process. */
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
