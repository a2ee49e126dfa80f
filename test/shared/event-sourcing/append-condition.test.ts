import {
  STREAM_DOES_NOT_EXIST,
  type Append,
  type AppendOutcome,
  type StreamRevision,
} from '../../../src/shared/event-sourcing/event-store.js';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { describeOnEveryEngine } from '../../support/engines.js';
import { openPeopledLog, Random, type PeopledLog } from './event-store-support.js';

describeOnEveryEngine(
  'an append that is conditional on other streams',
  (engine) => {
    const random = new Random('append conditions');
    let log: PeopledLog;
    let people: PeopledLog['people'];
    let store: PeopledLog['store'];
    beforeAll(async () => {
      log = await openPeopledLog(engine);
      ({ people, store } = log);
    });
    afterAll(async () => {
      await log.close();
    });

    async function conditionOn(events: number): Promise<StreamRevision> {
      const opening = random.opening(undefined, events);
      await store.append(opening);
      return { stream: opening.stream, revision: events - 1 };
    }

    async function move({ stream, revision }: StreamRevision): Promise<void> {
      await store.append({ stream, expectedRevision: revision, events: [random.event()] });
    }

    async function outcomeOf(append: Append): Promise<AppendOutcome | undefined> {
      return (await store.appendMany([append]))[0];
    }

    const OUTDATED = { ok: false, actualRevision: STREAM_DOES_NOT_EXIST, conditionFailed: true };

    it('is stored while all of them are at the revision that was read, also those without events', async () => {
      expect(store.supportsAppendConditions).toBe(engine.name !== 'EventStoreDB fake');
      const append = {
        ...random.opening(),
        onlyIf: [
          await conditionOn(1),
          await conditionOn(3),
          { stream: random.stream(), revision: STREAM_DOES_NOT_EXIST },
        ],
      };
      expect(await outcomeOf(append)).toMatchObject({ ok: true });
      expect((await store.read(append.stream)).map(({ id }) => id)).toEqual(append.events.map(({ id }) => id));
    });

    it.each(['one of several moved on', 'one that had no events has some', 'one has fewer than was thought'])(
      'is refused when %s',
      async (how) => {
        const condition = how.startsWith('one that')
          ? { stream: random.stream(), revision: STREAM_DOES_NOT_EXIST }
          : await conditionOn(2);
        if (how.endsWith('thought')) condition.revision += 1;
        else await move(condition);
        const append = { ...random.opening(), onlyIf: [await conditionOn(1), condition] };
        expect(await outcomeOf(append)).toEqual(OUTDATED);
        expect(await store.read(append.stream)).toEqual([]);
      },
    );

    it('records no companionRow when it is refused, so another append may use the address', async () => {
      const email = `${random.uuid()}@example.test` as EmailAddress;
      const about = async (): Promise<Append> => ({
        ...random.opening(),
        companionRow: (await people.resolve([email]))[0]!.newPersonRow,
      });
      const condition = await conditionOn(1);
      await move(condition);
      expect(await outcomeOf({ ...(await about()), onlyIf: [condition] })).toEqual(OUTDATED);
      expect((await people.find([email])).size).toBe(0);
      const second = await about();
      expect(await outcomeOf({ ...second, onlyIf: [{ ...condition, revision: 1 }] })).toMatchObject({ ok: true });
      expect((await people.find([email])).get(email)?.personId).toBe(second.companionRow?.id);
      expect(await outcomeOf({ ...(await about()), onlyIf: [{ ...condition, revision: 1 }] })).toEqual({
        ok: false,
        actualRevision: STREAM_DOES_NOT_EXIST,
        isKnown: true,
      });
    });

    it('reports a failed condition and a moved stream as different refusals', async () => {
      const [condition, own] = [await conditionOn(1), await conditionOn(1)];
      await move(condition);
      expect(
        await outcomeOf({ stream: own.stream, expectedRevision: 0, events: [random.event()], onlyIf: [condition] }),
      ).toEqual({ ...OUTDATED, actualRevision: 0 });
      expect(
        await outcomeOf({
          stream: own.stream,
          expectedRevision: 4,
          events: [random.event()],
          onlyIf: [{ ...condition, revision: 1 }],
        }),
      ).toEqual({ ok: false, actualRevision: 0 });
    });

    it('is judged separately from other appends of a call', async () => {
      const [still, moved] = [await conditionOn(1), await conditionOn(1)];
      await move(moved);
      const outcomes = await Promise.all(
        [[still], [moved], [still, moved], [], [{ ...moved, revision: 1 }, still]].map(async (onlyIf) =>
          outcomeOf({ ...random.opening(), onlyIf }),
        ),
      );
      expect(outcomes.map((outcome) => outcome?.ok)).toEqual([true, false, false, true, true]);
    });

    it('leaves the address free when it is refused beside another append about the same one', async () => {
      const [moved, email] = [await conditionOn(1), `${random.uuid()}@example.test` as EmailAddress];
      await move(moved);
      const about = async (onlyIf: StreamRevision[]): Promise<Append> => ({
        ...random.opening(),
        companionRow: (await people.resolve([email]))[0]!.newPersonRow,
        onlyIf,
      });
      const outcomes = await store.appendMany([await about([moved]), await about([]), await about([moved])]);
      // The first append holds the address within the statement, and releases it when it is refused.
      expect(outcomes.filter((outcome) => !outcome.ok && outcome.conditionFailed)).toHaveLength(2);
      const other = outcomes[1]!;
      expect(other.ok || other.isKnown).toBe(true);
      expect((await people.find([email])).size).toBe(other.ok ? 1 : 0);
      const again = await outcomeOf(await about([]));
      expect(again).toEqual(
        other.ok
          ? { ok: false, actualRevision: STREAM_DOES_NOT_EXIST, isKnown: true }
          : expect.objectContaining({ ok: true }),
      );
      expect((await people.find([email])).size).toBe(1);
    });

    it('succeeds when it is repeated after a lost answer, although the streams have moved since', async () => {
      const [condition, email] = [await conditionOn(1), `${random.uuid()}@example.test` as EmailAddress];
      const append = {
        ...random.opening(),
        companionRow: (await people.resolve([email]))[0]!.newPersonRow,
        onlyIf: [condition],
      };
      const first = await outcomeOf(append);
      await move(condition);
      expect(await outcomeOf(append)).toEqual(first);
      expect(await store.read(append.stream)).toHaveLength(1);
      expect((await people.find([email])).get(email)?.personId).toBe(append.companionRow?.id);
    });

    it('is in the log before any event that moved those streams, in every race', async () => {
      for (let round = 0; round < 10; round += 1) {
        const condition = await conditionOn(1);
        const appends = Array.from({ length: 30 }, () => ({ ...random.opening(), onlyIf: [condition] }));
        const racing = appends.map(async (append, n) => {
          if (n === 5 + random.int(20)) await move(condition).catch(() => undefined);
          return store.appendMany([append]);
        });
        const mover = move(condition).catch(() => undefined);
        const outcomes = (await Promise.all(racing)).flat();
        await mover;
        const [, moving] = await store.read(condition.stream);
        const late = outcomes.filter(
          (outcome) => outcome.ok && store.comparePositions(outcome.position, moving!.position) > 0,
        );
        expect(late).toEqual([]);
        expect(outcomes.filter((outcome) => !outcome.ok && !outcome.conditionFailed)).toEqual([]);
      }
    });
  },
  { alsoOnEventStoreDb: true },
);
