import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { Clock } from '../../../src/shared/time/clock.js';
import { MailServer } from '../../../src/shared/mail/mail-server.js';
import { MailTransport } from '../../../src/shared/mail/mail-transport.js';
import type { Transaction } from '../../../src/shared/projections/projection.js';
import { MailDispatcher, type ComposedMail, type MailComposer } from '../../../src/shared/outbox/mail-dispatcher.js';
import { MAIL_FAILURE_ADVICE } from '../../../src/modules/operations/mail-failure-advice.js';
import { enqueue, type NewEntry, type OutboxEntry } from '../../../src/shared/outbox/outbox.js';
import { WorkFailures } from '../../../src/shared/resilience/work-failures.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { TestSmtp } from '../../support/smtp.js';
import { waitFor } from '../../support/wait-for.js';

const failures = new WorkFailures(new Clock());

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** The issues of an entry with a follow-up mail, and of that mail's entry. */
const [FOLLOWED, FOLLOWING] = [1010, 1011];

/** Writes a mail per entry, to an address made of its key. It writes none for issue 0, and throws at issue 666. */
class Notes implements MailComposer {
  readonly kinds = ['note'];

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, ComposedMail>> {
    if (entries.some(({ issue }) => issue === 666)) throw new RangeError('cannot be written');
    return new Map(
      entries
        .filter(({ issue }) => issue > 0)
        .map((entry) => [
          entry.key,
          {
            id: entry.key,
            to: addressOf(entry),
            subject: 'Note',
            html: '<p>x</p>',
            text: 'x',
            ...(entry.issue === FOLLOWED ? { next: followerOf(entry) } : {}),
          },
        ]),
    );
  }
}

function followerOf({ key, ...entry }: OutboxEntry): NewEntry {
  return { ...entry, key: key.replace(/^.{8}/, 'ffffffff'), issue: FOLLOWING, due_at: new Date(0).toISOString() };
}

function addressOf({ key }: OutboxEntry): string {
  return `${key}@example.test`;
}

