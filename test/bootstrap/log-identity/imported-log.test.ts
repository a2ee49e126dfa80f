import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/bootstrap/config.js';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import type { Installation } from '../../../src/bootstrap/installation.js';
import { NoFileStorage } from '../../../src/shared/file-storage/no-file-storage.js';
import { exportInstallation } from '../../../src/cli/transfer/export-installation.js';
import { importInstallation } from '../../../src/cli/transfer/import-installation.js';
import { verifyInstallation } from '../../../src/cli/transfer/verify-installation.js';
import type { Progress } from '../../../src/cli/transfer/transfer-files.js';
import type { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { adoptLog, openLog } from '../../../src/bootstrap/log-identity/adopt-log.js';
import { recordLogId } from '../../../src/bootstrap/log-identity/log-identity-table.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';
import { SECRETS } from '../../support/test-server.js';
import {
  createOrganisation,
  emptyLog,
  emptyRows,
  idsOf,
  recordPerson,
  registerOwner,
  type EmptyLog,
  type Where,
} from './log-identity-support.js';

const OWNER = randomUUID();
const noProgress: Progress = () => () => undefined;
const duringEvents: Progress = (what) => () => {
  if (what === 'events') throw new TypeError('interrupted');
};

describeOnEngines('the log that an import fills', (engine) => {
  let place: TestDatabase;
  let log: EmptyLog;
  let folder: string;
  const configOf = (where: Where) =>
    loadConfig({
      PORT: '0',
      ...SECRETS,
      DATABASE_URL: 'postgres://nowhere/none',
      ...(where === 'EventStoreDB' ? { EVENTSTORE_URL: 'esdb://nowhere?tls=false' } : {}),
    });
  const installation = (store: EventStore, where: Where = 'the database'): Installation => ({
    config: configOf(where),
    database: place.database,
    store,
    storage: new NoFileStorage(),
    close: async () => Promise.resolve(),
  });

  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
    const source = await emptyLog('the database', place.database);
    await recordPerson(place.database, OWNER);
    await createOrganisation(source.store);
    await registerOwner(source.store, OWNER);
    folder = join(mkdtempSync(join(tmpdir(), 'rolecall-transfer-')), 'export');
    await exportInstallation(installation(source.store), folder, noProgress);
    await source.close();
  });
  afterAll(async () => {
    await place.close();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  describe.each(['the database', 'EventStoreDB'] as const)('in %s', (where) => {
    beforeEach(async () => {
      await emptyRows(place.database);
      log = await emptyLog(where, place.database);
    });
    afterEach(async () => {
      await log.close();
    });

    const ids = async () => idsOf(place.database, log.store);
    const importing = async (progress = noProgress) =>
      importInstallation(installation(log.store, where), folder, progress);

    it('has the id that the database has, and a check of the import leaves it unchanged', async () => {
      expect(await importing()).toMatchObject({ rows: 1, stored: 2 });
      const { recorded, opened } = await ids();
      expect([recorded, recorded]).toEqual([opened, expect.any(String)]);
      expect(await verifyInstallation(installation(log.store), folder, noProgress)).toEqual({
        events: 2,
        differences: [],
      });
      expect(await ids()).toEqual({ recorded, opened });
    });

    it('gets an id when the database belonged to another log, because the installation moves between stores', async () => {
      const before = await recordLogId(place.database.kysely(), randomUUID());
      await recordPerson(place.database, OWNER);
      await importing();
      const { recorded, opened } = await ids();
      expect([recorded, recorded === before]).toEqual([opened, false]);
    });

    it('has its id after an import that was interrupted and repeated', async () => {
      await expect(importing(duringEvents)).rejects.toThrow('interrupted');
      expect((await ids()).opened).toBeNull();
      await importing();
      const { recorded, opened } = await ids();
      expect([recorded, typeof opened]).toEqual([opened, 'string']);
      await importing();
      expect(await ids()).toEqual({ recorded, opened });
    });

    it('keeps the id that both sides agreed on while they were empty', async () => {
      await adoptLog(place.database, log.store);
      const before = await ids();
      await importing();
      expect(await ids()).toEqual(before);
    });

    if (where === 'the database') {
      it('is filled again when the installation returns from EventStoreDB, because it stayed with its database', async () => {
        await importing();
        const before = (await ids()).opened;
        const elsewhere = await emptyLog('EventStoreDB', place.database);
        await importInstallation(installation(elsewhere.store, 'EventStoreDB'), folder, noProgress);
        expect((await ids()).recorded).not.toBe(before);
        expect(await importing()).toMatchObject({ found: 2, stored: 0 });
        expect(await ids()).toEqual({ recorded: before, opened: before });
        await elsewhere.close();
      });
    } else {
      it('is not filled when it belongs to another database', async () => {
        const opened = randomUUID();
        await openLog(log.store, opened);
        await recordLogId(place.database.kysely(), randomUUID());
        await expect(importing()).rejects.toMatchObject({ name: 'LogNotOurs' });
        expect([await log.store.lookAhead({ after: null, categories: ['organisation'] })]).toEqual([
          expect.objectContaining({ recordedAt: null }),
        ]);
      });
    }

    it.each(['export', 'verify'])('is not opened by the command %s', async (name) => {
      await createOrganisation(log.store);
      const run = async (): Promise<unknown> =>
        name === 'export'
          ? exportInstallation(installation(log.store), join(folder, '..', 'other'), noProgress)
          : verifyInstallation(installation(log.store), folder, noProgress);
      await expect(run()).rejects.toMatchObject({ name: 'LogNotOurs' });
      expect(await ids()).toEqual({ recorded: null, opened: null });
    });
  });
});
