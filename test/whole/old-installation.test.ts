import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openInstallation, type Installation } from '../../src/bootstrap/installation.js';
import { exportInstallation } from '../../src/cli/transfer/export-installation.js';
import { importInstallation } from '../../src/cli/transfer/import-installation.js';
import { verifyInstallation } from '../../src/cli/transfer/verify-installation.js';
import { describeOnEngines, type ProcessPlace } from '../support/engines.js';
import { idsOf } from '../bootstrap/log-identity/log-identity-support.js';
import { waitFor } from '../support/wait-for.js';
import {
  configOf,
  OLD_INSTALLATION,
  OldDataFolder,
  pseudonymsIn,
  ReopenedServer,
  withoutPseudonyms,
  type Lists,
  type Settings,
} from './old-installation-support.js';

const LISTS = join(OLD_INSTALLATION, 'lists.json');
const SLOW = 300_000;
const noProgress = () => () => undefined;

function listsThen(): Lists {
  return JSON.parse(readFileSync(LISTS, 'utf8')) as Lists;
}

async function onServer<Result>(
  settings: Settings,
  work: (server: ReopenedServer) => Promise<Result>,
): Promise<Result> {
  const server = await ReopenedServer.start(settings);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

async function listsOf(settings: Settings): Promise<Lists> {
  return onServer(settings, async (server) => server.lists());
}

async function inside<Result>(
  settings: Settings,
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const installation = await openInstallation(configOf(settings), false);
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
}

describe('the data folder of version 0.1.0', () => {
  let folder: OldDataFolder;
  beforeAll(async () => {
    folder = await OldDataFolder.unpack();
  });
  afterAll(async () => {
    await folder.remove();
  });

  it(
    'opens, agrees with its log on an id, and lists what the old version listed',
    async () => {
      const lists = withoutPseudonyms(await listsOf({ DATA_DIR: folder.path }));
      if (process.env.WRITE_LISTS) writeFileSync(LISTS, `${JSON.stringify(lists, null, 2)}\n`);
      expect(lists).toMatchObject(listsThen());
      const { recorded, opened } = await inside({ DATA_DIR: folder.path }, async ({ database, store }) =>
        idsOf(database, store),
      );
      expect([recorded, typeof opened]).toEqual([opened, 'string']);
    },
    SLOW,
  );

  it(
    'lists the same after each read model was replayed',
    async () => {
      const lists = await onServer({ DATA_DIR: folder.path }, async (server) => {
        const before = await server.replay();
        expect([...before.keys()]).toEqual(
          expect.arrayContaining(['staff-list', 'invitation-list', 'organisation-list']),
        );
        await waitFor('each read model replayed', async () => {
          const now = await server.versions();
          return [...before].every(([name, version]) => now.get(name)! > version);
        });
        return server.lists();
      });
      expect(withoutPseudonyms(lists)).toMatchObject(listsThen());
    },
    SLOW,
  );

  describeOnEngines(
    'exported',
    (engine) => {
      let place: ProcessPlace;
      beforeAll(async () => {
        place = await engine.placeForProcess();
      });
      afterAll(async () => {
        await place.close();
      });

      it(
        'is equal after the import, and lists the same, with the same pseudonyms',
        async () => {
          const before = await listsOf({ DATA_DIR: folder.path });
          const exported = join(folder.path, `export to ${engine.name}`);
          const events = await inside(
            { DATA_DIR: folder.path },
            async (installation) => (await exportInstallation(installation, exported, noProgress)).events,
          );
          const settings = { ...folder.secrets, ...place.settings };
          expect(
            await inside(settings, async (installation) => importInstallation(installation, exported, noProgress)),
          ).toMatchObject({ stored: events });
          expect(
            await inside(settings, async (installation) => verifyInstallation(installation, exported, noProgress)),
          ).toEqual({
            events,
            differences: [],
          });
          const lists = await listsOf(settings);
          expect(withoutPseudonyms(lists)).toMatchObject(listsThen());
          expect(pseudonymsIn(lists)).toEqual(pseudonymsIn(before));
          expect(new Set(pseudonymsIn(lists)).size).toBeGreaterThan(3);
        },
        SLOW,
      );
    },
    { alsoOnEventStoreDb: true },
  );
});

describeOnEngines(
  'the export of version 0.1.0',
  (engine) => {
    let folder: OldDataFolder;
    let place: ProcessPlace;
    beforeAll(async () => {
      [folder, place] = await Promise.all([OldDataFolder.unpack(), engine.placeForProcess()]);
    });
    afterAll(async () => {
      await Promise.all([folder.remove(), place.close()]);
    });

    it(
      'is equal after the import, and lists what the old version listed',
      async () => {
        const settings = { ...folder.secrets, ...place.settings };
        expect(
          await inside(settings, async (installation) =>
            importInstallation(installation, OLD_INSTALLATION, noProgress),
          ),
        ).toMatchObject({ found: 0, stored: 86 });
        expect(
          await inside(settings, async (installation) =>
            verifyInstallation(installation, OLD_INSTALLATION, noProgress),
          ),
        ).toEqual({ events: 86, differences: [] });
        // The export holds no installation key, so the first start makes one and keeps it.
        const lists = await listsOf(settings);
        expect(withoutPseudonyms(lists)).toMatchObject(listsThen());
        expect(pseudonymsIn(await listsOf(settings))).toEqual(pseudonymsIn(lists));
      },
      SLOW,
    );
  },
  { alsoOnEventStoreDb: true },
);