describeOnEveryEngine('the mail dispatcher', (engine) => {
  let place: TestDatabase;
  let smtp: TestSmtp;
  let transport: MailTransport;
  let dispatcher: MailDispatcher;
  beforeAll(async () => {
    place = await engine.openDatabase();
  });
  beforeEach(async () => {
    await sql`delete from outbox`.execute(place.database.kysely());
    smtp = await TestSmtp.start();
    transport = new MailTransport({ smtpUrl: smtp.url, from: 'Rolecall <no-reply@example.test>' });
    dispatcher = dispatcherOf();
  });
  afterEach(async () => {
    await dispatcher.stop();
    transport.close();
    await smtp.close();
  });
  afterAll(async () => {
    await place.close();
  });

  function dispatcherOf(server = transport): MailDispatcher {
    const clock = new Clock();
    const made = new MailDispatcher(
      place.database,
      server,
      clock,
      new MailServer(server, async () => false, clock, MAIL_FAILURE_ADVICE),
      failures,
    );
    made.register(new Notes());
    return made;
  }

  async function put(...issues: number[]): Promise<OutboxEntry[]> {
    const entries = issues.map((issue) => ({
      key: randomUUID(),
      kind: 'note',
      stream: 'staff-1',
      invitation_id: randomUUID(),
      issue,
    }));
    const due_at = new Date(0).toISOString();
    await place.database.transaction(async (trx) =>
      enqueue(
        trx as unknown as Transaction,
        entries.map((entry) => ({ ...entry, due_at })),
      ),
    );
    dispatcher.notify();
    return entries;
  }

  async function stateOf({ key }: OutboxEntry): Promise<{ state: string; attempts: number; waits: boolean }> {
    const { rows } = await sql<{ state: string; attempts: number; waits: boolean }>`
      select state, attempts, due_at > now() as waits from outbox where key = ${key}`.execute(place.database.kysely());
    return rows[0]!;
  }

  async function waitForState(entry: OutboxEntry, state: string): Promise<void> {
    await waitFor(
      `the state ${state}`,
      async () => ((await stateOf(entry)) as { state: string } | undefined)?.state === state,
    );
  }

  /** Waits for a scheduled retry. */
  async function waitUntilRescheduled(entry: OutboxEntry): Promise<void> {
    await waitFor('a scheduled retry', async () => (await stateOf(entry)).waits);
  }

  async function makeDue(): Promise<void> {
    await sql`update outbox set due_at = now() where state = 'pending'`.execute(place.database.kysely());
    dispatcher.notify();
  }

  it('sends the entries of before and after the start, each once, with the key as Message-ID', async () => {
    const before = await put(1, 2);
    await dispatcher.start();
    const later = await put(3);
    for (const entry of [...before, ...later]) await waitForState(entry, 'sent');
    expect(smtp.mails.map(({ to, messageId }) => `${to} ${messageId}`).sort()).toEqual(
      [...before, ...later].map((entry) => `${addressOf(entry)} ${entry.key}@example.test`).sort(),
    );
    for (const entry of before) expect(await stateOf(entry)).toMatchObject({ attempts: 1 });
  });

  it('drops an entry that has no mail any more', async () => {
    const [gone, wanted] = (await put(0, 1)) as [OutboxEntry, OutboxEntry];
    await dispatcher.start();
    await waitForState(gone, 'dropped');
    await waitForState(wanted, 'sent');
    expect(smtp.to(addressOf(gone))).toEqual([]);
  });

  it('sends a mail again under the same Message-ID after a temporary refusal', async () => {
    const [entry, other] = (await put(1, 2)) as [OutboxEntry, OutboxEntry];
    smtp.refuse((to) => (to === addressOf(entry) ? 451 : null));
    await dispatcher.start();
    await waitUntilRescheduled(entry);
    await waitForState(other, 'sent');
    expect(smtp.mails).toHaveLength(1);
    smtp.refuse(() => null);
    await makeDue();
    await waitForState(entry, 'sent');
    expect(await stateOf(entry)).toMatchObject({ attempts: 2 });
    expect(smtp.to(addressOf(entry)).map(({ messageId }) => messageId)).toEqual([`${entry.key}@example.test`]);
  });

  it('gives up a mail after a final refusal', async () => {
    const [entry, other] = (await put(1, 2)) as [OutboxEntry, OutboxEntry];
    smtp.refuse((to) => (to === addressOf(entry) ? 550 : null));
    await dispatcher.start();
    await waitForState(entry, 'failed');
    await waitForState(other, 'sent');
    expect(await stateOf(entry)).toMatchObject({ attempts: 1 });
  });

  const FINAL = [500, 501, 503, 504, 510, 521, 525, 550, 551, 552, 553, 554, 555, 556, 571, 599];
  it.each(FINAL)('gives up an address that the server refuses with %i, and its follow-up mail', async (code) => {
    const [entry, other] = (await put(FOLLOWED, 2)) as [OutboxEntry, OutboxEntry];
    smtp.refuseRecipient((to) => (to === addressOf(entry) ? code : null));
    await dispatcher.start();
    await waitForState(entry, 'failed');
    await waitForState(other, 'sent');
    expect([await stateOf(entry), await stateOf(followerOf(entry))]).toEqual([
      expect.objectContaining({ attempts: 1 }),
      undefined,
    ]);
  });

  it.each([421, 450, 451, 452, 455, 471])(
    'sends a mail again whose address the server refuses with %i',
    async (code) => {
      const [entry] = (await put(1)) as [OutboxEntry];
      smtp.refuseRecipient(() => code);
      await dispatcher.start();
      await waitUntilRescheduled(entry);
      smtp.refuseRecipient(() => null);
      await makeDue();
      await waitForState(entry, 'sent');
    },
  );

  it.each([500, 503, 530, 535, 550, 553, 554])(
    'sends a mail again that the server refuses with %i before it gets the address',
    async (code) => {
      const [entry] = (await put(1)) as [OutboxEntry];
      smtp.refuseSender(() => code);
      await dispatcher.start();
      await waitUntilRescheduled(entry);
    },
  );

  it.each([500, 521, 555])('sends a mail again that the server refuses with %i after its text', async (code) => {
    const [entry] = (await put(1)) as [OutboxEntry];
    smtp.refuse(() => code);
    await dispatcher.start();
    await waitUntilRescheduled(entry);
  });

  it('gives up a mail after the last temporary refusal', async () => {
    const [entry] = (await put(1)) as [OutboxEntry];
    await sql`update outbox set attempts = 99`.execute(place.database.kysely());
    smtp.refuse(() => 421);
    await dispatcher.start();
    await waitForState(entry, 'failed');
    expect(await stateOf(entry)).toMatchObject({ attempts: 100 });
  });

  it('sends a follow-up mail after the first mail has left, and not before', async () => {
    const [entry] = (await put(FOLLOWED)) as [OutboxEntry];
    smtp.refuse((to) => (to === addressOf(entry) ? 451 : null));
    await dispatcher.start();
    await waitUntilRescheduled(entry);
    expect(await stateOf(followerOf(entry))).toBeUndefined();
    smtp.refuse(() => null);
    await makeDue();
    await waitForState(entry, 'sent');
    await waitForState(followerOf(entry), 'sent');
    expect(smtp.mails.map(({ to }) => to)).toEqual([addressOf(entry), addressOf(followerOf(entry))]);
  });

  it('sends the follow-up mail of a mail that the server refused for good', async () => {
    const [entry] = (await put(FOLLOWED)) as [OutboxEntry];
    smtp.refuse((to) => (to === addressOf(entry) ? 550 : null));
    await dispatcher.start();
    await waitForState(entry, 'failed');
    await waitForState(followerOf(entry), 'sent');
  });

  it('claims no more mails than leave within a second', async () => {
    const slow = new MailTransport({
      smtpUrl: smtp.url,
      from: 'x@example.test',
      rate: { perSecond: 2, connections: 1 },
    });
    const alone = dispatcherOf(slow);
    await put(...Array.from({ length: 10 }, () => 1));
    await alone.start();
    await smtp.waitUntil(() => smtp.mails.length > 0);
    const {
      rows: [claimed],
    } = await sql<{ count: number }>`select count(*)::int from outbox where attempts > 0`.execute(
      place.database.kysely(),
    );
    expect(claimed!.count).toBeLessThanOrEqual(smtp.mails.length + 2);
    await alone.stop();
    slow.close();
  });

  it('sends the other mails when one can’t be written', async () => {
    const [bad, good] = (await put(666, 1)) as [OutboxEntry, OutboxEntry];
    await dispatcher.start();
    await waitForState(good, 'sent');
    await waitUntilRescheduled(bad);
    expect(await stateOf(bad)).toMatchObject({ state: 'pending', attempts: 1 });
  });

  it('keeps a mail while the server is away', async () => {
    const [entry] = (await put(1)) as [OutboxEntry];
    const away = new MailTransport({ smtpUrl: 'smtp://127.0.0.1:1', from: 'x@example.test' });
    const lonely = dispatcherOf(away);
    await lonely.start();
    await waitUntilRescheduled(entry);
    await lonely.stop();
    away.close();
    await makeDue();
    await dispatcher.start();
    await waitForState(entry, 'sent');
  });

  // PGlite belongs to one process, which frees all claims when it starts.
  if (engine.name === 'PostgreSQL') {
    it('sends each mail once when several dispatchers share an outbox', async () => {
      const others = [dispatcherOf(), dispatcherOf()];
      const entries = await put(...Array.from({ length: 150 }, (_, n) => n + 1));
      await Promise.all([dispatcher, ...others].map(async (some) => some.start()));
      await smtp.waitUntil(() => smtp.mails.length >= entries.length);
      for (const entry of entries) await waitForState(entry, 'sent');
      await Promise.all(others.map(async (some) => some.stop()));
      expect(smtp.mails.map(({ to }) => to).sort()).toEqual(entries.map(addressOf).sort());
    });
  }

  it('writes a mail again for the mailbox page, and none for an entry that it can’t write', async () => {
    const [entry, gone] = (await put(1, 0)) as [OutboxEntry, OutboxEntry];
    expect(await dispatcher.compose(entry)).toMatchObject({ id: entry.key, to: addressOf(entry) });
    expect(await dispatcher.compose(gone)).toBeUndefined();
    expect(await dispatcher.compose({ ...entry, kind: 'unknown' })).toBeUndefined();
  });
});
