import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/bootstrap/config.js';
import { openInstallation } from '../../src/bootstrap/installation.js';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { STREAM_DOES_NOT_EXIST } from '../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines, type ProcessPlace } from '../support/engines.js';
import { ProductBuild } from '../support/product-process.js';
import { SECRETS } from '../support/test-server.js';

let build: ProductBuild;
beforeAll(async () => {
  build = await ProductBuild.make();
}, 120_000);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the built command as `npm run stream` does. */
async function print(settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(
      process.execPath,
      [join(dirname(build.main), 'cli/stream.js'), ...args],
      { env: { ...SECRETS, ...settings } },
      (error, stdout, stderr) => {
        ended({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

describeOnEngines(
  'npm run stream',
  (engine) => {
    let place: ProcessPlace;
    let beforeTheFirstStart: Ended;
    const stream = `group-${randomUUID()}`;
    beforeAll(async () => {
      place = await engine.placeForProcess();
      beforeTheFirstStart = await print(place.settings, stream);
      const { store, close } = await openInstallation(loadConfig({ ...SECRETS, ...place.settings }), false);
      const metadata = {
        actor: 'system',
        organisationId: null,
        scope: PLATFORM,
        schemaVersion: 1,
        $correlationId: 'c',
        $causationId: 'c',
        commandId: 'c',
      };
      const events = ['GroupCreated', 'GroupDeleted'].map((type, n) => ({
        id: randomUUID(),
        type,
        data: { n },
        metadata,
      }));
      await store.append({ stream, expectedRevision: STREAM_DOES_NOT_EXIST, events });
      await close();
    });
    afterAll(async () => {
      await place.close();
    });

    it('prints each event as a line of JSON, oldest first', async () => {
      const { code, stdout } = await print(place.settings, stream);
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      ).toEqual([
        expect.objectContaining({ stream, revision: 0, type: 'GroupCreated', data: { n: 0 } }),
        expect.objectContaining({ stream, revision: 1, type: 'GroupDeleted', data: { n: 1 } }),
      ]);
      expect(code).toBe(0);
    });

    it('says that there is no installation', () => {
      expect(beforeTheFirstStart).toEqual({
        code: 1,
        stdout: '',
        stderr: "It didn't work: the database holds no installation\n",
      });
    });

    it('says that there is no such stream', async () => {
      expect(await print(place.settings, `group-${randomUUID()}`)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'There is no such stream.\n',
      });
    });
  },
  { alsoOnEventStoreDb: true },
);

it.each(['$all', 'nothing-there'])('npm run stream answers %s with its usage', async (name) => {
  expect(await print({}, name)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('npm run --silent stream -- <stream>'),
  });
});
