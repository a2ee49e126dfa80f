import { sql } from 'kysely';
import request from 'supertest';
import { EventStore } from '../../../src/shared/event-store/event-store.js';
import { runInContext } from '../../../src/shared/event-store/request-context.js';
import { ResubscriptionReaction } from '../../../src/shared/invitations/resubscription.reaction.js';
import { describeOnEngines } from '../../support/engines.js';
import type { ReceivedMail } from '../../support/smtp.js';
import { TestClock } from '../../support/test-clock.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { until } from '../../support/until.js';
import { createOrganisation, freshEmail, inviteToGroup, join, joinGroup, makePatientLink, readModelsCaughtUp, settled, type Place } from '../../support/world.js';
import { limitsOn, PLATFORM_STAFF, type Invites } from '../limits/limits-support.js';

const DAY = 86_400_000;

/** The path of the unsubscribe link, as the header says it. */
function pathIn(mail: ReceivedMail, server: TestServer): string {
  const [, url] = /^<(.+)>$/.exec(mail.headers.get('list-unsubscribe') ?? '') ?? [];
  expect(url?.startsWith(`${server.url}/unsubscribe/`)).toBe(true);
  expect(mail.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  return url!.slice(server.url.length);
}

describeOnEngines('unsubscribing from invitations', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0' }, { clock });
  });
  afterAll(async () => { await server.close(); });
  const { places, inviting } = limitsOn(() => server);

  const everything = async (): Promise<number> => (await server.events()).length;
  const types = async (since: number): Promise<string[]> => (await server.events()).slice(since).map(({ type }) => type);
  const mailsTo = (email: string): number => server.smtp.to(email).length;
  const oneClick = (path: string) => request(server.url).post(path).type('form').send('List-Unsubscribe=One-Click');

  interface Invited { to: Invites; email: string; id: string; mail: ReceivedMail; path: string }

  async function invited(to: Invites, email = freshEmail('reader'), more: object = {}): Promise<Invited> {
    const before = mailsTo(email);
    const { body } = await inviting(to, [email], more).expect(201);
    const mail = await server.smtp.mailTo(email, before + 1);
    return { to, email, id: String(body.results[0].invitationId), mail, path: pathIn(mail, server) };
  }
  /** Invites somebody who gets no mail. */
  async function withheld(to: Invites, email: string): Promise<string> {
    const before = mailsTo(email);
    const { body } = await inviting(to, [email]).expect(201);
    expect(body.summary.invited).toBe(1);
    await settled(server);
    expect(mailsTo(email)).toBe(before);
    return String(body.results[0].invitationId);
  }
  async function mailState(to: Invites, id: string): Promise<string> {
    await readModelsCaughtUp(server);
    const { body: one } = await server.admin.get(`${to.one}/${id}`).expect(200);
    const { body: list } = await server.admin.get(to.path).expect(200);
    const listed = list.items.find((item: { id: string }) => item.id === id);
    expect(listed.mail).toEqual(one.mail);
    return one.mail.state;
  }
  const unsubscriptions = async (api: Api): Promise<{ id: string; organisation: { id: string } }[]> => (await api.get('/v1/me/unsubscriptions').expect(200)).body.items;
  async function accepted({ email, mail }: Invited): Promise<Api> {
    const { body } = await server.nobody.post(`/v1/invitations/${mail.token}/accept`, { name: 'Reader', password: PASSWORD }).expect(200);
    expect(email).toBeTruthy();
    return server.signedIn(body.token);
  }
  async function untilResubscribed(since: number): Promise<void> {
    await until('the end of an unsubscription', async () => (await types(since)).includes('MailResubscribed'));
    await readModelsCaughtUp(server);
  }

  it('is offered in the header of invitations and reminders, in every context, and by a link of its own', async () => {
    for (const to of [...(await places()), PLATFORM_STAFF]) {
      const { email, id, mail, path } = await invited(to, undefined, { expiresIn: '7d' });
      expect(path).not.toContain(mail.token);
      const { body } = await server.admin.get(`${to.one}/${id}`).expect(200);
      expect(new TestClock().now().getTime()).toBeLessThan(Date.parse(body.expiresAt));
      expect(server.smtp.to(email)).toHaveLength(1);
    }
    const [to] = await places();
    const reminded = await invited(to!);
    const { body } = await server.admin.get(`${to!.one}/${reminded.id}`).expect(200);
    clock.set(body.expiresAt, -2 * DAY);
    expect(pathIn(await server.smtp.mailTo(reminded.email, 2), server)).toBe(reminded.path);
  });

  it('is not offered in mails about what somebody is a member of', async () => {
    const [, , patients, group] = await places();
    const patient = await invited(patients!);
    const { body } = await server.nobody.post(`/v1/invitations/${patient.mail.token}/accept`, { name: 'Reader', password: PASSWORD }).expect(200);
    await oneClick(patient.path).expect(200);
    await server.admin.post(`/v1/patients/${String(body.membershipId)}/offboard`, { reason: 'End' }).expect(200);
    const offboarded = await server.smtp.mailTo(patient.email, 2);
    expect([offboarded.headers.has('list-unsubscribe'), offboarded.headers.has('list-unsubscribe-post')]).toEqual([false, false]);
    await server.admin.patch('/v1/me/notices', { groupAcceptances: true }).expect(200);
    const { body: me } = await server.admin.get('/v1/me').expect(200);
    await joinGroup(server, group!.place);
    expect((await server.smtp.mailTo(me.email)).headers.has('list-unsubscribe')).toBe(false);
    await server.admin.patch('/v1/me/notices', { groupAcceptances: false }).expect(200);
  });

  it('shows a page with a button, and changes nothing by reading it, as scanners do', async () => {
    const [to] = await places();
    const { path, email } = await invited(to!);
    const before = await everything();
    for (let n = 0; n < 3; n += 1) {
      const { text, headers } = await server.nobody.get(path).expect(200);
      expect(text).toContain(`<form method="post" action="${path}">`);
      expect(text).toContain('Riverside Hospital');
      expect(text).not.toContain(email);
      expect([headers['set-cookie'], headers['referrer-policy'], headers['cache-control']]).toEqual([undefined, 'no-referrer', 'no-store']);
      await request(server.url).head(path).expect(200);
    }
    expect(await everything()).toBe(before);
  });

  describe('by one click', () => {
    it.each([
      ['a form', (path: string) => oneClick(path)],
      ['a form of parts', (path: string) => request(server.url).post(path).field('List-Unsubscribe', 'One-Click')],
      ['no body', (path: string) => request(server.url).post(path)],
      ['an origin of its own', (path: string) => oneClick(path).set('Origin', 'https://mail.example').set('Sec-Fetch-Site', 'cross-site')],
      ['somebody else signed in', (path: string) => oneClick(path).set('Authorization', `Bearer ${server.admin.token!}`)],
    ])('takes %s, without cookies, and again changes nothing', async (_, click) => {
      const [to] = await places();
      const { path, id, mail } = await invited(to!);
      const before = await everything();
      const { headers, text } = await click(path).expect(200);
      expect(headers['set-cookie']).toBeUndefined();
      expect(text).toContain(`action="${path}/undo"`);
      await click(path).expect(200);
      expect(await types(before)).toEqual(['MailUnsubscribed']);
      expect(await mailState(to!, id)).toBe('unsubscribed');
      // The invitation stands.
      expect((await server.nobody.get(`/v1/invitations/${mail.token}`).expect(200)).body.account).toBe('none');
      expect((await server.admin.get(`${to!.one}/${id}`).expect(200)).body.state).toBe('pending');
    });
  });

  it('holds for every invitation and reminder of the organisation, in every context, and for no other', async () => {
    const all = await places();
    const [elsewhere] = await places();
    const { email, path, id } = await invited(all[0]!);
    await oneClick(path).expect(200);
    const ids = [await withheld(all[1]!, email), await withheld(all[2]!, email), await withheld(all[3]!, email)];
    for (const [n, one] of ids.entries()) expect(await mailState(all[n + 1]!, one)).toBe('unsubscribed');
    await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    await settled(server);
    const { body } = await server.admin.get(`/v1/staff-invitations/${id}`).expect(200);
    expect([mailsTo(email), body.issue, body.mail.state]).toEqual([1, 2, 'unsubscribed']);
    clock.set(body.expiresAt, -2 * DAY);
    await settled(server);
    expect(mailsTo(email)).toBe(1);
    const { rows } = await sql<{ state: string }>`select state from outbox where invitation_id = ${id} and issue = 2 order by kind`.execute(server.database.kysely());
    expect(rows.map(({ state }) => state)).toEqual(['unsubscribed', 'unsubscribed']);
    await invited(elsewhere!, email);
    await invited(PLATFORM_STAFF, email);
  });

  it('of the platform is for the platform alone', async () => {
    const { email, path } = await invited(PLATFORM_STAFF);
    await oneClick(path).expect(200);
    await server.admin.get(path).expect(200).expect(/Rolecall/);
    await invited((await places())[0]!, email);
    expect((await server.events()).findLast(({ type }) => type === 'MailUnsubscribed')).toMatchObject({ data: { organisationId: null }, metadata: { scope: { kind: 'platform' }, organisationId: null } });
  });

  it('is by the person themselves, on their stream, in the organisation', async () => {
    const to = (await places())[2]!;
    const { path, id } = await invited(to);
    await oneClick(path).expect(200);
    const { body } = await server.admin.get(`${to.one}/${id}`).expect(200);
    const organisationId = (await server.events()).findLast(({ type }) => type === 'InvitationIssued')!.metadata.organisationId;
    expect((await server.events()).findLast(({ type }) => type === 'MailUnsubscribed')).toMatchObject({
      stream: `person-${String(body.personId)}`, data: { organisationId }, metadata: { actor: body.personId, scope: { kind: 'organisation', id: organisationId }, organisationId },
    });
  });

  describe('ends', () => {
    async function unsubscribedFrom(to: Invites): Promise<Invited> {
      const invitation = await invited(to);
      await oneClick(invitation.path).expect(200);
      return invitation;
    }

    it('when the invitation is accepted by its link, and what was withheld is mailed then', async () => {
      const [organisation, deployment] = await places();
      const invitation = await unsubscribedFrom(organisation!);
      const waiting = await withheld(deployment!, invitation.email);
      const before = await everything();
      await accepted(invitation);
      await untilResubscribed(before);
      await server.smtp.mailTo(invitation.email, 2);
      await settled(server);
      expect([mailsTo(invitation.email), await mailState(deployment!, waiting)]).toEqual([2, 'sent']);
    });

    it('when another invitation there is accepted, signed in', async () => {
      const [organisation, , , group] = await places();
      const { email } = await join(server, organisation!.place, 'contributor');
      const { path } = await invited((await places())[0]!, email);
      await oneClick(path).expect(200);
      const api = await server.signIn(email);
      const here = pathIn(server.smtp.to(email)[0]!, server);
      await oneClick(here).expect(200);
      expect(await unsubscriptions(api)).toHaveLength(2);
      const id = await withheld(group!, email);
      const before = await everything();
      await api.post(`/v1/me/invitations/${id}/accept`, {}).expect(200);
      await untilResubscribed(before);
      // Of the other organisation it holds.
      expect(await unsubscriptions(api)).toHaveLength(1);
    });

    it('when they ask at a patient link, and what was withheld is mailed', async () => {
      const [, , patients] = await places();
      const first = await unsubscribedFrom((await places())[2]!);
      const own = await invited(patients!, first.email);
      await server.admin.delete(`/v1/patient-invitations/${own.id}`).expect(204);
      await oneClick(own.path).expect(200);
      const { token } = await makePatientLink(server.admin, patients!.place);
      const before = await everything();
      await server.nobody.post(`/v1/links/${token}/requests`, { email: first.email }).expect(202);
      expect(await types(before)).toEqual(['MailResubscribed', 'InvitationIssued']);
      expect((await server.events()).at(-2)).toMatchObject({ data: { because: 'asked' }, metadata: { actor: 'system' } });
      await server.smtp.mailTo(first.email, 3);
      // One that is pending is not superseded: its mail is sent now.
      const pending = await invited(patients!);
      await oneClick(pending.path).expect(200);
      await server.admin.post(`/v1/patient-invitations/${pending.id}/resend`, {}).expect(200);
      await settled(server);
      expect([mailsTo(pending.email), await mailState(patients!, pending.id)]).toEqual([1, 'unsubscribed']);
      await server.nobody.post(`/v1/links/${token}/requests`, { email: pending.email }).expect(202);
      await server.smtp.mailTo(pending.email, 2);
    });

    it('on the page', async () => {
      const [to] = await places();
      const { path, email, id } = await unsubscribedFrom(to!);
      await request(server.url).post(`${path}/undo`).redirects(0).expect(303).expect('Location', path);
      await server.nobody.get(path).expect(200).expect(new RegExp(`action="${path}"`));
      expect(await mailState(to!, id)).toBe('sent');
      await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
      await server.smtp.mailTo(email, 2);
    });

    it('by whoever is signed in, who sees them all', async () => {
      const [to] = await places();
      const { email, api } = await join(server, to!.place, 'contributor');
      const other = await invited((await places())[0]!, email);
      for (const { headers } of server.smtp.to(email)) await oneClick(new URL(headers.get('list-unsubscribe')!.slice(1, -1)).pathname).expect(200);
      const { body } = await api.get('/v1/me/unsubscriptions').expect(200);
      expect(body.items).toHaveLength(2);
      for (const item of body.items) expect(item).toEqual({ id: expect.any(String), organisation: { id: expect.any(String), name: 'Riverside Hospital' }, since: expect.any(String) });
      expect(await unsubscriptions((await join(server, to!.place, 'contributor')).api)).toEqual([]);
      const { id } = body.items.find(({ organisation }: { organisation: { id: string } }) => organisation.id === to!.place.id);
      expect((await server.admin.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(404)).body.code).toBe('not-found');
      await api.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(204);
      expect((await api.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(404)).body.code).toBe('not-found');
      const [left, ...more] = await unsubscriptions(api);
      expect([left!.organisation.id, more]).toEqual([other.to.place.id, []]);
      // And on the start page.
      const form = `/me/unsubscriptions/${left!.id}/end`;
      expect((await api.get('/').expect(200)).text).toContain(`action="${form}"`);
      await api.post(form).redirects(0).expect(303);
      expect((await api.get('/').expect(200)).text).not.toContain('/me/unsubscriptions/');
      expect(await unsubscriptions(api)).toEqual([]);
    });

    it('not by an acceptance from before, seen again', async () => {
      const [to] = await places();
      const invitation = await invited(to!);
      const before = await everything();
      await accepted(invitation);
      const event = (await server.events()).findLast(({ type }) => type === 'InvitationAccepted')!;
      await oneClick(invitation.path).expect(200);
      await runInContext({ correlationId: 'again', causationId: event.id, commandId: '11111111-0000-4000-8000-00000000feed' }, async () => server.running.app.get(ResubscriptionReaction).react(event));
      expect((await types(before)).filter((type) => type.startsWith('Mail'))).toEqual(['MailUnsubscribed']);
    });
  });

  it('works by the link of any mail, whatever became of the invitation and its place', async () => {
    const organisation: Place = await createOrganisation(server, 'Closing');
    const to: Invites = { place: organisation, path: `${organisation.path}/staff-invitations`, extra: { role: 'contributor' }, one: '/v1/staff-invitations' };
    const superseded = await invited(to);
    await server.admin.post(`/v1/staff-invitations/${superseded.id}/resend`, {}).expect(200);
    const revoked = await invited(to);
    await server.admin.delete(`/v1/staff-invitations/${revoked.id}`).expect(204);
    const declined = await invited(to);
    await server.nobody.post(`/v1/invitations/${declined.mail.token}/decline`).expect(204);
    const before = await everything();
    await server.admin.post(`${organisation.path}/archive`).expect(200);
    clock.advance(30 * DAY);
    for (const { path } of [superseded, revoked, declined]) {
      await server.nobody.get(path).expect(200);
      await oneClick(path).expect(200);
    }
    expect((await types(before)).filter((type) => type === 'MailUnsubscribed')).toHaveLength(3);
  });

  it('takes no link but its own', async () => {
    const [to] = await places();
    const { path, mail } = await invited(to!);
    const token = path.slice('/unsubscribe/'.length);
    const before = await everything();
    const bent = [mail.token, `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`, token.slice(1), `${token}A`, 'nonsense', pathIn((await invited(to!)).mail, server).slice(-20)];
    for (const wrong of bent) for (const call of [server.nobody.get(`/unsubscribe/${wrong}`), oneClick(`/unsubscribe/${wrong}`), oneClick(`/unsubscribe/${wrong}/undo`)]) await call.expect(404);
    await server.nobody.get(`/v1/invitations/${token}`).expect(404);
    await server.nobody.post(`/v1/invitations/${token}/decline`).expect(404);
    expect((await types(before)).filter((type) => type.startsWith('Mail'))).toEqual([]);
  });

  it('leaves no link in the log, the events or the outbox', async () => {
    const { path } = await invited((await places())[0]!);
    await oneClick(path).expect(200);
    await server.nobody.get(path).expect(200);
    const token = path.slice('/unsubscribe/'.length);
    const events = JSON.stringify(await server.running.app.get(EventStore).readMany((await server.events()).map(({ stream }) => stream)).then((all) => [...all.values()]));
    const { rows } = await sql<{ row: string }>`select row_to_json(outbox)::text as row from outbox`.execute(server.database.kysely());
    for (const kept of [server.logs.join(''), events, JSON.stringify(rows)]) expect(kept).not.toContain(token);
  });

  it('is counted among what somebody does to themselves', async () => {
    const limited = await startTestServer(engine, { OWN_EVENTS_PER_HOUR: '2' });
    try {
      const organisation = await createOrganisation(limited);
      const email = freshEmail('reader');
      await limited.admin.post(`${organisation.path}/staff-invitations`, { emails: [email], role: 'contributor' }).expect(201);
      const path = pathIn(await limited.smtp.mailTo(email), limited);
      await request(limited.url).post(path).expect(200);
      await request(limited.url).post(`${path}/undo`).redirects(0).expect(303);
      await request(limited.url).post(path).expect(429);
      await request(limited.url).post(`${path}/undo`).redirects(0).expect(303);
    } finally {
      await limited.close();
    }
  });

  it('of a group goes by its organisation', async () => {
    const [organisation, , , group] = await places();
    const { path, email } = await invited(organisation!);
    await oneClick(path).expect(200);
    const id = await withheld(group!, email);
    expect(await mailState(group!, id)).toBe('unsubscribed');
    await inviteToGroup(server, server.admin, group!.place, freshEmail('other'));
  });
}, { alsoOnEventStoreDb: true });
