import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lockDataDirectory } from '../../src/bootstrap/data-directory.js';

const SOURCE = join(import.meta.dirname, '../../src/bootstrap/data-directory.ts');

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-lock-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(folder, { recursive: true, force: true });
});

const file = (): string => join(folder, 'process.pid');

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Starts another process that locks the folder and keeps it, or prints why it can't. */
async function otherProcess(): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    import { lockDataDirectory } from ${JSON.stringify(SOURCE)};
    try { lockDataDirectory(${JSON.stringify(folder)}); console.log('locked'); } catch (error) { console.log(error.name + ': ' + error.message); }
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said };
}

function lockError(): unknown {
  try {
    lockDataDirectory(folder)();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a data directory', () => {
  it('is made for its owner alone, locked and released', () => {
    const data = join(folder, 'new', 'data');
    const unlock = lockDataDirectory(data);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(data, 'process.pid'), 'utf8')).toMatch(new RegExp(`^${String(process.pid)} `));
    unlock();
    expect(readdirSync(data)).toEqual([]);
  });

  it.each(['755', '750', '777', '2775', '500'])(
    'that existed with mode %s is closed to others, and so are its secrets',
    (mode) => {
      const secrets = join(folder, 'secrets.json');
      writeFileSync(secrets, '{}');
      chmodSync(secrets, 0o644);
      chmodSync(folder, Number.parseInt(mode, 8));
      lockDataDirectory(folder);
      expect([statSync(folder).mode & 0o7777, statSync(secrets).mode & 0o7777, statSync(file()).mode & 0o7777]).toEqual(
        [0o700, 0o600, 0o600],
      );
    },
  );

  it('that all users share, such as /tmp, is refused and stays open', () => {
    chmodSync(folder, 0o1777);
    expect(lockError()).toMatchObject({
      name: 'DataDirectoryOpen',
      message: `${folder} is a folder that users share: set DATA_DIR to another one`,
    });
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that another process uses is refused with the id of that process, and stays unchanged', async () => {
    const { child, said } = await otherProcess();
    expect(said).toBe('locked');
    const held = readFileSync(file(), 'utf8');
    expect(lockError()).toMatchObject({
      name: 'DataDirectoryInUse',
      message: `${folder} is in use by process ${String(child.pid)}: stop it, or set DATA_DIR to another folder`,
    });
    expect(readFileSync(file(), 'utf8')).toBe(held);
    expect(readdirSync(folder)).toEqual(['process.pid']);
  });

  it('of this process is refused to another process until it is released', async () => {
    const unlock = lockDataDirectory(folder);
    expect((await otherProcess()).said).toContain(`in use by process ${String(process.pid)}`);
    unlock();
    expect((await otherProcess()).said).toBe('locked');
  });

  it('of a killed process is taken over', async () => {
    const { child } = await otherProcess();
    await kill(child);
    expect(existsSync(file())).toBe(true);
    expect(lockError()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a killed process is taken over when another program has its process id', async () => {
    const child = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(child);
    await once(child, 'spawn');
    writeFileSync(file(), `${String(child.pid)} 1`);
    expect(lockError()).toBeUndefined();
  });

  it('is taken over from an earlier process with the same id, as in a container, where the id is always 1', () => {
    writeFileSync(file(), `${String(process.pid)} 1`);
    expect(lockError()).toBeUndefined();
  });

  it.each([
    ['an empty file', ''],
    ['nonsense', 'nonsense'],
    ['a negative number', '-1 1'],
    ['zero', '0 1'],
  ])('with %s in place of a process id is taken over', (_, content) => {
    writeFileSync(file(), content);
    expect(lockError()).toBeUndefined();
  });

  it('is released only by the process that holds it', () => {
    const unlock = lockDataDirectory(folder);
    writeFileSync(file(), '1 somebody else');
    unlock();
    expect(readFileSync(file(), 'utf8')).toBe('1 somebody else');
  });

  it('of a killed process is taken over by only one of several processes that start together', async () => {
    writeFileSync(
      file(),
      `${String(
        (
          await otherProcess().then(async ({ child }) => {
            await kill(child);
            return child;
          })
        ).pid,
      )} 1`,
    );
    const answers = await Promise.all(Array.from({ length: 6 }, otherProcess));
    expect(answers.filter(({ said }) => said === 'locked')).toHaveLength(1);
    expect(answers.filter(({ said }) => said.startsWith('DataDirectoryInUse: '))).toHaveLength(5);
    expect(readdirSync(folder)).toEqual(['process.pid']);
  });
});
