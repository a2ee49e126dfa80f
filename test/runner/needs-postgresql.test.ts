import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** A run that refuses ends within this time. A run whose tests wait for a server takes longer. */
const AT_ONCE_MS = 60_000;

describe('the tests on EventStoreDB', () => {
  it('say in one sentence that they need a PostgreSQL server, and run no test without one', async () => {
    const { TEST_DATABASE_URL: _, ...env } = process.env;
    const jest = [
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--config',
      'jest.eventstoredb.config.js',
      'test/shared/projections/rebuild',
    ];
    const child = spawn(process.execPath, jest, {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: AT_ONCE_MS,
      killSignal: 'SIGKILL',
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect([code, err.trim()]).toEqual([
      1,
      'this run needs TEST_DATABASE_URL: the address of a PostgreSQL server on which databases may be created.',
    ]);
    expect(out).toBe('');
  });
});
