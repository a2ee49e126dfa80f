import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { describeOnEngines } from '../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { createDeployment, createOrganisation, freshEmail, join, idle, type Place } from '../support/scenarios.js';

/** The number of calls that are sent at the same time with one key. */
const AT_ONCE = 20;
const ADDRESSES = 200;

describeOnEngines('Idempotency-Key', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let path: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    path = `${organisation.path}/staff-invitations`;
  });
  afterAll(async () => {
    await server.close();
  });

  const post = (to: string, body: object | undefined, key: string, by: Api = server.admin) =>
    by.post(to, body).set('Idempotency-Key', key);
  const invitation = (emails = [freshEmail()]) => ({ emails, role: 'contributor' });
  const essence = ({ status, text, headers }: Response) => ({ status, text, position: headers['event-position'] });
  const replayed = ({ headers }: Response): boolean => headers['idempotency-replayed'] === 'true';

  async function events(): Promise<number> {
    return (await server.events()).length;
  }

  it('with the same body gives the same answer, with one effect and one mail', async () => {
    const body = invitation();
    const key = randomUUID();
    const first = await post(path, body, key).expect(201);
    const after = await events();
    const again = await post(path, body, key).expect(201);
    expect(essence(again)).toEqual(essence(first));
    expect([first, again].map(replayed)).toEqual([false, true]);
    expect(first.body.results).toMatchObject([{ outcome: 'invited' }]);
    expect(await events()).toBe(after);
    await idle(server);
    expect(server.smtp.to(body.emails[0]!)).toHaveLength(1);
  });

  it('is good for the same address with the id in other letters', async () => {
    const [body, key] = [invitation(), randomUUID()];
    const first = await post(path, body, key).expect(201);
    const again = await post(path.replace(organisation.id, organisation.id.toUpperCase()), body, key).expect(201);
    expect([essence(again), replayed(again)]).toEqual([essence(first), true]);
  });

  it('ignores the order of fields, and takes no body as an empty object', async () => {
    const [email, key, other] = [freshEmail(), randomUUID(), randomUUID()];
    const first = await post(path, { emails: [email], role: 'contributor' }, key).expect(201);
    const again = await post(path, { role: 'contributor', emails: [email] }, key).expect(201);
    expect(essence(again)).toEqual(essence(first));
    const { path: deployment } = await createDeployment(server, organisation);
    await post(`${deployment}/archive`, undefined, other).expect(200);
    expect(replayed(await post(`${deployment}/archive`, {}, other).expect(200))).toBe(true);
  });

  it('with another body is refused after any first call', async () => {
    const key = randomUUID();
    await post(path, invitation(), key).expect(201);
    const after = await events();
    for (const body of [invitation(), {}, { nonsense: 1 }]) {
      const refused = await post(path, body, key).expect(422);
      expect(refused.body).toMatchObject({ code: 'idempotency-key-reused', status: 422 });
      expect(refused.headers['event-position']).toBeUndefined();
    }
    expect(await events()).toBe(after);
  });

  it('of another caller or on another route is another key', async () => {
    const { api: owner } = await join(server, organisation, 'organisation-owner');
    const { path: deployment } = await createDeployment(server, organisation);
    const [key, body] = [randomUUID(), invitation()];
    const answers = [
      await post(path, body, key).expect(201),
      await post(path, body, key, owner).expect(201),
      await post(`${deployment}/staff-invitations`, body, key).expect(201),
      await post(`${(await createDeployment(server, organisation)).path}/staff-invitations`, body, key).expect(201),
    ];
    expect(answers.map(replayed)).toEqual([false, false, false, false]);
    expect(answers.map((answer) => answer.body.results[0].outcome)).toEqual([
      'invited',
      'already-pending',
      'invited',
      'invited',
    ]);
  });

  it(`sent ${String(AT_ONCE)} times at once has one effect and one answer`, async () => {
    const emails = Array.from({ length: ADDRESSES }, () => freshEmail('at-once'));
    const [key, body, before] = [randomUUID(), invitation(emails), await events()];
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, async () => post(path, body, key).expect(201)));
    expect(new Set(answers.map((answer) => JSON.stringify(essence(answer)))).size).toBe(1);
    expect(answers.filter((answer) => !replayed(answer))).toHaveLength(1);
    expect(answers[0]!.body.summary).toMatchObject({ invited: ADDRESSES, 'already-pending': 0 });
    // The batch of the call has a first and a last event.
    expect(await events()).toBe(before + ADDRESSES + 2);
  });

  it('sent at once with different bodies works for one of them', async () => {
    const [key, before] = [randomUUID(), await events()];
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => post('/v1/organisations', { name: `One of ten ${String(n)}` }, key)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(422)]);
    expect(await events()).toBe(before + 1);
  });

  it('makes one organisation, one deployment and one new link', async () => {
    const [key, before] = [randomUUID(), await events()];
    const made = await Promise.all(
      [1, 2, 3].map(async () => post('/v1/organisations', { name: 'Only one' }, key).expect(201)),
    );
    const below = await Promise.all(
      [1, 2, 3].map(async () =>
        post(`/v1/organisations/${String(made[0]!.body.id)}/deployments`, { name: 'Only one' }, key).expect(201),
      ),
    );
    expect([new Set(made.map(({ text }) => text)).size, new Set(below.map(({ text }) => text)).size]).toEqual([1, 1]);
    const email = freshEmail();
    const { body } = await server.admin.post(path, invitation([email])).expect(201);
    const resent = await Promise.all(
      [1, 2, 3].map(async () =>
        post(`/v1/staff-invitations/${String(body.results[0].invitationId)}/resend`, {}, key).expect(200),
      ),
    );
    expect(resent.map((answer) => answer.body.issue)).toEqual([2, 2, 2]);
    expect(await events()).toBe(before + 4);
  });

  it('of a refused call is free again, also for another body', async () => {
    const { path: deployment } = await createDeployment(server, organisation);
    const { api: contributor } = await join(server, organisation, 'contributor');
    const key = randomUUID();
    await post(`${deployment}/staff-invitations`, { emails: [] }, key).expect(400);
    await post(`${deployment}/staff-invitations`, { ...invitation(['no address']), mode: 'atomic' }, key).expect(422);
    await post(`${deployment}/staff-invitations`, invitation(), key, contributor).expect(403);
    await server.admin.post(`${deployment}/archive`).expect(200);
    const body = invitation();
    expect((await post(`${deployment}/staff-invitations`, body, key).expect(409)).body.code).toBe('scope-archived');
    await server.admin.post(`${deployment}/restore`).expect(200);
    const answer = await post(`${deployment}/staff-invitations`, body, key).expect(201);
    expect([replayed(answer), answer.body.summary.invited]).toEqual([false, 1]);
  });

  it('gives the kept answer to a signed-in caller only', async () => {
    const [key, body] = [randomUUID(), { name: 'Signed out' }];
    const { token } = (
      await server.anonymous
        .post('/v1/auth/sign-in/email', { email: 'root@rolecall.test', password: 'correct horse battery' })
        .expect(200)
    ).body as { token: string };
    const api = server.signedIn(token);
    await post('/v1/organisations', body, key, api).expect(201);
    await api.post('/v1/auth/sign-out').expect(204);
    expect((await post('/v1/organisations', body, key, api).expect(401)).body.code).toBe('unauthenticated');
    await post('/v1/organisations', body, key, server.anonymous).expect(401);
    expect(replayed(await post('/v1/organisations', body, key).expect(201))).toBe(true);
  });

  it.each(['', 'x'.repeat(256), 'tab\there', 'ümlaut'])('is refused when it is invalid: %p', async (key) => {
    const { body } = await post(path, invitation(), key).expect(400);
    expect(body).toMatchObject({ code: 'invalid-input', errors: [{ field: 'Idempotency-Key' }] });
  });

  it.each(['k', 'x'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 'with spaces, commas; and ~'])(
    'may be any printable text: %p',
    async (key) => {
      const body = invitation();
      await post(path, body, key).expect(201);
      expect(replayed(await post(path, body, key).expect(201))).toBe(true);
    },
  );

  it('is ignored where it has no meaning', async () => {
    await server.admin.get(path).set('Idempotency-Key', '').expect(200);
    await server.admin.patch(organisation.path, { name: 'Renamed' }).set('Idempotency-Key', '').expect(200);
    const { token } = (
      await server.anonymous
        .post('/v1/auth/sign-in/email', { email: 'root@rolecall.test', password: 'correct horse battery' })
        .set('Idempotency-Key', '')
        .expect(200)
    ).body as { token: string };
    expect(token).toMatch(/\S{20}/);
  });

  it('is refused with a body that cannot be compared with another one', async () => {
    const body = `{"emails":${'['.repeat(200_000)}${']'.repeat(200_000)},"role":"contributor"}`;
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${server.admin.token!}`,
      'idempotency-key': randomUUID(),
    };
    const answer = await fetch(server.url + path, { method: 'POST', body, headers });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'invalid-input']);
  });
});
