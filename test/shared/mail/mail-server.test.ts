import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { MailTransport, type MailRefused } from '../../../src/shared/mail/mail-transport.js';
import { MAIL_FAILURE_ADVICE } from '../../../src/modules/operations/mail-failure-advice.js';
import { hasWaiting } from '../../../src/shared/outbox/outbox.js';
import { MailServer, type MailServerOptions } from '../../../src/shared/mail/mail-server.js';
import { describeOnOneEngine, type TestDatabase } from '../../support/engines.js';
import { MassSmtp } from '../../support/mass-smtp.js';
import { TestSmtp } from '../../support/smtp.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

const SENDER = 'no-reply@rolecall.example';
const MINUTE_MS = 60_000;

const lines: Record<string, unknown>[] = [];
const keep = (line: unknown): void => {
  lines.push(line as Record<string, unknown>);
};
beforeAll(() => {
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
});
beforeEach(() => {
  lines.length = 0;
});

describeOnOneEngine('the mail server', (engine) => {
  let place: TestDatabase;
  let clock: TestClock;
  const opened: { close(): unknown }[] = [];
  beforeAll(async () => {
    place = await engine.openDatabase();
  });
  beforeEach(async () => {
    await sql`delete from outbox`.execute(place.database.kysely());
    clock = new TestClock();
    clock.set(new Date());
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  afterAll(async () => {
    await place.close();
  });

  function opening<One extends { close(): unknown }>(one: One): One {
    opened.push(one);
    return one;
  }

  function serverAt(smtpUrl: string, options?: MailServerOptions): { server: MailServer; transport: MailTransport } {
    const transport = opening(new MailTransport({ smtpUrl, from: SENDER }));
    return {
      server: new MailServer(
        transport,
        async (now) => hasWaiting(place.database.kysely(), now),
        clock,
        MAIL_FAILURE_ADVICE,
        options,
      ),
      transport,
    };
  }

  /** Sends a mail as the dispatcher does. */
  async function send({ server, transport }: ReturnType<typeof serverAt>, to = 'ann@example.org'): Promise<void> {
    try {
      await transport.send({ id: randomUUID(), to, subject: 'Hello', html: 'Hello', text: 'Hello' });
      server.tookMail();
    } catch (error) {
      server.refusedMail(error as MailRefused, { key: 'an entry' });
    }
  }

  async function oneWaits(): Promise<void> {
    await sql`insert into outbox (key, kind, stream, invitation_id, issue, state, attempts, queued_at, due_at, at)
      values (gen_random_uuid(), 'note', 'staff-1', gen_random_uuid(), 1, 'pending', 3, now() - interval '1 hour', now() + interval '1 hour', now())`.execute(
      place.database.kysely(),
    );
  }

  it('is neither up nor down before it was asked', () => {
    expect(serverAt('smtp://127.0.0.1:1').server.state).toMatchObject({
      up: null,
      reason: null,
      since: null,
      lastTriedAt: null,
    });
  });

  it('is up when it would take a mail, and the check sends none', async () => {
    const smtp = opening(await TestSmtp.start());
    const { server, transport } = serverAt(smtp.url);
    await server.ask();
    expect([server.state.up, smtp.mails.length]).toEqual([true, 0]);
    expect(lines).toEqual([{ server: transport.address, failures: 0, msg: 'the mail server takes mails' }]);
  });

  it('is down when no server listens, and says what to do', async () => {
    const { server } = serverAt('smtp://127.0.0.1:1');
    await server.ask();
    expect(server.state).toMatchObject({
      up: false,
      reason: 'nobody-listens',
      code: 'ECONNREFUSED',
      since: clock.now(),
    });
    expect(lines).toEqual([
      expect.objectContaining({
        reason: 'nobody-listens',
        count: 1,
        server: '127.0.0.1:1',
        advice: expect.stringContaining('start the mail server'),
      }),
    ]);
  });

  it('is down since the first failure, also after later ones', async () => {
    const away = serverAt('smtp://127.0.0.1:1');
    const since = clock.now();
    await send(away);
    clock.advance(MINUTE_MS);
    await away.server.ask();
    expect(away.server.state).toMatchObject({ since, lastTriedAt: clock.now() });
  });

  it('is logged once a minute while it is down, however many mails and checks fail', async () => {
    const away = serverAt('smtp://127.0.0.1:1');
    for (let n = 0; n < 4; n++) await send(away);
    await away.server.ask();
    expect(lines).toHaveLength(1);
    clock.advance(MINUTE_MS);
    await away.server.ask();
    expect(lines.slice(1)).toEqual([
      expect.objectContaining({ reason: 'nobody-listens', count: 5, msg: 'the mail server takes no mails' }),
    ]);
  });

  it('is up as soon as a mail has left, and the line counts the failures', async () => {
    const smtp = opening(await MassSmtp.start());
    const given = serverAt(smtp.url);
    smtp.goAway();
    for (let n = 0; n < 3; n++) await send(given);
    const { up } = given.server.state;
    await smtp.comeBack();
    await send(given);
    expect([up, given.server.state.up]).toEqual([false, true]);
    expect(lines.at(-1)).toMatchObject({ failures: 3, msg: 'the mail server takes mails' });
  });

  it('is not logged each time that it comes and goes within a minute', async () => {
    const smtp = opening(await MassSmtp.start());
    const given = serverAt(smtp.url);
    for (let n = 0; n < 5; n++) {
      smtp.goAway();
      await send(given);
      await smtp.comeBack();
      await send(given);
    }
    expect(lines.filter(({ msg }) => msg === 'the mail server takes mails')).toHaveLength(1);
  });

  it.each(['refuseSender', 'refuseRecipient'] as const)(
    'is down when it refuses the sender in response to either command (%s)',
    async (when) => {
      const smtp = opening(await TestSmtp.start());
      smtp[when](
        () => 553,
        () => `<${SENDER}> has no right to send here`,
      );
      const { server } = serverAt(smtp.url);
      await server.ask();
      expect(server.state).toMatchObject({ up: false, reason: 'sender-refused', code: '553' });
    },
  );

  it('is up when the domain of the sender has no postmaster', async () => {
    const smtp = opening(await TestSmtp.start());
    smtp.refuseRecipient(() => 550);
    const { server } = serverAt(smtp.url);
    await server.ask();
    expect(server.state.up).toBe(true);
  });

  it('stays up when it refuses one recipient', async () => {
    const smtp = opening(await TestSmtp.start());
    const given = serverAt(smtp.url);
    await send(given);
    smtp.refuseRecipient(() => 550);
    await send(given);
    expect(given.server.state.up).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      reason: 'recipient-refused',
      count: 1,
      code: '550',
      key: 'an entry',
      msg: 'a mail was not taken',
    });
  });

  it('stays down for a reason that only mails show, such as a denied relay, while one waits', async () => {
    const smtp = opening(await TestSmtp.start());
    smtp.refuseRecipient(
      (to) => (to.endsWith('@example.org') ? 454 : null),
      () => 'Relay access denied',
    );
    const given = serverAt(smtp.url);
    await oneWaits();
    await send(given);
    await given.server.ask();
    expect(given.server.state).toMatchObject({ up: false, reason: 'client-refused', code: '454' });
    clock.advance(MINUTE_MS);
    await given.server.ask();
    expect(lines.at(-1)).toMatchObject({ reason: 'client-refused', count: 2, msg: 'the mail server takes no mails' });
    await sql`update outbox set state = 'dropped'`.execute(place.database.kysely());
    await given.server.ask();
    expect(given.server.state.up).toBe(true);
  });

  it('is checked at the start, and repeatedly while it is down', async () => {
    const smtp = opening(await MassSmtp.start());
    smtp.goAway();
    const { server } = serverAt(smtp.url, { askEveryMs: 10 });
    server.start();
    await waitFor('three checks', async () => server.failures.totals.get('nobody-listens')! >= 3);
    await smtp.comeBack();
    await waitFor('it is up', async () => server.state.up);
    server.stop();
  });

  it('is not checked while it is up', async () => {
    const smtp = opening(await MassSmtp.start());
    const [{ server }, away] = [
      serverAt(smtp.url, { askEveryMs: 1 }),
      serverAt('smtp://127.0.0.1:1', { askEveryMs: 1 }),
    ];
    server.start();
    await waitFor('it is up', async () => server.state.up);
    smtp.goAway();
    away.server.start();
    await waitFor('ten checks of another one', async () => away.server.failures.totals.get('nobody-listens')! >= 10);
    for (const one of [server, away.server]) one.stop();
    expect(server.state.up).toBe(true);
  });

  it('is checked while it is up too, by a process that sends no mails', async () => {
    const smtp = opening(await MassSmtp.start());
    const { server } = serverAt(smtp.url, { askEveryMs: 1, sendsMails: false });
    server.start();
    await waitFor('it is up', async () => server.state.up);
    smtp.goAway();
    await waitFor('it is down', async () => server.state.up === false);
    server.stop();
  });

  it('is counted by reason', async () => {
    const away = serverAt('smtp://127.0.0.1:1');
    await send(away);
    await away.server.ask();
    expect(away.server.failures.totals.get('nobody-listens')).toBe(2);
  });

  it('is logged without an address and without its own text', async () => {
    const smtp = opening(await TestSmtp.start());
    smtp.refuseRecipient(
      () => 550,
      (to) => `hush ${to}`,
    );
    await send(serverAt(smtp.url), 'somebody@example.org');
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/hush|somebody|@/);
  });
});
