import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitFor } from '../support/wait-for.js';
import { ProductBuild, ProductProcess } from '../support/product-process.js';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/start.md'), 'utf8');
const BLOCKS = [...GUIDE.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines!);
/** The first block starts the product, the second says where it is. */
const [START, WHERE, ...STEPS] = BLOCKS;
/** The most time that a reader of README needs, from the start of the product on. */
const MOST_MS = 60_000;

describe('docs/start.md', () => {
  let build: ProductBuild;
  let folder: string;
  beforeAll(async () => {
    [build, folder] = await Promise.all([ProductBuild.make(), mkdtemp(join(tmpdir(), 'rolecall-guide-'))]);
  }, 120_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('starts as README does, and names what its steps need', () => {
    expect(START).toBe('npm ci && npm start\n');
    expect(readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')).toContain(START!.trim());
    expect([...WHERE!.matchAll(/^(\w+)=/gm)].map(([, name]) => name)).toEqual(['URL', 'PASSWORD']);
  });

  it('leads to an accepted invitation in less than a minute, line by line', async () => {
    const begun = performance.now();
    const product = await ProductProcess.start(build, { DATA_DIR: join(folder, 'data') });
    const shown = (): string | undefined => product.lines.map((line) => /^ {2}(\S{20})$/.exec(line)?.[1]).find(Boolean);
    await waitFor('the password', async () => Promise.resolve(shown() !== undefined));
    const run = new Promise<{ code: number; said: string }>((ended) => {
      execFile(
        'bash',
        ['-euo', 'pipefail', '-c', STEPS.join('\n')],
        { env: { PATH: process.env.PATH, URL: product.url, PASSWORD: shown()! } },
        (error, stdout, stderr) => {
          ended({ code: error ? Number(error.code) : 0, said: stdout + stderr });
        },
      );
    });
    const { code, said } = await run;
    await product.stop();
    expect([code, said]).toEqual([0, expect.stringContaining('"roleName":"Organisation Owner"')]);
    expect(said).toContain('"outcome":"invited"');
    expect(said).toContain('"email":"ann@example.org"');
    expect(performance.now() - begun).toBeLessThan(MOST_MS);
  }, 120_000);
});
