import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { TestClock } from '../../support/test-clock.js';
import {
  createDeployment,
  createOrganisation,
  invite,
  join,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { formsIn, headingOf, Visitor } from '../portal/portal-support.js';

describeOnOneEngine("a person's own invitations", (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let home: Place;
  let ann: Member;
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, {}, { clock });
    home = await createOrganisation(server, 'Home');
  });
  beforeEach(async () => {
    ann = await join(server, home, 'contributor');
  });
  afterAll(async () => {
    await server.close();
  });

  const to = async (place: Place, { email } = ann, extra: object = {}, by: Api = server.admin): Promise<string> => {
    const { body, headers } = await by
      .post(`${place.path}/staff-invitations`, { emails: [email], role: 'contributor', ...extra })
      .expect(201);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
    return body.results[0].invitationId;
  };
  const list = async (api = ann.api) => (await api.get('/v1/me/invitations').expect(200)).body.items;
  const answer = (id: string, what: 'accept' | 'decline', api = ann.api) =>
    api.post(`/v1/me/invitations/${id}/${what}`);
  const refused = async (call: ReturnType<Api['post']>, status: number, code: string) => {
    expect((await call.expect(status)).body.code).toBe(code);
  };

  async function acceptances(membershipId: string): Promise<number> {
    const history = await server.running.app.get(EventStore).read(`staff-${membershipId}`);
    return history.filter(({ type }) => type === 'InvitationAccepted').length;
  }

  it('are listed with scope, grant, inviter and message, to the invitee alone', async () => {
    const organisation = await createOrganisation(server);
    const deployment = await createDeployment(server, organisation);
    const first = await to(organisation);
    const second = await to(deployment, ann, { role: 'admin', message: 'Hello Ann', expiresIn: '24h' });
    expect(await list()).toEqual([
      expect.objectContaining({
        id: second,
        kind: 'staff',
        email: ann.email,
        role: 'admin',
        roleName: 'Admin',
        state: 'pending',
        issue: 1,
        message: 'Hello Ann',
        scope: { kind: 'deployment', id: deployment.id, name: 'Cohort A' },
        organisation: { id: organisation.id, name: 'Riverside Hospital' },
        invitedBy: { name: 'First Administrator' },
      }),
      expect.not.objectContaining({ message: expect.anything() }),
    ]);
    expect((await list())[1]).toMatchObject({ id: first, organisation: { id: organisation.id } });
    const other = await join(server, home, 'contributor');
    expect(await list(other.api)).toEqual([]);
    for (const what of ['accept', 'decline'] as const) {
      await refused(answer(first, what, other.api), 404, 'not-found');
      await refused(answer(first, what, server.admin), 404, 'not-found');
    }
  });

  it('are listed page by page, each once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await to(await createOrganisation(server)));
    const seen: string[] = [];
    for (let cursor = ''; seen.length < 10;) {
      const { body } = await ann.api.get(`/v1/me/invitations?limit=1${cursor}`).expect(200);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(ids.reverse());
  });

  it('make a member once, so a second acceptance changes nothing and declining is 410', async () => {
    const organisation = await createOrganisation(server);
    const id = await to(organisation);
    const { body } = await answer(id, 'accept').expect(200);
    expect(body).toEqual({
      kind: 'staff',
      scope: { kind: 'organisation', id: organisation.id, name: 'Riverside Hospital' },
      membershipId: expect.any(String),
    });
    expect(await list()).toEqual([]);
    expect((await answer(id, 'accept').expect(200)).body).toEqual(body);
    expect(await acceptances(body.membershipId)).toBe(1);
    await refused(answer(id, 'decline'), 410, 'invitation-accepted');
    await ann.api.get(organisation.path).expect(200);
  });

  it('make one member if they are accepted by id and by link at the same moment', async () => {
    const organisation = await createOrganisation(server);
    const { id, token } = await invite(server, server.admin, organisation, ann.email, 'contributor');
    const answers = await Promise.all([
      answer(id, 'accept'),
      ann.api.post(`/v1/invitations/${token}/accept`),
      answer(id, 'accept'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.membershipId)).size).toBe(1);
    expect(await acceptances(answers[0].body.membershipId)).toBe(1);
  });

  it('that ended or were superseded are refused with the codes of their links', async () => {
    const declined = await to(await createOrganisation(server));
    await answer(declined, 'decline').expect(204);
    await refused(answer(declined, 'decline'), 410, 'invitation-declined');
    await refused(answer(declined, 'accept'), 410, 'invitation-declined');
    const revoked = await to(await createOrganisation(server));
    await server.admin.delete(`/v1/staff-invitations/${revoked}`).expect(204);
    expect(await list()).toEqual([]);
    await refused(answer(revoked, 'accept'), 410, 'invitation-revoked');
    const place = await createOrganisation(server);
    const over = await to(place, ann, { expiresIn: '24h' });
    clock.advance(86_400_000);
    expect(await list()).toEqual([]);
    await refused(answer(over, 'accept'), 410, 'invitation-expired');
    await refused(answer(over, 'decline'), 410, 'invitation-expired');
    const next = await to(place);
    await refused(answer(over, 'accept'), 410, 'invitation-superseded');
    const { headers } = await server.admin.post(`/v1/staff-invitations/${next}/resend`, {}).expect(200);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
    expect(await list()).toEqual([expect.objectContaining({ id: next, issue: 3 })]);
    await answer(next, 'accept').expect(200);
  });

  it('need an inviter who is still authorised', async () => {
    const inviter = await join(server, home, 'admin');
    const place = await createDeployment(server, home);
    const id = await to(place, ann, { role: 'admin' }, inviter.api);
    await server.admin.delete(`/v1/staff/${inviter.membershipId}`).expect(204);
    await refused(answer(id, 'accept'), 409, 'inviter-lost-authority');
    expect(await list()).toEqual([expect.objectContaining({ id })]);
  });

  it('are answered on the start page, by a form of this site alone', async () => {
    const [accepted, declined] = [
      await createOrganisation(server, 'Yes & Co'),
      await createOrganisation(server, 'No & Co'),
    ];
    const yes = await to(accepted, ann, { message: 'Do <b>come</b>' });
    const no = await to(declined);
    const visitor = new Visitor(server.url);
    expect((await visitor.submit(`/me/invitations/${yes}/accept`)).headers['location']).toBe('/sign-in');
    await visitor.submit('/sign-in', { email: ann.email, password: PASSWORD });
    const { text } = await visitor.get('/');
    for (const words of [
      'Your invitations',
      'Yes &amp; Co',
      'No &amp; Co',
      'invited by First Administrator',
      'Do &lt;b&gt;come&lt;/b&gt;',
      `action="/me/invitations/${yes}/accept"`,
    ])
      expect(text).toContain(words);
    expect((await visitor.submit(`/me/invitations/${yes}/accept`, {}, { Origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await visitor.submit(`/me/invitations/${yes}/accept`)).headers['location']).toBe('/');
    const asked = await visitor.submit(`/me/invitations/${no}/decline`);
    expect([asked.status, headingOf(asked.text), formsIn(asked.text)]).toEqual([
      200,
      'Decline the invitation to No & Co?',
      [[`/me/invitations/${no}/decline`, { confirmed: 'yes' }]],
    ]);
    // With this policy browsers name the origin over plain HTTP too, so the confirmation is accepted.
    expect(asked.headers['referrer-policy']).toBe('same-origin');
    expect((await visitor.get('/')).text).toContain(`action="/me/invitations/${no}/decline"`);
    expect(
      (await visitor.submit(`/me/invitations/${no}/decline`, { confirmed: 'yes' }, { Origin: 'https://evil.example' }))
        .status,
    ).toBe(403);
    expect((await visitor.submit(`/me/invitations/${no}/decline`, { confirmed: 'yes' })).headers['location']).toBe('/');
    const after = (await visitor.get('/')).text;
    expect(after).not.toContain('Your invitations');
    expect([after.includes('Yes &amp; Co'), after.includes('No &amp; Co')]).toEqual([true, false]);
    const again = await visitor.submit(`/me/invitations/${no}/decline`);
    expect([again.status, headingOf(again.text)]).toEqual([410, 'This invitation was declined']);
    for (const id of ['nothing', '0b6f1e0a-5c43-4bd5-9a43-5b8f6f1f0c11']) {
      for (const step of ['accept', 'decline'])
        expect((await visitor.submit(`/me/invitations/${id}/${step}`)).status).toBe(404);
    }
    const admin = new Visitor(server.url);
    await admin.submit('/sign-in', ADMIN);
    expect((await admin.submit(`/me/invitations/${yes}/accept`)).status).toBe(404);
  });
});
