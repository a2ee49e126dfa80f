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
import { describeOnEngines, type TestDatabase } from '../../../support/engines.js';
import { waitFor } from '../../../support/wait-for.js';

const MASTER_KEY = randomBytes(32);
const HOUR = 3600;

describeOnEngines('calls with an Idempotency-Key', (engine) => {
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

  /** Work that goes on until it is let go; under which command it runs is told when it has begun. */
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

  /** As if so many seconds had passed. */
  async function pass(seconds: number): Promise<void> {
    await sql`update idempotent_call set lease_until = lease_until - ${seconds} * interval '1 second', expires_at = expires_at - ${seconds} * interval '1 second'`.execute(
      place.database.kysely(),
    );
  }

  /** As an earlier version kept them. */
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
    ['kept by a version that noted nothing', false],
  ])('return what names others only to callers who may identify them: %s', async (_, noted) => {
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

  it('work once, on however many instances, and all get that answer', async () => {
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

  it('without a body have an answer too', async () => {
    const call = someCall();
    const empty = async (): Promise<Answer> => Promise.resolve({ body: undefined, position: '3' });
    await once(one, call, empty);
    expect(await once(other, call, empty)).toEqual({ answer: { position: '3' }, replayed: true });
  });

  it('are taken over under the same command when their worker is gone', async () => {
    const call = someCall();
    const lost = hanging();
    const gone = once(one, call, lost.work);
    const command = await lost.began;
    await pass(LEASE_SECONDS);
    expect(await once(other, call)).toEqual({ answer: { body: command }, replayed: false });
    // It was only asleep: what it comes to now is not the answer any more.
    lost.end({ body: 'too late' });
    expect(await gone).toEqual({ answer: { body: command }, replayed: true });
    expect(await once(one, call)).toEqual({ answer: { body: command }, replayed: true });
  });

  it('have the answer of the first attempt that got to the end, also when another one had taken over', async () => {
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

  it('keep their lease while they are at work', async () => {
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
      // It expired or was renewed meanwhile, without a request.
      return row!.left > 1;
    });
    end({ body: 1 });
    expect((await first).replayed).toBe(false);
  });

  it('that take too long are told to come back', async () => {
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
    ['unexpected', new Error('unexpected'), false],
    ['the rest was refused', new RuleBroken('too-many-conflicts'), true],
  ])('may have stored something when %s: who repeats them does so under the same command', async (_, error, stored) => {
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
    // Also when the repeat is refused.
    await expect(
      once(other, call, async () => {
        commands.push(commandId());
        return failing(new RuleBroken('forbidden'))();
      }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    commands.push((await once(other, call)).answer.body as string);
    expect(new Set(commands).size).toBe(1);
  });

  it(`are forgotten after ${String(KEPT_HOURS)} hours: the same key is another command, swept or not`, async () => {
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

  it('are not deleted while a call works on them', async () => {
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

  it('of an embedded installation are free when it starts; of others they may be at work elsewhere', async () => {
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

  it('have answers that can be read, moved or altered only with the key', async () => {
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
