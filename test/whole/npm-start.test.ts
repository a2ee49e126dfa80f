import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '../support/wait-for.js';

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
    // The process has ended.
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
      // The product has released its lock, which a killed process can't.
      expect(existsSync(lock)).toBe(false);
    },
  );

  it('says at its first start where to look, which person can sign in, and where mails wait', async () => {
    const { said, waitForMessage } = npmStart();
    await waitForMessage('ready');
    const welcome = 'The HTTP interface is at';
    await waitFor('the welcome', async () => Promise.resolve(said.some((line) => line.startsWith(welcome))));
    const url = said.find((line) => line.startsWith('Open '))!.slice('Open '.length);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const email = said.findIndex((line) => line === '  admin@rolecall.example');
    const answer = await fetch(`${url}/v1/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: said[email]!.trim(), password: said[email + 1]!.trim() }),
    });
    expect(answer.status).toBe(200);
    expect(said).toContain(`Mails wait at ${url}/mailbox, the first invitation too.`);
  });

  it('says in one sentence that its port is taken, before it makes anything', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { said, ended } = npmStart({ PORT: String(port) });
    expect(await ended).toEqual([1, null]);
    other.close();
    expect(said.at(-1)).toBe(
      `Rolecall can't start: PORT ${String(port)} is taken: another program listens there. Stop it, or set another one`,
    );
    expect(said.join()).not.toContain('password');
    expect(existsSync(join(folder, 'data', 'postgres'))).toBe(false);
  });

  it('ends with the code of a product that can not start', async () => {
    const { said, ended } = npmStart({ PORT: 'nonsense' });
    expect(await ended).toEqual([1, null]);
    expect(said.at(-1)).toBe("Rolecall can't start: PORT must be a whole number from 0 to 65535");
  });
});

it("every script that keeps running gets npm's signals, with no shell between them", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const ours = Object.entries(scripts).filter(([, command]) => command.includes('scripts/'));
  expect(ours.map(([name]) => name)).toEqual(expect.arrayContaining(['start', 'dev', 'demo', 'events']));
  expect(ours.filter(([, command]) => !command.startsWith('exec node '))).toEqual([]);
});
