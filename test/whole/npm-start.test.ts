import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');

let folder: string;
let npm: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-npm-start-'));
});
afterEach(() => {
  // Everything that npm started is in its process group.
  try {
    if (npm?.pid !== undefined) process.kill(-npm.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  said: string[];
  /** Resolves at the line with this message. */
  waitForMessage: (msg: string) => Promise<void>;
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** `npm start`, as operators and process managers run it. */
function npmStart(settings: Record<string, string> = {}): Started {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    ...settings,
  };
  npm = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const said: string[] = [];
  const lines = createInterface({ input: npm.stdout! }).on('line', (line) => {
    said.push(line);
  });
  npm.stderr!.resume();
  const ended = once(npm, 'close') as Started['ended'];
  const waitForMessage = async (msg: string): Promise<void> => {
    const seen = Promise.withResolvers<void>();
    lines.on('line', (line) => {
      if (line.includes(`"msg":"${msg}"`)) seen.resolve();
    });
    await Promise.race([
      seen.promise,
      ended.then(() => {
        throw new Error(`it ended:\n${said.join('\n')}`);
      }),
    ]);
  };
  return { said, waitForMessage, ended };
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'passes %s on, waits until the product has stopped in good order, and ends with its code',
    async (signal) => {
      const { said, waitForMessage, ended } = npmStart();
      await waitForMessage('ready');
      const lock = join(folder, 'data', 'process.pid');
      const product = Number(readFileSync(lock, 'utf8').split(' ')[0]);
      npm!.kill(signal);
      expect(await ended).toEqual([0, null]);
      expect(said.at(-1)).toContain(`"signal":"${signal}","msg":"stopping"`);
      expect(() => process.kill(product, 0)).toThrow('ESRCH');
      // Given back, as a killed process can't.
      expect(existsSync(lock)).toBe(false);
    },
  );

  it('ends with the code of a product that can not start', async () => {
    const { said, ended } = npmStart({ PORT: 'nonsense' });
    expect(await ended).toEqual([1, null]);
    expect(said.at(-1)).toBe("Rolecall can't start: PORT must be a whole number from 0 to 65535");
  });
});

it('every script of ours that runs is the process that npm passes signals on to, without a shell between them', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const ours = Object.entries(scripts).filter(([, command]) => command.includes('scripts/'));
  expect(ours.map(([name]) => name)).toEqual(expect.arrayContaining(['start', 'dev', 'demo', 'events']));
  expect(ours.filter(([, command]) => !command.startsWith('exec node '))).toEqual([]);
});
