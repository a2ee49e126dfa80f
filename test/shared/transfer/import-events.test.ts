import { STREAM_DOES_NOT_EXIST, type RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { compareEvents } from '../../../src/shared/transfer/differences.js';
import { eventsOf, readEvents } from '../../../src/shared/transfer/event-file.js';
import { importEvents } from '../../../src/shared/transfer/import-events.js';
import { describeOnEngines } from '../../support/engines.js';
import { Random } from '../event-sourcing/event-store-support.js';
import { everythingIn, failureOf, Files, madeUpLog, openPlace, noProgress, type Place } from './transfer-support.js';

/** How often an import is interrupted. */
const INTERRUPTIONS = Number(process.env.IMPORT_INTERRUPTIONS ?? '4');

describeOnEngines(
  'importing a log',
  (engine) => {
    const random = new Random(`importing on ${engine.name}`);
    const log = madeUpLog(random, 1300);
    let files: Files;
    let path: string;
    let place: Place;
    beforeAll(async () => {
      files = new Files();
      path = await files.of(log);
      place = await openPlace(engine);
    });
    afterAll(async () => {
      await place.close();
      files.remove();
    });

    /** Imports a file with these events into the store. @returns the failure, or `none` */
    const refusal = async (events: readonly RecordedEvent[]): Promise<string> =>
      failureOf(importEvents(place.store, await files.of(events), noProgress));

    it('refuses an event that is not the next one of its stream, and names its line', async () => {
      const later = log.findIndex(({ revision }) => revision > 0);
      const [wrong, before] = [log[later]!, log.slice(0, later)];
      expect(await refusal([wrong, ...before])).toMatch(
        /^ImportRefused: line 2: the event is not the next one of its stream/,
      );
      expect(await refusal([{ ...log[0]!, type: 'a\nb' }])).toMatch(/^ImportRefused: lines 2 to 2: /);
      expect(await refusal([{ ...log[0]!, recordedAt: 'yesterday' }])).toMatch(
        /^DamagedFile: .*line 2: the line holds no event$/,
      );
      expect(await everythingIn(place.store)).toEqual([]);
      const [elsewhere, withGap] = [await openPlace(engine), before.filter(({ stream }) => stream !== wrong.stream)];
      expect(await failureOf(importEvents(elsewhere.store, await files.of([...withGap, wrong]), noProgress))).toMatch(
        new RegExp(`^ImportRefused: line ${String(withGap.length + 2)}: `),
      );
      await elsewhere.close();
    });

    it('continues where it was interrupted, after any number of events', async () => {
      const interruption = new Error('interrupted');
      const counts: number[] = [];
      for (let n = 0; n < INTERRUPTIONS; n += 1) {
        const before = counts.at(-1) ?? 0;
        const at = before + random.int((log.length - before) / 3);
        // Even rounds stop between two batches. Odd rounds store a number of events that is no multiple of a batch.
        const work =
          n % 2 === 0
            ? importEvents(place.store, path, (done) => {
                if (done >= at) throw interruption;
              })
            : place.store.importMany(log.slice(before, at));
        expect(['none', 'Error: interrupted']).toContain(await failureOf(work));
        const stored = await everythingIn(place.store);
        expect(stored).toEqual(log.slice(0, stored.length));
        counts.push(stored.length);
      }
      process.stdout.write(`interrupted with ${counts.join(', ')} of ${String(log.length)} events stored\n`);
      const { found, stored } = await importEvents(place.store, path, noProgress);
      expect([found, found + stored]).toEqual([counts.at(-1), log.length]);
      expect(await everythingIn(place.store)).toEqual(log);
      expect(await importEvents(place.store, path, noProgress)).toEqual({ found: log.length, stored: 0 });
    });

    it('stores nothing twice when a batch is repeated after an unknown outcome', async () => {
      await place.store.importMany(log.slice(-50));
      await place.store.importMany(log.slice(100, 300));
      expect(await everythingIn(place.store)).toEqual(log);
    });

    it('refuses to add to a log with other events, and leaves that log unchanged', async () => {
      const other = madeUpLog(random, 20);
      expect(await refusal(other)).toMatch(
        /^ImportRefused: the log holds other events: at line 2 of the file there is event/,
      );
      expect(await refusal(log.slice(0, 100))).toMatch(/^ImportRefused: the log goes on after the file's last event/);
      const changed = log.map((event, n) => (n === 4 ? { ...event, data: { ...event.data, text: 'hush' } } : event));
      expect(await refusal(changed)).toMatch(
        /^ImportRefused: the log holds other events: at line 6 of the file event .* differs in data.text. Import into an empty one$/,
      );
      const taken = { ...other[0]!, stream: log[0]!.stream, revision: log[0]!.revision };
      await expect(place.store.importMany([taken, ...other.slice(1)])).rejects.toMatchObject({ name: 'WrongRevision' });
      await expect(
        place.store.append({
          stream: log[0]!.stream,
          expectedRevision: STREAM_DOES_NOT_EXIST,
          events: [random.event()],
        }),
      ).rejects.toMatchObject({ name: 'WrongRevision' });
      expect(await everythingIn(place.store)).toEqual(log);
    });

    it('is verified by a list of the events and fields that differ, without their contents', async () => {
      const compared = async (events: readonly RecordedEvent[]): Promise<string[]> =>
        (await compareEvents(readEvents(await files.of(events)), eventsOf(place.store), noProgress)).differences;
      const changed = async (change: Partial<RecordedEvent>): Promise<string[]> =>
        compared(log.map((event, n) => (n === 7 ? { ...event, ...change } : event)));
      const { id, data, metadata } = log[7]!;
      expect(await compared(log)).toEqual([]);
      expect(await changed({ data: { ...data, text: 'hush' } })).toEqual([
        expect.stringMatching(new RegExp(`^event 8: event ${id} .* differs in data.text$`)),
      ]);
      expect(await changed({ metadata: { ...metadata, actor: 'hush' } })).toEqual([
        expect.stringMatching(/differs in metadata.actor$/),
      ]);
      expect(await changed({ recordedAt: '2020-01-01T00:00:00.000Z', type: 'Hush' })).toEqual([
        expect.stringMatching(/differs in type, recordedAt$/),
      ]);
      expect(await changed({ id: random.uuid() })).toEqual([
        expect.stringMatching(/^event 8: there is event .* on one side and event/),
      ]);
      expect(await compared(log.slice(0, -1))).toEqual([
        expect.stringMatching(/^event \d+: the first side has ended, the other goes on with event/),
      ]);
      expect(await compared([...log, ...madeUpLog(random, 2)])).toEqual([
        expect.stringMatching(/^event \d+: the second side has ended/),
      ]);
      expect(await compared([...log.slice(0, 3), log[4]!, log[3]!, ...log.slice(5)])).toEqual([
        expect.stringMatching(/^event 4: there is event/),
      ]);
      const all = await compared(
        log.map((event) => ({ ...event, type: 'Hush', data: { ...event.data, text: 'hush' } })),
      );
      expect([all.length, all.join()]).toEqual([10, expect.not.stringMatching(/hush/i)]);
    });
  },
  { alsoOnEventStoreDb: true },
);
