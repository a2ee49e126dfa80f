import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describeOnEngines } from '../../support/engines.js';
import { createDeployment, createOrganisation, freshEmail, idle, join, type Place } from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';

interface Entry {
  key: string;
  state: string;
  attempts: number;
  nextTryAt: string | null;
  error: string | null;
  errorCode: string | null;
  isRetryable: boolean;
}

describeOnEngines('the outbox for operators', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  beforeEach(() => {
    server.smtp.refuse((to) => (to.startsWith('later') ? 451 : to.startsWith('never') ? 550 : null));
  });
  afterAll(async () => {
    await server.close();
  });

  const invited = async (...emails: string[]): Promise<void> => {
    await server.admin.post(`${place.path}/staff-invitations`, { emails, role: 'contributor' }).expect(201);
    await idle(server);
  };
  const listed = async (
    state: string,
    more = '',
  ): Promise<{ items: Entry[]; total: number; nextCursor: string | null }> =>
    (await server.admin.get(`/v1/outbox?state=${state}&total=true${more}`).expect(200)).body;
  const stateIn = async (key: string): Promise<{ state: string; attempts: number }> =>
    (
      await sql<{ state: string; attempts: number }>`select state, attempts from outbox where key = ${key}`.execute(
        server.database.kysely(),
      )
    ).rows[0]!;

  it('lists dead letters and mails that wait for another attempt, with their error and without their address', async () => {
    const [never, later] = [freshEmail('never'), freshEmail('later')];
    await invited(never, later, freshEmail());
    const [dead, retrying] = [await listed('failed'), await listed('retrying')];
    expect(dead.items).toEqual([
      expect.objectContaining({ error: 'mail-refused', errorCode: '550', nextTryAt: null, isRetryable: true }),
    ]);
    expect(retrying.items).toEqual([
      expect.objectContaining({ error: 'mail-refused', errorCode: '451', isRetryable: true }),
    ]);
    expect(retrying.items[0]!.attempts).toBeGreaterThan(0);
    expect(Date.parse(retrying.items[0]!.nextTryAt!)).toBeGreaterThan(Date.now() - 60_000);
    const texts = JSON.stringify([dead, retrying]);
    for (const email of [never, later]) expect(texts).not.toContain(email);
  });

  it('lists reminders as due later, page by page', async () => {
    await invited(freshEmail(), freshEmail());
    const first = await listed('scheduled', '&limit=1');
    const second = await listed('scheduled', `&limit=1&cursor=${first.nextCursor!}`);
    expect(first.total).toBeGreaterThanOrEqual(2);
    expect(second.items[0]!.key).not.toBe(first.items[0]!.key);
    expect(first.items[0]).toMatchObject({ state: 'scheduled', attempts: 0, error: null, isRetryable: false });
  });

  it('sends a dead letter again, once, with all its attempts', async () => {
    const email = freshEmail('never');
    await invited(email);
    const { items, total } = await listed('failed');
    const { key } = items[0]!;
    server.smtp.refuse(() => null);
    await server.admin.post(`/v1/outbox/${key}/retry`).expect(204);
    await server.smtp.mailTo(email);
    await waitFor('a sent mail', async () => (await stateIn(key)).state === 'sent');
    expect(await stateIn(key)).toEqual({ state: 'sent', attempts: 1 });
    expect((await listed('failed')).total).toBe(total - 1);
    expect(server.smtp.to(email)).toHaveLength(1);
  });

  it('tries a mail at once that waits for another attempt, and twice at the same moment is once', async () => {
    const email = freshEmail('later');
    await invited(email);
    const { items } = await listed('retrying');
    const { key } = items[0]!;
    server.smtp.refuse((to) => (to === email ? null : 451));
    const answers = await Promise.all([1, 2, 3].map(async () => server.admin.post(`/v1/outbox/${key}/retry`)));
    await server.smtp.mailTo(email);
    await waitFor('a sent mail', async () => (await stateIn(key)).state === 'sent');
    // A call after the mail was sent is refused.
    for (const { status } of answers) expect([204, 409]).toContain(status);
    expect(answers.map(({ status }) => status)).toContain(204);
    expect(server.smtp.to(email)).toHaveLength(1);
  });

  it('refuses mails that were sent or are due later, and unknown ones', async () => {
    const email = freshEmail();
    await invited(email);
    await waitFor('a sent mail', async () => server.smtp.to(email).length === 1);
    const { rows } = await sql<{
      key: string;
    }>`select key from outbox where state = 'sent' order by at desc limit 1`.execute(server.database.kysely());
    const { items } = await listed('scheduled');
    for (const key of [rows[0]!.key, items[0]!.key]) {
      const before = await stateIn(key);
      expect((await server.admin.post(`/v1/outbox/${key}/retry`).expect(409)).body.code).toBe('mail-not-retryable');
      expect(await stateIn(key)).toEqual(before);
    }
    expect((await server.admin.post(`/v1/outbox/${randomUUID()}/retry`).expect(404)).body.code).toBe('not-found');
  });

  it('is for super-admins alone, as the instances are', async () => {
    const owner = await join(server, place, 'organisation-owner');
    const support = await join(server, { id: 'platform', path: '/v1/platform' }, 'support');
    await createDeployment(server, place);
    for (const { api } of [owner, support]) {
      await api.get('/v1/outbox').expect(403);
      await api.post(`/v1/outbox/${randomUUID()}/retry`).expect(403);
      await api.get('/v1/instances').expect(403);
    }
    const { body } = await server.admin.get('/v1/instances').expect(200);
    expect(body.items).toEqual([expect.objectContaining({ isLeader: true, isAnswering: true })]);
    const { body: models } = await server.admin.get('/v1/projections').expect(200);
    const list = models.items.find(({ name }: { name: string }) => name === 'invitation-list');
    expect(list).toMatchObject({ isRebuildable: true, lagSeconds: expect.any(Number) });
    expect(models.logPosition).toEqual(expect.any(String));
  });
});
