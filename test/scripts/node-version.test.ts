import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runScript } from './run-script.js';

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const { engines, devDependencies, scripts } = JSON.parse(read('package.json')) as {
  engines: { node: string };
  devDependencies: { node: string };
  scripts: Record<string, string>;
};
const OLDER =
  'data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } })';
/** A script that starts the product all the same ends at once with these settings. */
const NO_START = { PORT: 'none', DATA_DIR: '/dev/null/none' };
const STARTING = [
  'start.mjs',
  'dev.mjs',
  'demo.mjs',
  'events.mjs',
  'transfer.mjs',
  'stream.mjs',
  'admin.mjs',
  'audit.mjs',
  'trace.mjs',
  'db-reset.mjs',
];

describe('the Node that the product runs on', () => {
  it('has the same version in package.json, .nvmrc, the image and what npm ci installs', () => {
    const major = engines.node.replace('>=', '');
    const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)\./gm)].map(([, image]) => image);
    expect([read('.nvmrc').trim(), devDependencies.node.split('.')[0], ...new Set(images)]).toEqual([
      major,
      major,
      major,
    ]);
  });

  it.each(STARTING)('is checked first by scripts/%s, which names it in one sentence', async (name) => {
    const { code, stdout, stderr } = await runScript(name, [], {
      settings: NO_START,
      nodeOptions: ['--import', OLDER],
    });
    expect([code, stdout, stderr.trim().split('\n')]).toEqual([
      1,
      '',
      [
        expect.stringMatching(
          /^Rolecall needs Node \d+ or newer, and this is 20\.19\.0\. `npm ci` brings the right one/,
        ),
      ],
    ]);
  });

  it('is checked by every script that needs more than Node itself', () => {
    const ours = Object.values(scripts)
      .map((command) => /scripts\/([\w-]+\.mjs)/.exec(command)?.[1])
      .filter((name) => name !== undefined);
    const others = [...new Set(ours)].filter((name) => !STARTING.includes(name)).sort();
    expect(others).toEqual(['bench.mjs', 'migration.mjs', 'sbom.mjs']);
  });
});
