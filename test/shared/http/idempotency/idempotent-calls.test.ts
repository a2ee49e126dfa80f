import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { EventStoreUnavailable } from '../../../../src/shared/event-sourcing/event-store.js';
import {
  beginWork,
  noteIdentifying,
  requireContext,
  runInContext,
} from '../../../../src/shared/request-context/request-context.js';
import { KEPT_HOURS, LEASE_SECONDS } from '../../../../src/shared/http/idempotency/idempotent-call.js';
import {
  IdempotentCalls,
  type Answer,
  type KeyedCall,
  type RepeatRules,
} from '../../../../src/shared/http/idempotency/idempotent-calls.js';
import { problemCatalogue } from '../../../../src/bootstrap/problems.js';
import { namesPending } from '../../../../src/modules/invitations/invite/names-pending.js';
import { RuleBroken } from '../../../../src/shared/problems/problem-codes.js';
import { open, seal } from '../../../../src/shared/crypto/sealing.js';
import { describeOnEveryEngine, type TestDatabase } from '../../../support/engines.js';
import { waitFor } from '../../../support/wait-for.js';

const MASTER_KEY = randomBytes(32);
const HOUR = 3600;

describeOnEveryEngine('calls with an Idempotency-Key', (engine) => {
  let place: TestDatabase;
  /** Two instances of the product. */
  let one: IdempotentCalls;
  let other: IdempotentCalls;
  beforeAll(async () => {
    place = await engine.openDatabase();
    [one, other] = [instance(), instance()];
  });
  beforeEach(async () => {
    await sql`delete from idempotent_call`.execute(place.database.kysely());
  });
  afterAll(async () => {
    await place.close();
  });

  function instance(masterKey = MASTER_KEY, options: { patienceMs?: number } = {}): IdempotentCalls {
    const rules: RepeatRules = { refusedBy: ['scope-archived'], namesOthers: namesPending };
    return new IdempotentCalls(place.database, masterKey, problemCatalogue(), rules, options);
  }

  const someCall = (): KeyedCall => ({
    caller: randomUUID(),
    route: ['/v1/things'],
    key: randomUUID(),
    body: { name: 'a thing' },
  });

  async function once(
    calls: IdempotentCalls,
    call: KeyedCall,
    work: () => Promise<Answer> = async () => Promise.resolve({ body: commandId() }),
  ) {
    const request = randomUUID();
    return runInContext({ correlationId: request, causationId: request, commandId: request }, async () =>
      calls.once(call, work),
    );
  }

  function commandId(): string {
    return requireContext().commandId;
  }

  /** Work that ends when `end` is called. `began` resolves with the command under which it runs. */
  function hanging(): { work: () => Promise<Answer>; began: Promise<string>; end: (answer: Answer | Error) => void } {
    const [begin, answer] = [Promise.withResolvers<string>(), Promise.withResolvers<Answer>()];
    const work = async (): Promise<Answer> => {
      begin.resolve(commandId());
      return answer.promise;
    };
    return {
      work,
      began: begin.promise,
      end: (ended) => {
        if (ended instanceof Error) answer.reject(ended);
        else answer.resolve(ended);
      },
    };
  }

  const failing =
    (error: Error, stored = false) =>
    async (): Promise<Answer> => {
      if (stored) requireContext().position = '1';
      return Promise.reject(error);
    };

  /** Moves all leases and expiries, as if so many seconds had passed. */
  async function pass(seconds: number): Promise<void> {
    await sql`update idempotent_call set lease_until = lease_until - ${seconds} * interval '1 second', expires_at = expires_at - ${seconds} * interval '1 second'`.execute(
      place.database.kysely(),
    );
  }

  /** Stores the answers as an earlier version kept them. */
  async function forgetNotes(): Promise<void> {
    const key = Buffer.from(hkdfSync('sha256', MASTER_KEY, 'rolecall', 'idempotency-answer', 32));
    const db = place.database.kysely();
    for (const { id, answer } of (
      await sql<{ id: string; answer: string }>`select id, answer from idempotent_call`.execute(db)
    ).rows) {
      const { identifies: _, ...old } = JSON.parse(open(key, id, answer)) as Answer & { identifies: boolean };
      await sql`update idempotent_call set answer = ${seal(key, id, JSON.stringify(old))} where id = ${id}`.execute(db);
    }
  }

  async function rows(): Promise<number> {
    const {
      rows: [row],
    } = await sql<{ count: number }>`select count(*)::int as count from idempotent_call`.execute(
      place.database.kysely(),
    );
    return row!.count;
  }

  it.each([
    ['noted', true],
    ['kept by a version without such notes', false],
  ])('return the names of others only to callers who may identify them: %s', async (_, noted) => {
    const [call, others, invited] = [someCall(), 'already-pending', 'invited'];
    const work = (outcome: string, identifies: boolean) => async (): Promise<Answer> => {
      beginWork(identifies);
      if (outcome === others) noteIdentifying();
      return Promise.resolve({ body: { results: [{ outcome, invitationId: 'one' }] } });
    };
    const second = { ...call, key: randomUUID() };
    const [first] = [await once(one, call, work(others, true)), await once(one, second, work(invited, true))];
    if (!noted) await forgetNotes();
    await expect(once(other, call, work(others, false))).rejects.toMatchObject({ code: 'forbidden' });
    expect(await once(other, call, work(others, true))).toEqual({ ...first, replayed: true });
    expect(await once(other, second, work(invited, false))).toMatchObject({ replayed: true });
  });

  it('run once on any number of instances, and all callers get that answer', async () => {
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    const command = await began;
    const others = Array.from({ length: 19 }, async (_, n) => once(n % 2 === 0 ? one : other, call));
    end({ body: { results: [1, 2] }, position: '7' });
    expect(await first).toEqual({ answer: { body: { results: [1, 2] }, position: '7' }, replayed: false });
    for (const again of await Promise.all(others))
      expect(again).toEqual({ answer: { body: { results: [1, 2] }, position: '7' }, replayed: true });
    expect(command).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep an answer without a body, too', async () => {
    const call = someCall();
    const empty = async (): Promise<Answer> => Promise.resolve({ body: undefined, position: '3' });
    await once(one, call, empty);
    expect(await once(other, call, empty)).toEqual({ answer: { position: '3' }, replayed: true });
  });

  it('are taken over under the same command when their instance is gone', async () => {
    const call = someCall();
    const lost = hanging();
    const gone = once(one, call, lost.work);
    const command = await lost.began;
    await pass(LEASE_SECONDS);
    expect(await once(other, call)).toEqual({ answer: { body: command }, replayed: false });
    // The first instance was only suspended, so its answer does not count any more.
    lost.end({ body: 'too late' });
    expect(await gone).toEqual({ answer: { body: command }, replayed: true });
    expect(await once(one, call)).toEqual({ answer: { body: command }, replayed: true });
  });

  it('have the answer of the first attempt that ended, also when another one had taken over', async () => {
    const call = someCall();
    const [asleep, awake] = [hanging(), hanging()];
    const first = once(one, call, asleep.work);
    await asleep.began;
    await pass(LEASE_SECONDS);
    const second = once(other, call, awake.work);
    await awake.began;
    asleep.end({ body: 'the first' });
    expect((await first).answer.body).toBe('the first');
    awake.end({ body: 'the second' });
    expect(await second).toEqual({ answer: { body: 'the first' }, replayed: true });
  });

  it('keep their lease while they run', async () => {
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    await began;
    await pass(LEASE_SECONDS - 1);
    await waitFor('a renewed lease', async () => {
      const {
        rows: [row],
      } = await sql<{
        left: number;
      }>`select extract(epoch from lease_until - now())::float8 as left from idempotent_call`.execute(
        place.database.kysely(),
      );
      // More than a second is left only after the instance has renewed the lease.
      return row!.left > 1;
    });
    end({ body: 1 });
    expect((await first).replayed).toBe(false);
  });

  it('that wait too long are told to come back', async () => {
    const hasty = instance(MASTER_KEY, { patienceMs: 0 });
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    await began;
    await expect(once(hasty, call)).rejects.toMatchObject({
      code: 'idempotency-key-in-use',
      details: { retryAfter: 5 },
    });
    await expect(once(hasty, { ...call, body: { name: 'another' } })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    end({ body: 1 });
    await first;
    expect((await once(hasty, call)).replayed).toBe(true);
  });

  it('that wait are told to come back when their instance stops', async () => {
    const stopping = instance();
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    await began;
    const waiting = once(stopping, call).catch((error: unknown) => error);
    stopping.onModuleDestroy();
    expect(await waiting).toMatchObject({ code: 'idempotency-key-in-use' });
    end({ body: 1 });
    await first;
  });

  it.each([
    ['refused', new RuleBroken('scope-archived')],
    ['not valid', new RuleBroken('invalid-input')],
  ])('that were %s leave their key free for another body', async (_, error) => {
    const call = someCall();
    await expect(once(one, call, failing(error))).rejects.toBe(error);
    expect(await rows()).toBe(0);
    expect((await once(other, { ...call, body: { name: 'another' } })).replayed).toBe(false);
  });

  it.each([
    ['the outcome is unknown', new EventStoreUnavailable(), false],
    ['the error is unexpected', new Error('unexpected'), false],
    ['the rest was refused', new RuleBroken('too-many-conflicts'), true],
  ])('may have stored something, so that their repeats run under the same command: %s', async (_, error, stored) => {
    const call = someCall();
    const commands: string[] = [];
    await expect(
      once(one, call, async () => {
        commands.push(commandId());
        return failing(error, stored)();
      }),
    ).rejects.toBe(error);
    await expect(once(one, { ...call, body: { name: 'another' } })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    // The repeat keeps the command when it is refused, too.
    await expect(
      once(other, call, async () => {
        commands.push(commandId());
        return failing(new RuleBroken('forbidden'))();
      }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    commands.push((await once(other, call)).answer.body as string);
    expect(new Set(commands).size).toBe(1);
  });

  it(`are forgotten after ${String(KEPT_HOURS)} hours, and their key is then free, before and after a sweep`, async () => {
    const call = someCall();
    const first = await once(one, call);
    await pass(KEPT_HOURS * HOUR - 60);
    await one.sweep();
    expect(await once(one, call)).toEqual({ ...first, replayed: true });
    await pass(60);
    const second = await once(one, { ...call, body: { name: 'another' } });
    expect(second.replayed).toBe(false);
    expect(second.answer.body).not.toBe(first.answer.body);
    await pass(KEPT_HOURS * HOUR);
    await one.sweep();
    expect(await rows()).toBe(0);
  });

  it('are not deleted while they run', async () => {
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    await began;
    await sql`update idempotent_call set expires_at = now() - interval '1 hour'`.execute(place.database.kysely());
    await one.sweep();
    expect(await rows()).toBe(1);
    end({ body: 1 });
    expect((await first).replayed).toBe(false);
  });

  it('are free when an embedded installation starts, and may run on another instance elsewhere', async () => {
    const call = someCall();
    const { work, began, end } = hanging();
    const first = once(one, call, work);
    await began;
    await other.onModuleInit();
    const {
      rows: [row],
    } = await sql<{ free: boolean }>`select lease_until is null as free from idempotent_call`.execute(
      place.database.kysely(),
    );
    expect(row!.free).toBe(engine.name === 'PGlite');
    end({ body: 1 });
    await first;
  });

  it('have answers that nobody can read, move or change without the key', async () => {
    const [call, target] = [someCall(), someCall()];
    await once(one, call, async () => Promise.resolve({ body: { email: `${'zebulon'.repeat(20)}@example.test` } }));
    await once(one, target);
    const db = place.database.kysely();
    expect(JSON.stringify((await sql`select * from idempotent_call`.execute(db)).rows)).not.toContain('zebulon');
    const stranger = instance(randomBytes(32));
    expect((await once(stranger, call)).replayed).toBe(false);
    await sql`update idempotent_call set answer = (select answer from idempotent_call order by length(answer) desc limit 1)`.execute(
      db,
    );
    await expect(once(one, target)).rejects.toThrow();
  });
});
