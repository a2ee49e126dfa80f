import { Logger } from '@nestjs/common';
import { eventShapes, UNCHECKED } from '../../../src/bootstrap/event-shapes.js';
import {
  STREAM_DOES_NOT_EXIST,
  revisionOf,
  type EventStore,
  type NewEvent,
} from '../../../src/shared/event-sourcing/event-store.js';
import { openEventStore } from '../../../src/shared/event-sourcing/open-event-store.js';
import { compareEvents } from '../../../src/shared/transfer/differences.js';
import { eventsOf, readEvents } from '../../../src/shared/transfer/event-file.js';
import { importEvents } from '../../../src/shared/transfer/import-events.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { clientOf, rawLogOf, type RawLog } from '../../support/raw-log.js';
import { everythingIn, Files, openPlace, noProgress } from '../transfer/transfer-support.js';
import { collect, hasLast, LAST, Random } from './event-store-support.js';

const said: object[] = [];
beforeAll(() => {
  const keep = (line: object): void => {
    said.push(line);
  };
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
});

describeOnEveryEngine(
  'a log that others store in',
  (engine) => {
    const random = new Random(`others on ${engine.name}`);
    let place: TestDatabase;
    let store: EventStore;
    let raw: RawLog;
    beforeAll(async () => {
      place = await engine.openDatabase();
      store = await openEventStore(place.database, place.eventStoreUrl ?? null, { shapes: eventShapes() });
      raw = rawLogOf(place);
    });
    afterAll(async () => {
      await raw.close();
      await store.close();
      await place.close();
    });

    const append = async (stream: string, expectedRevision: number, ...events: NewEvent[]) =>
      store.append({ stream, expectedRevision, events });
    const started = async (count = 2, stream = random.stream()): Promise<string> => {
      await append(stream, STREAM_DOES_NOT_EXIST, ...random.events(count));
      return stream;
    };
    const mentioned = (event = random.event()): string => JSON.stringify(event.metadata);

    it("gives readers only the product's own events, also those of unknown types", async () => {
      const category = random.category();
      const [first, future, last] = [random.event(), random.event({}, 'FromANewerVersion'), random.event({}, LAST)];
      await append(random.stream(category), STREAM_DOES_NOT_EXIST, first);
      const before = store.checks.foreignEvents;
      await raw.put({ stream: random.stream(category), type: 'Hired', data: '{"name":"Ann"}' });
      await raw.put({ stream: random.stream(category), type: 'Hired', data: '[1]', metadata: mentioned() });
      await raw.put({ stream: random.stream(category), type: 'Hired', metadata: '{"actor":"somebody"}' });
      await raw.put({ stream: random.stream(category), type: 'Scanned it\n', binary: true, metadata: mentioned() });
      await raw.put({ stream: `${category}-list`, type: 'StaffInvited', metadata: mentioned() });
      await raw.put({ stream: random.stream(category), type: '$>', data: '{}', metadata: mentioned() });
      await append(random.stream(category), STREAM_DOES_NOT_EXIST, future, last);
      const seen = await collect(store, { categories: [category] }, hasLast);
      expect(seen.map(({ id }) => id)).toEqual([first.id, future.id, last.id]);
      expect(store.checks.foreignEvents - before).toBe(6);
      const some = await collect(store, { categories: [category], types: ['Hired', LAST], maxBatch: 2 }, hasLast);
      expect(some.map(({ id }) => id)).toEqual([last.id]);
    });

    it('ends with the last event of the product, and has none ahead of it', async () => {
      const category = random.category();
      await raw.put({ stream: random.stream(category), type: 'Hired' });
      expect(await store.head([category])).toBeNull();
      const position = await append(random.stream(category), STREAM_DOES_NOT_EXIST, random.event());
      for (let n = 0; n < 12; n += 1) await raw.put({ stream: random.stream(category), type: 'Hired' });
      expect(await store.head([category])).toBe(position);
      const ahead = await store.lookAhead({ after: position, categories: [category] });
      expect(ahead).toMatchObject({ recordedAt: null, isEnd: true });
      expect(ahead.lookedUpTo).not.toBe(position);
      const next = await append(random.stream(category), STREAM_DOES_NOT_EXIST, random.event());
      for (let n = 0; n < 12; n += 1) await raw.put({ stream: random.stream(category), type: 'Hired' });
      expect(await store.head([category])).toBe(next);
    });

    it("is searched once for the product's last event", async () => {
      const category = random.category();
      const stream = random.stream(category);
      const position = await append(stream, STREAM_DOES_NOT_EXIST, random.event());
      for (let n = 0; n < 30; n += 1) await raw.put({ stream: random.stream(category), type: 'Hired' });
      expect(await store.head([category])).toBe(position);
      // The store remembers the event that it found, so the test may remove it from the log.
      await raw.cut(stream, 1);
      await raw.put({ stream: random.stream(category), type: 'Hired' });
      expect(await store.head([category])).toBe(position);
    });

    it('counts the place of a foreign event in a stream of the product', async () => {
      const stream = await started(1);
      await raw.put({ stream, type: 'Hired' });
      const history = await store.read(stream);
      expect([history.map(({ revision }) => revision), revisionOf(history)]).toEqual([[0], 1]);
      await expect(append(stream, 0, random.event())).rejects.toMatchObject({
        name: 'WrongRevision',
        actualRevision: 1,
      });
      await append(stream, 1, random.event());
      expect((await store.read(stream)).map(({ revision }) => revision)).toEqual([0, 2]);
      const onlyIf = [{ stream, revision: revisionOf(await store.read(stream)) }];
      await raw.put({ stream, type: 'Hired' });
      const [outcome] = await store.appendMany([{ ...random.opening(), onlyIf }]);
      expect(outcome).toMatchObject({ ok: false, conditionFailed: true });
      const [held] = await store.appendMany([
        { ...random.opening(), onlyIf: [{ stream, revision: revisionOf(await store.read(stream)) }] },
      ]);
      expect(held).toMatchObject({ ok: true });
    });

    it('has no events for the product in a stream that only others use, and the product appends after them', async () => {
      const stream = random.stream();
      await raw.put({ stream, type: 'Hired' });
      const history = await store.read(stream);
      expect([history.length, revisionOf(history)]).toEqual([0, 0]);
      await append(stream, 0, random.event());
      expect((await store.read(stream)).map(({ revision }) => revision)).toEqual([1]);
    });

    it('allows no decision on a stream that lacks its first event', async () => {
      const stream = await started(3);
      expect(await store.read(stream)).toHaveLength(3);
      await raw.cut(stream, 1);
      await expect(store.read(stream)).rejects.toMatchObject({ name: 'StreamIncomplete', code: 'stream-incomplete' });
    });

    it('reports each category whose streams lack events once, while the product follows it', async () => {
      const category = random.category();
      for (let n = 0; n < 2; n += 1) {
        const stream = await started(2, random.stream(category));
        if (raw.isInDatabase) await raw.cut(stream, 1);
        else await raw.tombstone(stream);
      }
      await append(random.stream(category), STREAM_DOES_NOT_EXIST, random.event({}, LAST));
      const seen = await collect(store, { categories: [category] }, hasLast);
      expect(seen).toHaveLength(raw.isInDatabase ? 3 : 5);
      await collect(store, { categories: [category] }, hasLast);
      expect(said.filter((line) => 'category' in line && line.category === category)).toHaveLength(1);
      expect(JSON.stringify(said)).not.toContain(`${category}-`);
    });

    it('causes no report for streams of others that lack events', async () => {
      const category = random.category();
      await raw.put({ stream: `${category}-list`, type: 'Hired' });
      await raw.put({ stream: `${category}-list`, type: 'Hired' });
      if (raw.isInDatabase) await raw.cut(`${category}-list`, 1);
      else await raw.tombstone(`${category}-list`);
      await append(random.stream(category), STREAM_DOES_NOT_EXIST, random.event({}, LAST));
      await collect(store, { categories: [category] }, hasLast);
      expect(said.filter((line) => 'category' in line && line.category === category)).toEqual([]);
    });

    it('allows no decision on a stream with an event of the wrong shape', async () => {
      const stream = random.stream('staff');
      await append(stream, STREAM_DOES_NOT_EXIST, random.event({ from: 'a', to: 'b' }, 'StaffRoleChanged'));
      expect(await store.read(stream)).toHaveLength(1);
      await append(stream, 0, random.event({ from: 'a' }, 'StaffRoleChanged'));
      await expect(store.read(stream)).rejects.toMatchObject({ name: 'StreamUnreadable', code: 'stream-unreadable' });
      const accepted = { invitationId: random.uuid(), personId: random.uuid(), grant: {} };
      for (const [category, end] of [
        ['staff', 'rejected'],
        ['patient', 'fulfilled'],
      ] as const) {
        const [at, event] = [random.stream(category), random.event(accepted, 'InvitationAccepted')];
        await append(at, STREAM_DOES_NOT_EXIST, event);
        const [settled] = await Promise.allSettled([store.read(at)]);
        expect([category, settled.status]).toEqual([category, end]);
      }
    });

    it("is exported with the places of foreign events in the product's streams, and imported anywhere", async () => {
      const [files, source] = [new Files(), await engine.openDatabase()];
      const [from, others] = [
        await openEventStore(source.database, source.eventStoreUrl ?? null, { shapes: UNCHECKED }),
        rawLogOf(source),
      ];
      const streams = [random.stream('staff'), random.stream('group'), random.stream('role')] as const;
      await from.append({ stream: streams[0], expectedRevision: STREAM_DOES_NOT_EXIST, events: random.events(2) });
      await others.put({ stream: streams[0], type: 'Hired', data: '{"name":"Ann Smith"}' });
      await from.append({ stream: streams[0], expectedRevision: 2, events: random.events(1) });
      await others.put({ stream: 'staff-list', type: 'Hired' });
      await others.put({ stream: streams[2], type: 'Hired', binary: true });
      const path = await files.exported(from);
      expect(files.leftOut).toBe(1);
      const exported = await Array.fromAsync(readEvents(path));
      const foreign = exported
        .filter(({ event }) => event.type === 'Foreign')
        .map(({ event: { stream, revision, data, metadata } }) => ({ stream, revision, data, metadata }));
      expect(foreign).toEqual([
        { stream: streams[0], revision: 2, data: {}, metadata: {} },
        { stream: streams[2], revision: 0, data: {}, metadata: {} },
      ]);
      expect(exported).toHaveLength(5);
      const target = await openPlace(engine);
      expect(await importEvents(target.store, path, noProgress)).toEqual({ found: 0, stored: 5 });
      expect(await importEvents(target.store, path, noProgress)).toEqual({ found: 5, stored: 0 });
      expect(await compareEvents(readEvents(path), eventsOf(target.store), noProgress)).toEqual({
        events: 5,
        differences: [],
      });
      expect(await everythingIn(target.store)).toEqual(
        exported.map(({ event }) => event).filter(({ type }) => type !== 'Foreign'),
      );
      expect(revisionOf(await target.store.read(streams[0]))).toBe(3);
      expect(revisionOf(await target.store.read(streams[2]))).toBe(0);
      await target.store.append({ stream: streams[2], expectedRevision: 0, events: [random.event()] });
      await Promise.all([target.close(), others.close(), from.close()]);
      await source.close();
      files.remove();
    });

    if (engine.name === 'EventStoreDB fake') {
      const INCOMPLETE = { name: 'StreamIncomplete', code: 'stream-incomplete' };

      it('allows no decision on a stream whose length was limited', async () => {
        const [client, stream] = [clientOf(place.eventStoreUrl!), await started(2)];
        await client.setStreamMetadata(stream, { maxCount: 1 });
        await expect(store.read(stream)).rejects.toMatchObject(INCOMPLETE);
        await client.setStreamMetadata(stream, { truncateBefore: 2 });
        await expect(store.read(stream)).rejects.toMatchObject(INCOMPLETE);
        await client.setStreamMetadata(stream, {});
        expect(await store.read(stream)).toHaveLength(2);
        await client.dispose();
      });

      it('allows no decision on a stream that was deleted, also after another append to it', async () => {
        const [client, stream] = [clientOf(place.eventStoreUrl!), await started(2)];
        await client.deleteStream(stream);
        await expect(store.read(stream)).rejects.toMatchObject(INCOMPLETE);
        await raw.put({ stream, type: 'Hired' });
        await expect(store.read(stream)).rejects.toMatchObject(INCOMPLETE);
        await client.dispose();
      });

      it('allows no decision on a tombstoned stream, and no append to it', async () => {
        const [client, stream] = [clientOf(place.eventStoreUrl!), await started(2)];
        await client.tombstoneStream(stream);
        await expect(store.read(stream)).rejects.toMatchObject(INCOMPLETE);
        await expect(append(stream, 1, random.event())).rejects.toMatchObject(INCOMPLETE);
        await client.dispose();
      });
    }
  },
  { alsoOnEventStoreDb: true },
);
