import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Transaction } from '../../../src/shared/projections/projection.js';
import {
  claim,
  countByState,
  enqueue,
  LEASE_SECONDS,
  nextDueInMs,
  scheduleRetry,
  releaseAllClaims,
  renew,
  recordOutcomes,
  type ClaimedEntry,
  type OutboxEntry,
  type OutboxTables,
} from '../../../src/shared/outbox/outbox.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';

interface Row {
  state: string;
  attempts: number;
  /** Seconds from now by the database's clock; null: there is no lease. */
  due: number;
  lease: number | null;
  reached: number;
}

describeOnEveryEngine('the outbox', (engine) => {
  let place: TestDatabase;
  let db: Kysely<OutboxTables>;
  beforeAll(async () => {
    place = await engine.openDatabase();
    db = place.database.kysely<OutboxTables>();
  });
  beforeEach(async () => {
    await sql`delete from outbox`.execute(db);
  });
  afterAll(async () => {
    await place.close();
  });

  async function put(count: number, dueInSeconds = -1): Promise<OutboxEntry[]> {
    const entries = Array.from({ length: count }, (_, n) => ({
      key: randomUUID(),
      kind: 'note',
      stream: `staff-${randomUUID()}`,
      invitation_id: randomUUID(),
      issue: n + 1,
    }));
    const due_at = new Date(Date.now() + dueInSeconds * 1000).toISOString();
    await place.database.transaction(async (trx) =>
      enqueue(
        trx as unknown as Transaction,
        entries.map((entry) => ({ ...entry, due_at })),
      ),
    );
    return entries;
  }

  async function one(): Promise<ClaimedEntry> {
    await put(1);
    return (await claim(db, 1, new Date()))[0]!;
  }

  async function row(key: string): Promise<Row> {
    const { rows } = await sql<Row>`select state, attempts, extract(epoch from due_at - now())::float8 as due,
      extract(epoch from lease_until - now())::float8 as lease, extract(epoch from at - now())::float8 as reached from outbox where key = ${key}`.execute(
      db,
    );
    return rows[0]!;
  }

  /** Moves all times of the table back by these seconds. */
  async function pass(seconds: number): Promise<void> {
    await sql`update outbox set due_at = due_at - ${seconds} * interval '1 second', lease_until = lease_until - ${seconds} * interval '1 second'`.execute(
      db,
    );
  }

  const keys = (entries: readonly OutboxEntry[]): string[] => entries.map(({ key }) => key).sort();

  it('gives a claimer the due entries with their fields, and counts the attempt', async () => {
    const [entry] = await put(1);
    expect(await claim(db, 10, new Date())).toEqual([{ ...entry, attempts: 1 }]);
    expect((await row(entry!.key)).lease).toBeGreaterThan(LEASE_SECONDS - 5);
  });

  it('keeps an entry unchanged when the same key is put in again', async () => {
    const [entry] = await put(1);
    await recordOutcomes(db, [{ key: entry!.key, state: 'sent' }]);
    await place.database.transaction(async (trx) =>
      enqueue(trx as unknown as Transaction, [{ ...entry!, due_at: new Date(0).toISOString() }]),
    );
    expect((await row(entry!.key)).state).toBe('sent');
    expect(await claim(db, 10, new Date())).toEqual([]);
    await place.database.transaction(async (trx) => enqueue(trx as unknown as Transaction, []));
  });

  it('keeps no entry of a transaction that fails', async () => {
    const entry = {
      key: randomUUID(),
      kind: 'note',
      stream: 's',
      invitation_id: randomUUID(),
      issue: 1,
      due_at: new Date().toISOString(),
    };
    await expect(
      place.database.transaction(async (trx) => {
        await enqueue(trx as unknown as Transaction, [entry]);
        throw new RangeError('no');
      }),
    ).rejects.toThrow('no');
    expect(await claim(db, 10, new Date())).toEqual([]);
  });

  it('gives a claimer no entry that is not due yet, and says when it will be', async () => {
    expect(await nextDueInMs(db, new Date())).toBeNull();
    await put(1, 60);
    expect(await claim(db, 10, new Date())).toEqual([]);
    expect(await nextDueInMs(db, new Date())).toBeGreaterThan(50_000);
    expect(await nextDueInMs(db, new Date())).toBeLessThanOrEqual(60_000);
    await pass(61);
    expect(await claim(db, 10, new Date())).toHaveLength(1);
    expect(await nextDueInMs(db, new Date())).toBeGreaterThan((LEASE_SECONDS - 5) * 1000);
  });

  const hour = 3_600_000;
  it.each([
    ['an event that was recorded ahead of the clocks', new Date(Date.now() + 48 * hour), new Date()],
    ['a clock that goes back after it was queued', new Date(), new Date(Date.now() - 48 * hour)],
    ['both', new Date(Date.now() + 48 * hour), new Date(Date.now() - 48 * hour)],
  ])('gives a claimer an entry without delay at once, whatever the clocks say: %s', async (_, recordedAt, now) => {
    const entry = { key: randomUUID(), kind: 'note', stream: 's', invitation_id: randomUUID(), issue: 1 };
    await place.database.transaction(async (trx) =>
      enqueue(trx as unknown as Transaction, [{ ...entry, recorded_at: recordedAt.toISOString() }]),
    );
    expect(await nextDueInMs(db, now)).toBeLessThan(0);
    expect((await row(entry.key)).reached).toBeLessThanOrEqual(0);
    // The database's clock may go back too. The stored due time is further away than that.
    const {
      rows: [due],
    } = await sql<{ is: boolean }>`select due_at < now() - interval '10 years' as is from outbox`.execute(db);
    expect(due).toEqual({ is: true });
    expect(await countByState(db, now)).toMatchObject({ pending: 1, scheduled: 0 });
    expect(await claim(db, 10, now)).toMatchObject([{ key: entry.key }]);
  });

  it('gives claimers entries without delay in the order of their events', async () => {
    const entries = [3, 1, 2].map((n) => ({
      key: randomUUID(),
      kind: 'note',
      stream: 's',
      invitation_id: randomUUID(),
      issue: n,
      recorded_at: new Date(Date.now() + n * 1000).toISOString(),
    }));
    await place.database.transaction(async (trx) => enqueue(trx as unknown as Transaction, entries));
    const issues: number[] = [];
    for (let n = 0; n < 3; n += 1) issues.push(...(await claim(db, 1, new Date())).map(({ issue }) => issue));
    expect(issues).toEqual([1, 2, 3]);
  });

  it('gives a claimer no more entries than the limit, those that are due longest first', async () => {
    const later = await put(300, -1);
    const earlier = await put(20, -100);
    const first = await claim(db, 20, new Date());
    expect(keys(first)).toEqual(keys(earlier));
    expect(await claim(db, 7, new Date())).toHaveLength(7);
    expect(await claim(db, 1000, new Date())).toHaveLength(later.length - 7);
    expect(await claim(db, 1000, new Date())).toEqual([]);
  });

  it('gives an entry to one of several claimers', async () => {
    const entries = await put(400);
    const claimers = Array.from({ length: 8 }, async () => {
      const mine: OutboxEntry[] = [];
      for (
        let some = await claim(db, 13, new Date());
        some.length > 0 && mine.length < entries.length;
        some = await claim(db, 13, new Date())
      )
        mine.push(...some);
      return mine;
    });
    const claimed = (await Promise.all(claimers)).flat();
    expect(claimed).toHaveLength(entries.length);
    expect(keys(claimed)).toEqual(keys(entries));
  });

  it('gives an entry to the next claimer when its lease has ended, and not before', async () => {
    const { key } = await one();
    await pass(LEASE_SECONDS - 1);
    expect(await claim(db, 10, new Date())).toEqual([]);
    await pass(2);
    expect(await claim(db, 10, new Date())).toMatchObject([{ key, attempts: 2 }]);
  });

  it('leaves an entry with a claimer that renews in time', async () => {
    const { key } = await one();
    await pass(LEASE_SECONDS - 1);
    await renew(db, [key]);
    await pass(LEASE_SECONDS - 1);
    expect(await claim(db, 10, new Date())).toEqual([]);
    await renew(db, []);
    await recordOutcomes(db, [{ key, state: 'sent' }]);
    await renew(db, [key]);
    expect((await row(key)).lease).toBeNull();
  });

  it('frees every claim', async () => {
    const { key } = await one();
    await releaseAllClaims(db);
    expect(await claim(db, 10, new Date())).toMatchObject([{ key, attempts: 2 }]);
  });

  it.each(['sent', 'failed', 'dropped'] as const)(
    'gives no claimer a %s entry, and says since when it has that state',
    async (state) => {
      const { key } = await one();
      await pass(3600);
      await recordOutcomes(db, [{ key, state }]);
      expect(await row(key)).toMatchObject({ state, lease: null });
      expect((await row(key)).reached).toBeGreaterThan(-5);
      expect([await claim(db, 10, new Date()), await nextDueInMs(db, new Date())]).toEqual([[], null]);
    },
  );

  it('schedules retries after 1, 2, 4 … seconds, at most 2 hours, and gives up after about a day', async () => {
    const waits: number[] = [];
    await put(1);
    for (
      let [entry] = await claim(db, 1, new Date());
      entry && waits.length < 100;
      [entry] = await claim(db, 1, new Date())
    ) {
      await scheduleRetry(db, entry, new Date());
      const { state, due } = await row(entry.key);
      if (state === 'failed') break;
      waits.push(Math.round(due));
      await pass(due + 1);
    }
    expect(waits).toEqual([
      1,
      2,
      4,
      8,
      16,
      32,
      64,
      128,
      256,
      512,
      1024,
      2048,
      4096,
      ...Array.from({ length: 10 }, () => 7200),
    ]);
    const hours = waits.reduce((sum, seconds) => sum + seconds) / 3600;
    expect([hours > 20, hours < 26]).toEqual([true, true]);
    expect(await claim(db, 10, new Date())).toEqual([]);
  });

  it('lets no late sender undo the outcome that another one recorded', async () => {
    const late = await one();
    await pass(LEASE_SECONDS + 1);
    const [{ key }] = (await claim(db, 1, new Date())) as [ClaimedEntry];
    await recordOutcomes(db, [{ key, state: 'sent' }]);
    const sent = await row(key);
    await scheduleRetry(db, late, new Date());
    await scheduleRetry(db, { ...late, attempts: 99 }, new Date());
    await recordOutcomes(db, [{ key, state: 'failed' }]);
    expect(await row(key)).toMatchObject({ state: sent.state, lease: null });
    expect(await claim(db, 10, new Date())).toEqual([]);
  });

  it('lets no late sender take an entry that another one holds now', async () => {
    const late = await one();
    await pass(LEASE_SECONDS + 1);
    const [entry] = (await claim(db, 1, new Date())) as [ClaimedEntry];
    await scheduleRetry(db, late, new Date());
    expect((await row(entry.key)).lease).toBeGreaterThan(LEASE_SECONDS - 5);
    await scheduleRetry(db, entry, new Date());
    expect(await row(entry.key)).toMatchObject({ state: 'pending', lease: null });
  });

  it.each(['sent', 'failed'] as const)(
    'puts in the follow-up of a %s entry, once and in the same statement',
    async (state) => {
      const { key } = await one();
      const next = {
        key: randomUUID(),
        kind: 'note',
        stream: 'staff-1',
        invitation_id: randomUUID(),
        issue: 1,
        due_at: new Date(Date.now() + 3_600_000).toISOString(),
      };
      await recordOutcomes(db, [{ key, state, next }]);
      await recordOutcomes(db, [{ key, state: 'sent', next: { ...next, due_at: new Date(0).toISOString() } }]);
      expect([(await row(key)).state, await row(next.key)]).toMatchObject([
        'sent',
        { state: 'pending', attempts: 0, lease: null },
      ]);
      expect(Math.round((await row(next.key)).due / 60)).toBe(60);
      expect(await claim(db, 10, new Date())).toEqual([]);
    },
  );

  it('puts in the follow-up of an entry that is given up, and not before', async () => {
    const entry = await one();
    const next = {
      key: randomUUID(),
      kind: 'note',
      stream: 'staff-1',
      invitation_id: randomUUID(),
      issue: 1,
      due_at: new Date().toISOString(),
    };
    await scheduleRetry(db, entry, new Date(), next);
    expect(await row(next.key)).toBeUndefined();
    await scheduleRetry(db, { ...entry, attempts: 24 }, new Date(), next);
    expect([(await row(entry.key)).state, (await row(next.key)).state]).toEqual(['failed', 'pending']);
  });

  it('records `sent` over another outcome, because the mail has left', async () => {
    const { key } = await one();
    await recordOutcomes(db, [{ key, state: 'failed' }]);
    await recordOutcomes(db, [{ key, state: 'sent' }]);
    expect((await row(key)).state).toBe('sent');
  });
});
