import { readdirSync, readFileSync } from 'node:fs';
import { CATEGORIES } from '../../../src/bootstrap/event-shapes.js';
import type { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { compareEvents } from '../../../src/shared/transfer/differences.js';
import { eventsOf, readEvents } from '../../../src/shared/transfer/event-file.js';
import { importEvents } from '../../../src/shared/transfer/import-events.js';
import { describeOnEngines } from '../../support/engines.js';
import { Random } from '../event-sourcing/event-store-support.js';
import { everythingIn, failureOf, Files, madeUpLog, openPlace, noProgress, type Place } from './transfer-support.js';

describeOnEngines(
  'exporting and importing a log',
  (from) => {
    let files: Files;
    let source: Place;
    let path: string;
    const random = new Random(`moving from ${from.name}`);
    const log = madeUpLog(random, 700);
    beforeAll(async () => {
      files = new Files();
      source = await openPlace(from);
      await source.store.importMany(log);
      path = await files.exported(source.store);
    });
    afterAll(async () => {
      await source.close();
      files.remove();
    });

    describeOnEngines(
      'to another',
      (to) => {
        it('keeps order, ids, revisions, types, data, metadata and times of events, and the log can go on', async () => {
          const { store, close } = await openPlace(to);
          expect(await importEvents(store, path, noProgress)).toEqual({ found: 0, stored: log.length });
          expect(await everythingIn(store)).toEqual(log);
          expect(await compareEvents(readEvents(path), eventsOf(store), noProgress)).toEqual({
            events: log.length,
            differences: [],
          });
          expect(await compareEvents(eventsOf(source.store), eventsOf(store), noProgress)).toEqual({
            events: log.length,
            differences: [],
          });
          expect(readFileSync(await files.exported(store), 'utf8')).toBe(readFileSync(path, 'utf8'));

          const [last, head] = [log.at(-1)!, await store.head(CATEGORIES)];
          const append = { stream: last.stream, expectedRevision: last.revision, events: [random.event()] };
          expect(store.comparePositions(await store.append(append), head!)).toBeGreaterThan(0);
          expect(Date.now() - Date.parse((await store.read(last.stream)).at(-1)!.recordedAt)).toBeLessThan(60_000);
          expect(await failureOf(importEvents(store, path, noProgress))).toMatch(
            /^ImportRefused: the log goes on after the file's last event, with [\da-f-]{36}/,
          );
          await close();
        });
      },
      { alsoOnEventStoreDb: true },
    );

    it('refuses a log that grows during the export, and gives its file no name', async () => {
      const before = readdirSync(files.folder);
      let appended: Promise<unknown> | undefined;
      // The append happens while the file is written. It is stored before the export reads the log's end again.
      const growing = Object.create(source.store, {
        head: { value: async (categories: readonly string[]) => (await appended, source.store.head(categories)) },
      }) as EventStore;
      const writing = files.exported(growing, () => {
        appended ??= source.store.append(random.opening(CATEGORIES[0]));
      });
      expect(await failureOf(writing)).toMatch(/^LogGrew: the log has grown meanwhile/);
      await appended;
      expect(readdirSync(files.folder).filter((name) => !before.includes(name))).toEqual([
        expect.stringMatching(/\.part$/),
      ]);
    });

    it('transfers an empty log too', async () => {
      const { store, close } = await openPlace(from);
      expect(await importEvents(store, await files.exported(store), noProgress)).toEqual({ found: 0, stored: 0 });
      await close();
    });
  },
  { alsoOnEventStoreDb: true },
);
