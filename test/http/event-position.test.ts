import { randomUUID } from 'node:crypto';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { PositionTokens } from '../../src/shared/http/positions/event-position.js';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  makePatientLink,
  withPlaceElsewhere,
  type Place,
} from '../support/scenarios.js';
import { send } from './calling.js';
import { readOperations } from './openapi.js';

const ROUNDS = 40;
/** The addresses of one call: one batch for the read models, which takes them longer than a read. */
const MANY = 300;

describeOnOneEngine('Event-Position', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const positionOf = ({ headers }: { headers: unknown }): string =>
    (headers as Record<string, string>)['event-position']!;
  const stored = (token: string): string => server.running.app.get(PositionTokens).positionIn(token)!;
  /** The token of a position that is further on, in any store. */
  const onwards = (token: string, by: bigint): string =>
    server.running.app
      .get(PositionTokens)
      .tokenOf(stored(token).replaceAll(/\d+/g, (number) => String(BigInt(number) + by)));

  it('lets a read that names it see the write each time', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `Round ${round}`;
      const edited = await send(server, {
        method: 'PATCH',
        path: organisation.path,
        token: server.admin.token,
        body: { name },
      });
      const headers = { 'min-event-position': edited.headers.get('event-position')! };
      const { body } = await send(server, {
        method: 'GET',
        path: '/v1/organisations',
        token: server.admin.token,
        headers,
      });
      expect(body.items.find((item: { id: string }) => item.id === organisation.id).name).toBe(name);
    }
  });

  it('of an acceptance or a removal is enough to see it in lists and in decisions of read models', async () => {
    const email = freshEmail();
    const { token } = await invite(server, server.admin, organisation, email, 'contributor');
    const accepted = await server.anonymous
      .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD })
      .expect(200);
    const { api } = await withPlaceElsewhere(server, { email, api: await server.signIn(email) });
    const own = await api.after(positionOf(accepted), '/v1/organisations').expect(200);
    const namedBy = ({ body }: { body: { items: { id: string }[] } }) => body.items.map(({ id }) => id);
    expect(namedBy(own)).toContain(organisation.id);
    const removed = await server.admin.delete(`/v1/staff/${accepted.body.membershipId}`).expect(204);
    expect(namedBy(await api.after(positionOf(removed), '/v1/organisations').expect(200))).not.toContain(
      organisation.id,
    );
    await api.after(positionOf(removed), organisation.path).expect(404);
  });

  it('of a write that changes nothing covers what it found, and shows no writes of others', async () => {
    const before = await server.admin.patch(organisation.path, { name: 'Unchanged' }).expect(200);
    const unchanged = await server.admin.patch(organisation.path, { name: 'Unchanged' }).expect(200);
    expect(
      server.running.app.get(EventStore).comparePositions(stored(positionOf(unchanged)), stored(positionOf(before))),
    ).toBeGreaterThanOrEqual(0);
    const list = await server.admin.after(positionOf(unchanged), '/v1/organisations').expect(200);
    expect(list.body.items.map(({ name }: { name: string }) => name)).toContain('Unchanged');
    await server.admin.post('/v1/organisations', { name: 'Of others' }).expect(201);
    const later = await server.admin.patch(organisation.path, { name: 'Unchanged' }).expect(200);
    expect([positionOf(unchanged), positionOf(later)]).toEqual([positionOf(before), positionOf(before)]);
  });

  it('is missing after a write that stored nothing and found nothing of its own', async () => {
    const [email, role] = [freshEmail(), 'contributor'];
    const invitations = `${organisation.path}/staff-invitations`;
    const first = await server.admin.post(invitations, { emails: [email], role }).expect(201);
    const silent = [
      await server.admin.post(invitations, { emails: [email], role }).expect(201),
      await server.admin.post(invitations, { emails: [email, freshEmail()], role, dryRun: true }).expect(201),
      await server.admin.post(invitations, { emails: ['nobody'], role }).expect(201),
      await server.admin
        .post(invitations, { emails: [email], role })
        .set('Idempotency-Key', randomUUID())
        .expect(201),
      await server.anonymous.post('/v1/auth/password-reset', { email: freshEmail() }).expect(202),
    ];
    expect(positionOf(first)).toEqual(expect.any(String));
    expect(silent.map(positionOf)).toEqual(silent.map(() => undefined));
  });

  it('of a repeated call is that of the first call', async () => {
    const key = randomUUID();
    const invite = async () =>
      server.admin
        .post(`${organisation.path}/staff-invitations`, { emails: ['repeated@example.test'], role: 'contributor' })
        .set('Idempotency-Key', key)
        .expect(201);
    const first = await invite();
    await server.admin.post('/v1/organisations', { name: 'Of others, between' }).expect(201);
    expect(positionOf(first)).toEqual(expect.any(String));
    expect(positionOf(await invite())).toBe(positionOf(first));
  });

  it('is missing from pages', async () => {
    const link = await makePatientLink(server.admin, await createDeployment(server, organisation));
    const answers = await Promise.all([
      fetch(`${server.url}/join/${link.token}`, { method: 'POST', body: new URLSearchParams({ email: freshEmail() }) }),
      fetch(`${server.url}/sign-in`, {
        method: 'POST',
        body: new URLSearchParams({ email: ADMIN.email, password: ADMIN.password }),
        redirect: 'manual',
      }),
    ]);
    expect(answers.map(({ status, headers }) => [status, headers.get('event-position')])).toEqual([
      [200, null],
      [303, null],
    ]);
  });

  it("of a write is that of the write's own last event, also among other writes", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        server.admin.post('/v1/organisations', { name: `Beside ${index}` }).expect(201),
      ),
    );
    expect(new Set(answers.map(positionOf)).size).toBe(answers.length);
  });

  it('is missing after reads and refused calls', async () => {
    const answers = [
      await server.admin.get(organisation.path).expect(200),
      await server.admin.patch(organisation.path, { name: '' }).expect(400),
      await server.admin.patch(`/v1/organisations/${randomUUID()}`, { name: 'x' }).expect(404),
    ];
    expect(answers.map(positionOf)).toEqual([undefined, undefined, undefined]);
  });

  it('shows nothing of how much others store, because callers can neither read nor make it', async () => {
    const tokens = (
      await Promise.all(
        Array.from({ length: 5 }, async (_, index) =>
          server.admin.post('/v1/organisations', { name: `Told ${index}` }).expect(201),
        ),
      )
    ).map(positionOf);
    for (const token of tokens) {
      expect([token.length, Buffer.from(token, 'base64url').toString('latin1').includes(stored(token))]).toEqual([
        tokens[0]!.length,
        false,
      ]);
      await server.admin.after(stored(token), organisation.path).expect(400);
      const bytes = Buffer.from(token, 'base64url');
      for (const at of [0, 15, 16, bytes.length - 1]) {
        const bent = Buffer.from(bytes);
        bent[at]! ^= 1;
        await server.admin.after(bent.toString('base64url'), organisation.path).expect(400);
      }
    }
  });

  it.each(['', 'garbage', '-1', '1.5', '1e3', '0x10', '1, 2', '9'.repeat(19), '9'.repeat(40), randomUUID()])(
    'is refused when it is invalid: %p',
    async (position) => {
      const { body } = await server.admin.after(position, organisation.path).expect(400);
      expect(body).toMatchObject({ code: 'invalid-input', errors: [{ field: 'Min-Event-Position' }] });
    },
  );

  it('beyond the log is refused as read-model-behind after a wait, before permissions are checked', async () => {
    const member = await join(server, organisation, 'contributor');
    const { headers } = await server.admin.patch(organisation.path, {}).expect(200);
    const beyond = onwards(headers['event-position']!, 1_000_000n);
    const started = performance.now();
    const answers = await Promise.all([
      server.admin.after(beyond, organisation.path),
      member.api.after(beyond, `${organisation.path}/staff`),
      server.admin.post('/v1/organisations', { name: 'Too early' }).set('Min-Event-Position', beyond),
    ]);
    const seconds = (performance.now() - started) / 1000;
    expect(answers.map(({ status, body }) => `${status} ${String(body.code)}`)).toEqual(
      Array(3).fill('503 read-model-behind'),
    );
    expect(answers.map((answer) => Number(answer.headers['retry-after']) >= 1)).toEqual([true, true, true]);
    expect(seconds).toBeGreaterThan(4.9);
    expect(seconds).toBeLessThan(8);
    const list = await server.admin.get('/v1/organisations?limit=200').expect(200);
    expect(JSON.stringify(list.body)).not.toContain('Too early');
  });

  it('delays no caller of a public route, valid or not', async () => {
    const { headers } = await server.admin.patch(organisation.path, {}).expect(200);
    const beyond = onwards(headers['event-position']!, 1_000_000n);
    const started = performance.now();
    for (const position of [beyond, 'garbage']) {
      for (const api of [server.anonymous, server.admin]) {
        await api.after(position, '/v1/invitations/forged').expect(404);
        await api.after(position, '/health/live').expect(200);
        await api.after(position, '/sign-in');
        await api
          .post('/v1/auth/sign-in/email', { email: 'nobody@example.org', password: 'x' })
          .set('Min-Event-Position', position)
          .expect(401);
      }
      await server.anonymous.after(position, organisation.path).expect(401);
    }
    expect(performance.now() - started).toBeLessThan(4900);
  });

  it('is documented for every route that honours it', async () => {
    const operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    const documented = operations.filter(({ parameters }) =>
      parameters.some(({ name }) => name === 'Min-Event-Position'),
    );
    expect(documented.map(({ id }) => id)).toEqual(operations.filter(({ open }) => !open).map(({ id }) => id));
  });

  it('ahead of the read models is answered as soon as they reach it', async () => {
    const { headers } = await server.admin.patch(organisation.path, { name: 'The last change' }).expect(200);
    const next = onwards(headers['event-position']!, 1n);
    const waiting = server.admin.after(next, '/v1/organisations?limit=200').then((answer) => answer);
    const written = await server.admin.post('/v1/organisations', { name: 'Awaited' }).expect(201);
    const { status, body } = await waiting;
    expect({ status, there: body.items.some(({ id }: { id: string }) => id === written.body.id) }).toEqual({
      status: 200,
      there: true,
    });
  });

  it('lets a read see all of a large write', async () => {
    const emails = Array.from({ length: MANY }, () => freshEmail('many'));
    const invited = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails, role: 'contributor' })
      .expect(201);
    const reads = [emails[0]!, emails.at(-1)!].map(async (email) =>
      server.admin.after(positionOf(invited), `${organisation.path}/staff-invitations?q=${email}`).expect(200),
    );
    expect((await Promise.all(reads)).map(({ body }) => body.items.length)).toEqual([1, 1]);
  });
});
