import { sql, type Kysely } from 'kysely';
import {
  countByState,
  countsOf,
  MOST_COUNTED,
  readAlongIndexes,
  type OutboxCounts,
  type OutboxTables,
} from '../../../src/shared/outbox/outbox.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { metricsAt, startTestServer } from '../../support/test-server.js';

const STATES = ['pending', 'scheduled', 'sent', 'failed', 'dropped', 'address-invalid', 'unsubscribed'] as const;
/** The most that is counted here. It is small, so that many times as many entries are few. */
const MOST = 500;
type Counted = (typeof STATES)[number];

describeOnEveryEngine('counting the outbox', (engine) => {
  let place: TestDatabase;
  let db: Kysely<OutboxTables>;
  beforeAll(async () => {
    place = await engine.openDatabase();
    db = place.database.kysely<OutboxTables>();
  });
  beforeEach(async () => {
    await sql`truncate outbox`.execute(db);
  });
  afterAll(async () => {
    await place.close();
  });

  /** Puts in this many entries of a state, each at another time. */
  async function put(state: Counted, count: number, after = 60): Promise<void> {
    const due =
      state === 'scheduled'
        ? sql`now() + (n + ${after}::int) * interval '1 second'`
        : sql`now() - (n + ${after}::int) * interval '1 second'`;
    await sql`insert into outbox (key, kind, stream, invitation_id, issue, state, attempts, queued_at, due_at, at)
      select gen_random_uuid(), 'note', 'staff-1', gen_random_uuid(), 1, ${state === 'scheduled' ? 'pending' : state}, 0, ${due}, ${due}, now()
      from generate_series(1, ${count}::int) n`.execute(db);
  }
  const counts = async () =>
    place.database.transaction<OutboxTables, OutboxCounts>(async (trx) => countByState(trx, new Date()));

  /** Pages of the table and its indexes that counting looks at. */
  async function pagesRead(): Promise<number> {
    const plan = await place.database.transaction<OutboxTables, Record<string, number>>(async (trx) => {
      await readAlongIndexes(trx);
      const { rows } = await sql<{
        'QUERY PLAN': [{ Plan: Record<string, number> }];
      }>`explain (analyze, buffers, format json) ${countsOf(new Date(), MOST)}`.execute(trx);
      return rows[0]!['QUERY PLAN'][0].Plan;
    });
    return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
  }

  it('names every state, those without entries too', async () => {
    expect(await counts()).toEqual(Object.fromEntries(STATES.map((state) => [state, 0])));
  });

  it('tells waiting entries from entries that are not due yet, also after a failure', async () => {
    for (const [n, state] of STATES.entries()) await put(state, n + 1);
    await sql`update outbox set due_at = now() + interval '1 hour' where state = 'pending' and queued_at < now()`.execute(
      db,
    );
    expect(await counts()).toEqual({
      pending: 1,
      scheduled: 2,
      sent: 3,
      failed: 4,
      dropped: 5,
      'address-invalid': 6,
      unsubscribed: 7,
    });
  });

  it('stops at the most that is counted', async () => {
    for (const state of STATES) await put(state, MOST_COUNTED + 1);
    expect(await counts()).toEqual(Object.fromEntries(STATES.map((state) => [state, MOST_COUNTED])));
  });

  it.each(['sent', 'scheduled'] as const)(
    'reads no more pages for twenty times as many %s entries, with statistics or without',
    async (state) => {
      for (const one of STATES) await put(one, 3);
      const few = 600;
      await put(state, few);
      const pagesOfFew = await pagesRead();
      await put(state, 19 * few, 1000);
      const pagesOfMany = await pagesRead();
      await sql`analyze outbox`.execute(db);
      const pagesKnown = await pagesRead();
      process.stdout.write(
        `counting ${state} entries on ${engine.name}: ${String(pagesOfFew)} pages, of twenty times as many ${String(pagesOfMany)}, analysed ${String(pagesKnown)}\n`,
      );
      expect(Math.max(pagesOfMany, pagesKnown)).toBeLessThan(2 * pagesOfFew);
    },
  );

  it('is in the metrics with every state, those without entries too', async () => {
    const server = await startTestServer(engine);
    try {
      const text = await metricsAt(server.url);
      expect(
        [...text.matchAll(/rolecall_outbox_entries\{state="([\w-]+)"\} \d+/g)].map(([, state]) => state).sort(),
      ).toEqual([...STATES].sort());
      expect(text).toContain('rolecall_outbox_entries{state="failed"} 0');
    } finally {
      await server.close();
    }
  });
});
