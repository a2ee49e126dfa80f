import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HashChainWriter,
  countHashChain,
  readHashChain,
  readHeader,
} from '../../../src/shared/transfer/hash-chained-ndjson.js';
import { Random } from '../event-sourcing/event-store-support.js';

const random = new Random('chained lines');
/** Values that are hard for readers of lines. */
const VALUES = [
  'plain',
  'ä€🚀',
  'a\nb\r\nc',
  '\u2028\u2029\u0085',
  '\u0000',
  '\ud800',
  '"},"check":"',
  'x'.repeat(3_000_000),
];

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-lines-'));
  path = join(folder, 'some.ndjson');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function writeFile(values: readonly unknown[] = Array.from({ length: 20 }, (_, n) => n)): Promise<string[]> {
  const file = await HashChainWriter.create(path, { rolecall: 'things', note: 'n' });
  await file.write(values.map((value) => ({ value })));
  await file.finish();
  return lines();
}

const lines = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

async function read(): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { text } of readHashChain(path, 'things'))
    values.push((JSON.parse(text) as { value: unknown }).value);
  return values;
}

const damageOf = async (content: string | Buffer): Promise<string> => {
  writeFileSync(path, content);
  return countHashChain(path, 'things').then(
    () => 'none',
    (error: unknown) => `${(error as Error).name} ${(error as Error).message}`,
  );
};
const whole = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

describe('a hash-chained file', () => {
  it('returns any values as they were written, and each line is plain JSON', async () => {
    const written = await writeFile(VALUES);
    expect(await read()).toEqual(VALUES);
    expect(written.map((line) => Object.keys(JSON.parse(line) as object).at(-1))).toEqual(written.map(() => 'check'));
    expect(await readHeader(path, 'things')).toMatchObject({ rolecall: 'things', note: 'n' });
    expect(await countHashChain(path, 'things')).toBe(VALUES.length);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('may be empty', async () => {
    await writeFile([]);
    expect(await read()).toEqual([]);
  });

  it('gets its name only when it is complete, and is begun anew after an interruption', async () => {
    const file = await HashChainWriter.create(path, { rolecall: 'things' });
    await file.write([{ value: 1 }]);
    await file.abandon();
    expect(existsSync(path)).toBe(false);
    await writeFile([2]);
    expect(await read()).toEqual([2]);
  });

  it('reports the line in which any byte was changed', async () => {
    const bytes = Buffer.from(whole(await writeFile()));
    for (let round = 0; round < 60; round += 1) {
      const at = random.int(bytes.length);
      if (bytes[at] === 10) continue;
      const changed = Buffer.from(bytes);
      changed[at] = changed[at] === 120 ? 121 : 120;
      const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
      expect([at, await damageOf(changed)]).toEqual([
        at,
        expect.stringMatching(new RegExp(`^DamagedFile some.ndjson, line ${String(line)}: `)),
      ]);
    }
  });

  it('reports any place at which it was cut short', async () => {
    const content = whole(await writeFile());
    for (let round = 0; round < 60; round += 1) {
      const at = random.int(content.length);
      expect([at, await damageOf(content.slice(0, at))]).toEqual([
        at,
        expect.stringMatching(/^DamagedFile .*(?:cut short|not as it was written|empty)/),
      ]);
    }
  });

  it('reports lines that were swapped, left out, repeated, added, or taken from another file', async () => {
    const all = await writeFile();
    const other = (await writeFile(['other'])).slice(1, 2);
    const damaged = async (changed: readonly string[]): Promise<string> => damageOf(whole(changed));
    expect(await damaged([...all.slice(0, 5), all[6]!, all[5]!, ...all.slice(7)])).toMatch(/line 6: the line is not/);
    expect(await damaged([...all.slice(0, 5), ...all.slice(6)])).toMatch(/line 6: /);
    expect(await damaged([...all.slice(0, 5), all[4]!, ...all.slice(5)])).toMatch(/line 6: /);
    expect(await damaged([...all.slice(0, 5), ...other, ...all.slice(5)])).toMatch(/line 6: /);
    expect(await damaged([...all, all.at(-1)!])).toMatch(/line 23: /);
    expect(await damaged(all.slice(0, -1))).toMatch(/line 22: the file is cut short: its last line is missing/);
    expect(await damaged(all.slice(1))).toMatch(/line 1: /);
    expect(await damaged(all)).toBe('none');
  });

  it('reports any other content', async () => {
    await writeFile();
    await expect(countHashChain(path, 'people')).rejects.toThrow('some.ndjson, line 1: the file holds no people');
    expect(await damageOf('')).toMatch(/line 1: /);
    expect(await damageOf('{}\n')).toMatch(/line 1: /);
    expect(await damageOf(Buffer.alloc(40 * 1024 * 1024, 'x'))).toMatch(/line 1: the line is too long/);
    await expect(readHeader(join(folder, 'none'), 'things')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
