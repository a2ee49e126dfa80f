import { sql } from 'kysely';
import {
  STREAM_DOES_NOT_EXIST,
  type Append,
  type AppendOutcome,
} from '../../../src/shared/event-sourcing/event-store.js';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import type { PersonRow } from '../../../src/modules/people/people.js';
import { describeOnEveryEngine } from '../../support/engines.js';
import { openPeopledLog, Random, type PeopledLog } from './event-store-support.js';

describeOnEveryEngine(
  'an append with a companionRow',
  (engine) => {
    const random = new Random('companionRows');
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

    const freshAddress = (): EmailAddress => `${random.uuid()}@example.test` as EmailAddress;

    async function about(email: EmailAddress): Promise<Append & { companionRow: PersonRow }> {
      const [person] = await people.resolve([email]);
      return {
        stream: random.stream(),
        expectedRevision: STREAM_DOES_NOT_EXIST,
        events: [random.event()],
        companionRow: person!.newPersonRow!,
      };
    }

    async function outcomeOf(append: Append): Promise<AppendOutcome | undefined> {
      return (await store.appendMany([append]))[0];
    }

    async function idsOf(email: EmailAddress): Promise<string[]> {
      const [person] = await people.resolve([email]);
      const { rows } = await sql<{
        id: string;
      }>`select id from person where email_hash = ${person!.newPersonRow!.email_hash}`.execute(
        log.place.database.kysely(),
      );
      return rows.map(({ id }) => id);
    }

    const REFUSED = { ok: false, actualRevision: STREAM_DOES_NOT_EXIST, isKnown: true };

    it('records both', async () => {
      const email = freshAddress();
      const append = await about(email);
      expect(await outcomeOf(append)).toMatchObject({ ok: true });
      expect((await store.read(append.stream)).map(({ id }) => id)).toEqual(append.events.map(({ id }) => id));
      expect((await people.find([email])).get(email)?.personId).toBe(append.companionRow.id);
    });

    it('records neither when another person has the address', async () => {
      const email = freshAddress();
      const first = await about(email);
      const second = await about(email);
      await store.append(first);
      expect(await outcomeOf(second)).toEqual(REFUSED);
      expect(await store.read(second.stream)).toEqual([]);
      expect(await idsOf(email)).toEqual([first.companionRow.id]);
    });

    it('gives an address to one of many that come at the same moment', async () => {
      const email = freshAddress();
      const contenders = await Promise.all(Array.from({ length: 12 }, async () => about(email)));
      const outcomes = await Promise.all(contenders.map(outcomeOf));
      const won = contenders.filter((_, n) => outcomes[n]?.ok);
      expect(won).toHaveLength(1);
      expect(outcomes.filter((outcome) => !outcome?.ok)).toEqual(Array(11).fill(REFUSED));
      expect(await idsOf(email)).toEqual(won.map(({ companionRow: companionRow }) => companionRow.id));
      const stored = await store.readMany(contenders.map(({ stream }) => stream));
      expect(contenders.filter(({ stream }) => stored.get(stream)?.length)).toEqual(won);
    });

    it('is judged separately from other appends of a call, also from those without a new person', async () => {
      const known = freshAddress();
      await store.append(await about(known));
      const plain: Append = {
        stream: random.stream(),
        expectedRevision: STREAM_DOES_NOT_EXIST,
        events: [random.event()],
      };
      const late: Append = { stream: random.stream(), expectedRevision: 4, events: [random.event()] };
      const outcomes = await store.appendMany([plain, await about(known), await about(freshAddress()), late]);
      expect(outcomes).toEqual([
        expect.objectContaining({ ok: true }),
        REFUSED,
        expect.objectContaining({ ok: true }),
        { ok: false, actualRevision: STREAM_DOES_NOT_EXIST },
      ]);
    });

    // With the log elsewhere, a repeated append finds the companion row in the database, and its stream by that row.
    if (engine.name !== 'EventStoreDB fake') {
      it('succeeds when it is repeated after a lost answer', async () => {
        const email = freshAddress();
        const append = await about(email);
        const first = await outcomeOf(append);
        expect(await outcomeOf(append)).toEqual(first);
        expect(await store.read(append.stream)).toHaveLength(1);
        expect(await idsOf(email)).toEqual([append.companionRow.id]);
      });

      it('stores nothing when the companionRow cannot be recorded', async () => {
        const append = await about(freshAddress());
        await expect(
          store.append({ ...append, companionRow: { ...append.companionRow, id: 'nobody' } }),
        ).rejects.toThrow();
        expect(await store.read(append.stream)).toEqual([]);
      });
    }
  },
  { alsoOnEventStoreDb: true },
);
