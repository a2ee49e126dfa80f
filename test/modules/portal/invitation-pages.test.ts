import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { CATEGORIES } from '../../../src/bootstrap/event-shapes.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  idle,
  invite,
  invitePatient,
  join,
  type Place,
} from '../../support/scenarios.js';
import { waitFor } from '../../support/wait-for.js';
import { formsIn, headingOf, Visitor } from './portal-support.js';

const MESSAGE = 'Hello <b>you</b>,\nwelcome';

describeOnOneEngine('the page behind a link', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  const head = async () => server.running.app.get(EventStore).head(CATEGORIES);
  const newVisitor = (headers: Record<string, string> = {}) => new Visitor(server.url, headers);
  const offer = async (email = freshEmail(), extra: object = {}) => {
    const before = server.smtp.to(email).length;
    const { body } = await server.admin
      .post(`${place.path}/staff-invitations`, { emails: [email], role: 'contributor', ...extra })
      .expect(201);
    const { token } = await server.smtp.mailTo(email, before + 1);
    return { email, token, path: `/invitations/${token}`, id: String(body.results[0].invitationId) };
  };
  const signedIn = async (email: string) => {
    const visitor = newVisitor();
    const { status } = await visitor.submit('/sign-in', { email, password: PASSWORD });
    expect(status).toBe(303);
    return visitor;
  };

  it('shows the offer, and changes nothing when a scanner reads it many times', async () => {
    const { path, email } = await offer(undefined, { message: MESSAGE });
    const before = await head();
    for (let look = 0; look < 3; look += 1) {
      const { status, text, headers } = await newVisitor().get(path);
      expect(status).toBe(200);
      expect(headingOf(text)).toBe('First Administrator invites you to Riverside Hospital');
      expect(text).toContain('Contributor');
      expect(text).toContain(email);
      expect(text).toContain('Hello &lt;b&gt;you&lt;/b&gt;,\nwelcome');
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-type': 'text/html; charset=utf-8',
      });
      expect(headers['set-cookie']).toBeUndefined();
    }
    expect(await head()).toBe(before);
  });

  it('says what the role may do and which policies hold, before anything is accepted', async () => {
    const { path, token } = await offer(undefined, { role: 'contributor' });
    const bare = (await newVisitor().get(path)).text;
    expect(bare).toContain('<li>contact patients</li>');
    expect(bare).not.toContain('Please read:');
    await server.admin.patch(place.path, { privacyPolicyUrl: 'https://riverside.example/privacy' }).expect(200);
    expect((await newVisitor().get(path)).text).toContain('href="https://riverside.example/privacy"');
    // A deployment's own policy goes before that of its organisation.
    const cohort = await createDeployment(server, place);
    await server.admin.patch(cohort.path, { termsUrl: 'https://cohort.example/terms' }).expect(200);
    const patient = await invitePatient(server, server.admin, cohort, freshEmail('patient'));
    const { body } = await server.anonymous.get(`/v1/invitations/${patient.token}`).expect(200);
    expect(body).toMatchObject({
      privacyPolicyUrl: 'https://riverside.example/privacy',
      termsUrl: 'https://cohort.example/terms',
    });
    expect(body).not.toHaveProperty('permissions');
    const { body: staff } = await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
    expect(staff.permissions).toContain('patients.contact');
    await server.admin.patch(place.path, { privacyPolicyUrl: null }).expect(200);
  });

  it('accepts with a new account, welcomes the person and signs them in', async () => {
    const { path, email } = await offer();
    const visitor = newVisitor();
    const { headers } = await visitor.submit(`${path}/accept`, { name: 'Ben Example', password: PASSWORD });
    expect(headers['location']).toBe(`${path}/welcome`);
    // The welcome has an address of its own, so that a reload sends nothing again.
    for (let look = 0; look < 2; look += 1)
      expect(headingOf((await visitor.get(`${path}/welcome`)).text)).toBe('Welcome to Riverside Hospital');
    // It is for the new member alone.
    expect((await newVisitor().get(`${path}/welcome`)).headers['location']).toBe(path);
    const other = await signedIn((await join(server, place, 'contributor')).email);
    expect((await other.get(`${path}/welcome`)).status).toBe(404);
    const home = await visitor.get('/');
    expect(headingOf(home.text)).toBe('Ben Example');
    expect(home.text).toContain('Contributor');
    await server.signIn(email);
  });

  it.each([
    [{ name: '', password: PASSWORD }, ['name']],
    [{ name: 'Ben', password: 'short' }, ['password']],
    [{}, ['name', 'password']],
  ])(
    'shows the form again with every invalid field, and keeps the name: %j',
    async (fields: Record<string, string>, bad) => {
      const { path } = await offer();
      const before = await head();
      const { status, text } = await newVisitor().submit(`${path}/accept`, fields);
      expect(status).toBe(400);
      expect([...text.matchAll(/<li><a href="#(\w+)">/g)].map(([, field]) => field)).toEqual(bad);
      for (const field of bad)
        expect(text).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true" aria-describedby="[^"]*${field}-error`));
      if (fields['name']) expect(text).toContain(`value="${fields['name']}"`);
      expect(text).not.toContain('value="short"');
      expect(await head()).toBe(before);
    },
  );

  it('lets a person with an account sign in, come back and confirm', async () => {
    const { email } = await join(server, await createOrganisation(server, 'Elsewhere'), 'admin');
    const { path } = await offer(email);
    const visitor = newVisitor();
    expect((await visitor.get(path)).text).toContain('Sign in to accept');
    expect((await visitor.submit(`${path}/accept`, { name: 'Somebody', password: PASSWORD })).status).toBe(409);
    const wrong = await visitor.submit(`${path}/sign-in`, { password: 'not the right one' });
    expect([wrong.status, wrong.text.includes('This password is wrong')]).toEqual([401, true]);
    const right = await visitor.submit(`${path}/sign-in`, { password: PASSWORD });
    expect([right.status, right.headers['location']]).toEqual([303, path]);
    expect((await visitor.get(path)).text).toContain('Do you accept?');
    for (let time = 0; time < 2; time += 1)
      expect((await visitor.submit(`${path}/accept`)).headers['location']).toBe(`${path}/welcome`);
    expect(headingOf((await visitor.get(`${path}/welcome`)).text)).toBe('Welcome to Riverside Hospital');
  });

  it('refuses the session of another person, changes nothing, and offers to sign out', async () => {
    const other = await join(server, place, 'admin');
    const { path } = await offer();
    const visitor = await signedIn(other.email);
    expect((await visitor.get(path)).text).toContain(`you are signed in as ${other.email}`);
    const before = await head();
    for (const step of ['accept', 'decline']) {
      for (const confirmed of ['', 'yes']) {
        const { status, text } = await visitor.submit(`${path}/${step}`, { name: 'X', password: PASSWORD, confirmed });
        expect([status, text.includes('You are signed in as somebody else')]).toEqual([409, true]);
      }
    }
    expect(await head()).toBe(before);
    expect((await visitor.submit(`${path}/sign-out`)).headers['location']).toBe(path);
    expect(visitor.isSignedIn).toBe(false);
    expect((await visitor.get(path)).text).toContain('Accept with a new account');
  });

  it('declines only after a confirmation, because mail scanners press the buttons they see', async () => {
    const { path } = await offer();
    const before = await head();
    for (let press = 0; press < 3; press += 1) {
      const { status, text } = await newVisitor().submit(`${path}/decline`);
      expect([status, headingOf(text), formsIn(text)]).toEqual([
        200,
        'Decline the invitation to Riverside Hospital?',
        [[`${path}/decline`, { confirmed: 'yes' }]],
      ]);
      expect(text).toContain(`href="${path}"`);
    }
    expect([await head(), (await newVisitor().get(path)).status]).toEqual([before, 200]);
    const { status, text } = await newVisitor().submit(`${path}/decline`, { confirmed: 'yes' });
    expect([status, headingOf(text)]).toEqual([200, 'You have declined']);
    const again = await newVisitor().get(path);
    expect([again.status, headingOf(again.text)]).toEqual([410, 'This invitation was declined']);
  });

  it('gives the reason if the link is accepted, revoked, superseded or forged, as a page or as a problem document', async () => {
    const accepted = await offer();
    await newVisitor().submit(`${accepted.path}/accept`, { name: 'Ann', password: PASSWORD });
    const revoked = await offer();
    await server.admin.delete(`/v1/staff-invitations/${revoked.id}`).expect(204);
    const superseded = await offer();
    await server.admin.post(`/v1/staff-invitations/${superseded.id}/resend`, {}).expect(200);
    const forged = superseded.path.slice(0, -4) + 'AAAA';
    for (const [path, status, heading, code] of [
      [accepted.path, 410, 'This invitation was already accepted', 'invitation-accepted'],
      [revoked.path, 410, 'This invitation was withdrawn', 'invitation-revoked'],
      [superseded.path, 410, 'There is a newer link', 'invitation-superseded'],
      [forged, 404, 'There is no invitation at this link', 'invitation-not-found'],
    ] as const) {
      for (const answer of [
        await newVisitor().get(path),
        await newVisitor().submit(`${path}/accept`),
        await newVisitor().submit(`${path}/decline`),
        await newVisitor().submit(`${path}/decline`, { confirmed: 'yes' }),
      ]) {
        expect([answer.status, headingOf(answer.text)]).toEqual([status, heading]);
      }
      const { body } = await server.anonymous
        .get(path)
        .set('Accept', 'application/json')
        .expect(status)
        .expect('Content-Type', /problem\+json/);
      expect(body.code).toBe(code);
    }
  });

  it('says that the scope is archived before the person types anything', async () => {
    const closed = await createOrganisation(server, 'Closed');
    const { token } = await invite(server, server.admin, closed, freshEmail(), 'contributor');
    await server.admin.post(`${closed.path}/archive`).expect(200);
    const { status, text } = await newVisitor().get(`/invitations/${token}`);
    expect([status, headingOf(text)]).toEqual([409, 'This is archived at the moment']);
    await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
  });

  it('says that the inviter lost their authority, without a form, until an authorised person resends', async () => {
    const inviter = await join(server, place, 'admin');
    const { token, id } = await invite(server, inviter.api, place, freshEmail(), 'contributor');
    const path = `/invitations/${token}`;
    const looks = async () => {
      const page = await newVisitor().get(path);
      const { status, body } = await server.anonymous.get(`/v1${path}`);
      return {
        page: [page.status, headingOf(page.text), formsIn(page.text).length],
        api: [status, body.refusal ?? body.code],
      };
    };
    expect(await looks()).toEqual({
      page: [200, 'Name of admin invites you to Riverside Hospital', 2],
      api: [200, undefined],
    });
    const leavers = async () =>
      (await server.events()).filter(({ type, data }) => type === 'SessionEnded' && data['how'] === 'no-place').length;
    const leaversBefore = await leavers();
    await server.admin.delete(`/v1/staff/${inviter.membershipId}`).expect(204);
    // Their session ends with their last place, a moment later.
    await waitFor('the end of their session', async () => (await leavers()) > leaversBefore);
    await idle(server);
    const before = await head();
    expect(await looks()).toEqual({
      page: [409, 'This invitation needs to be sent again', 0],
      api: [200, 'inviter-lost-authority'],
    });
    for (const step of ['accept', 'sign-in'])
      expect((await newVisitor().submit(`${path}/${step}`, { name: 'Ann', password: PASSWORD })).status).toBe(409);
    expect(await head()).toBe(before);
    await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    expect((await looks()).api).toEqual([410, 'invitation-superseded']);
  });

  it('is in the language of the invitation, also after its end, and else in the browser’s', async () => {
    const { path, id } = await offer(undefined, { locale: 'de' });
    const english = newVisitor({ 'Accept-Language': 'en' });
    expect((await english.get(path)).text).toContain('<html lang="de">');
    await server.admin.delete(`/v1/staff-invitations/${id}`).expect(204);
    expect(headingOf((await english.get(path)).text)).toBe('Diese Einladung wurde zurückgezogen');
    expect(headingOf((await newVisitor({ 'Accept-Language': 'de' }).get('/invitations/nothing')).text)).toBe(
      'Dieser Link führt zu keiner Einladung',
    );
  });

  it('accepts without an origin, because no other site knows the link', async () => {
    const { email } = await join(server, await createOrganisation(server, 'Another'), 'admin');
    const { path } = await offer(email);
    const visitor = await signedIn(email);
    expect((await visitor.submit(`${path}/accept`, {}, {})).headers['location']).toBe(`${path}/welcome`);
  });

  it('is logged without its link', async () => {
    const { token } = await invite(server, server.admin, place, freshEmail(), 'contributor');
    await newVisitor().get(`/invitations/${token}`);
    await newVisitor().submit(`/invitations/${token}/accept`, { name: '', password: '' });
    await newVisitor().submit(`/invitations/${token}/decline`);
    await newVisitor().get(`/invitations/${token}`);
    const log = server.logs.join('');
    expect(log).toContain('"route":"/invitations/:token/decline","status":200');
    expect(log).not.toContain(token);
    expect(log).not.toContain(token.slice(0, 24));
  });
});
