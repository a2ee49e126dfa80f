import { sql } from 'kysely';
import request from 'supertest';
import { EventStore } from '../../../../src/shared/event-sourcing/event-store.js';
import { describeOnOneEngine } from '../../../support/engines.js';
import { TestClock } from '../../../support/test-clock.js';
import { PASSWORD, startTestServer, type TestServer } from '../../../support/test-server.js';
import {
  createOrganisation,
  freshEmail,
  inviteToGroup,
  joinGroup,
  idle,
  type Place,
} from '../../../support/scenarios.js';
import { limitsOn, PLATFORM_STAFF, type Invites } from '../limits/limits-support.js';
import { pathIn, subscriptionsOn } from './subscriptions-support.js';

const DAY = 86_400_000;

describeOnOneEngine(
  'unsubscribing from invitations',
  (engine) => {
    let server: TestServer;
    let clock: TestClock;
    beforeAll(async () => {
      clock = new TestClock();
      server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0' }, { clock });
    });
    afterAll(async () => {
      await server.close();
    });
    const { places } = limitsOn(() => server);

    const { everything, types, mailsTo, oneClick, invited, withheld, mailState } = subscriptionsOn(() => server);

    it('is offered in the header of invitations and reminders of every type, by another link than the invitation', async () => {
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

    it('is not offered in mails to members about their membership', async () => {
      const [, , patients, group] = await places();
      const patient = await invited(patients!);
      const { body } = await server.anonymous
        .post(`/v1/invitations/${patient.mail.token}/accept`, { name: 'Reader', password: PASSWORD })
        .expect(200);
      await oneClick(patient.path).expect(200);
      await server.admin.post(`/v1/patients/${String(body.membershipId)}/offboard`, { reason: 'End' }).expect(200);
      const offboarded = await server.smtp.mailTo(patient.email, 2);
      expect([offboarded.headers.has('list-unsubscribe'), offboarded.headers.has('list-unsubscribe-post')]).toEqual([
        false,
        false,
      ]);
      await server.admin.patch('/v1/me/notices', { groupAcceptances: true }).expect(200);
      const { body: me } = await server.admin.get('/v1/me').expect(200);
      await joinGroup(server, group!.place);
      expect((await server.smtp.mailTo(me.email)).headers.has('list-unsubscribe')).toBe(false);
      await server.admin.patch('/v1/me/notices', { groupAcceptances: false }).expect(200);
    });

    it('shows a page with a button, and changes nothing when a mail scanner reads that', async () => {
      const [to] = await places();
      const { path, email } = await invited(to!);
      const before = await everything();
      for (let n = 0; n < 3; n += 1) {
        const { text, headers } = await server.anonymous.get(path).expect(200);
        expect(text).toContain(`<form method="post" action="${path}">`);
        expect(text).toContain('Riverside Hospital');
        expect(text).not.toContain(email);
        expect([headers['set-cookie'], headers['referrer-policy'], headers['cache-control']]).toEqual([
          undefined,
          'no-referrer',
          'no-store',
        ]);
        await request(server.url).head(path).expect(200);
      }
      expect(await everything()).toBe(before);
    });

    describe('by one click', () => {
      it.each([
        ['a form', (path: string) => oneClick(path)],
        ['a form of parts', (path: string) => request(server.url).post(path).field('List-Unsubscribe', 'One-Click')],
        ['no body', (path: string) => request(server.url).post(path)],
        [
          'an origin of its own',
          (path: string) => oneClick(path).set('Origin', 'https://mail.example').set('Sec-Fetch-Site', 'cross-site'),
        ],
        [
          'the session of another person',
          (path: string) => oneClick(path).set('Authorization', `Bearer ${server.admin.token!}`),
        ],
      ])('accepts %s, sets no cookie, and changes nothing on a repeat', async (_, click) => {
        const [to] = await places();
        const { path, id, mail } = await invited(to!);
        const before = await everything();
        const { headers, text } = await click(path).expect(200);
        expect(headers['set-cookie']).toBeUndefined();
        expect(text).toContain(`action="${path}/undo"`);
        await click(path).expect(200);
        expect(await types(before)).toEqual(['MailUnsubscribed']);
        expect(await mailState(to!, id)).toBe('unsubscribed');
        // The invitation is still pending.
        expect((await server.anonymous.get(`/v1/invitations/${mail.token}`).expect(200)).body.account).toBe('none');
        expect((await server.admin.get(`${to!.one}/${id}`).expect(200)).body.state).toBe('pending');
      });
    });

    it('holds for invitations and reminders of every type in the organisation, and for no other organisation', async () => {
      const all = await places();
      const [elsewhere] = await places();
      const { email, path, id } = await invited(all[0]!);
      await oneClick(path).expect(200);
      const ids = [await withheld(all[1]!, email), await withheld(all[2]!, email), await withheld(all[3]!, email)];
      for (const [n, one] of ids.entries()) expect(await mailState(all[n + 1]!, one)).toBe('unsubscribed');
      await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
      await idle(server);
      const { body } = await server.admin.get(`/v1/staff-invitations/${id}`).expect(200);
      expect([mailsTo(email), body.issue, body.mail.state]).toEqual([1, 2, 'unsubscribed']);
      clock.set(body.expiresAt, -2 * DAY);
      await idle(server);
      expect(mailsTo(email)).toBe(1);
      const { rows } = await sql<{
        state: string;
      }>`select state from outbox where invitation_id = ${id} and issue = 2 order by kind`.execute(
        server.database.kysely(),
      );
      expect(rows.map(({ state }) => state)).toEqual(['unsubscribed', 'unsubscribed']);
      await invited(elsewhere!, email);
      await invited(PLATFORM_STAFF, email);
    });

    it('from the platform holds for the platform alone', async () => {
      const { email, path } = await invited(PLATFORM_STAFF);
      await oneClick(path).expect(200);
      await server.admin
        .get(path)
        .expect(200)
        .expect(/Rolecall/);
      await invited((await places())[0]!, email);
      expect((await server.events()).findLast(({ type }) => type === 'MailUnsubscribed')).toMatchObject({
        data: { organisationId: null },
        metadata: { scope: { kind: 'platform' }, organisationId: null },
      });
    });

    it("is stored in the person's stream, with the person as actor and the organisation as scope", async () => {
      const to = (await places())[2]!;
      const { path, id } = await invited(to);
      await oneClick(path).expect(200);
      const { body } = await server.admin.get(`${to.one}/${id}`).expect(200);
      const organisationId = (await server.events()).findLast(({ type }) => type === 'InvitationIssued')!.metadata
        .organisationId;
      expect((await server.events()).findLast(({ type }) => type === 'MailUnsubscribed')).toMatchObject({
        stream: `person-${String(body.personId)}`,
        data: { organisationId },
        metadata: { actor: body.personId, scope: { kind: 'organisation', id: organisationId }, organisationId },
      });
    });

    it('works by the link of an old mail, after the invitation ended and its organisation was archived', async () => {
      const organisation: Place = await createOrganisation(server, 'Closing');
      const to: Invites = {
        place: organisation,
        path: `${organisation.path}/staff-invitations`,
        extra: { role: 'contributor' },
        one: '/v1/staff-invitations',
      };
      const superseded = await invited(to);
      await server.admin.post(`/v1/staff-invitations/${superseded.id}/resend`, {}).expect(200);
      const revoked = await invited(to);
      await server.admin.delete(`/v1/staff-invitations/${revoked.id}`).expect(204);
      const declined = await invited(to);
      await server.anonymous.post(`/v1/invitations/${declined.mail.token}/decline`).expect(204);
      const before = await everything();
      await server.admin.post(`${organisation.path}/archive`).expect(200);
      clock.advance(30 * DAY);
      for (const { path } of [superseded, revoked, declined]) {
        await server.anonymous.get(path).expect(200);
        await oneClick(path).expect(200);
      }
      expect((await types(before)).filter((type) => type === 'MailUnsubscribed')).toHaveLength(3);
    });

    it('accepts no other link, and its link opens no invitation', async () => {
      const [to] = await places();
      const { path, mail } = await invited(to!);
      const token = path.slice('/unsubscribe/'.length);
      const before = await everything();
      const bent = [
        mail.token,
        `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`,
        token.slice(1),
        `${token}A`,
        'nonsense',
        pathIn((await invited(to!)).mail, server).slice(-20),
      ];
      for (const wrong of bent)
        for (const call of [
          server.anonymous.get(`/unsubscribe/${wrong}`),
          oneClick(`/unsubscribe/${wrong}`),
          oneClick(`/unsubscribe/${wrong}/undo`),
        ])
          await call.expect(404);
      await server.anonymous.get(`/v1/invitations/${token}`).expect(404);
      await server.anonymous.post(`/v1/invitations/${token}/decline`).expect(404);
      expect((await types(before)).filter((type) => type.startsWith('Mail'))).toEqual([]);
    });

    it('leaves no link in the log, the events or the outbox', async () => {
      const { path } = await invited((await places())[0]!);
      await oneClick(path).expect(200);
      await server.anonymous.get(path).expect(200);
      const token = path.slice('/unsubscribe/'.length);
      const events = JSON.stringify(
        await server.running.app
          .get(EventStore)
          .readMany((await server.events()).map(({ stream }) => stream))
          .then((all) => [...all.values()]),
      );
      const { rows } = await sql<{ row: string }>`select row_to_json(outbox)::text as row from outbox`.execute(
        server.database.kysely(),
      );
      for (const kept of [server.logs.join(''), events, JSON.stringify(rows)]) expect(kept).not.toContain(token);
    });

    it('counts as an event that people append about themselves', async () => {
      const limited = await startTestServer(engine, { OWN_EVENTS_PER_HOUR: '2' });
      try {
        const organisation = await createOrganisation(limited);
        const email = freshEmail('reader');
        await limited.admin
          .post(`${organisation.path}/staff-invitations`, { emails: [email], role: 'contributor' })
          .expect(201);
        const path = pathIn(await limited.smtp.mailTo(email), limited);
        await request(limited.url).post(path).expect(200);
        await request(limited.url).post(`${path}/undo`).redirects(0).expect(303);
        await request(limited.url).post(path).expect(429);
        await request(limited.url).post(`${path}/undo`).redirects(0).expect(303);
      } finally {
        await limited.close();
      }
    });

    it('of an organisation holds for invitations to its groups', async () => {
      const [organisation, , , group] = await places();
      const { path, email } = await invited(organisation!);
      await oneClick(path).expect(200);
      const id = await withheld(group!, email);
      expect(await mailState(group!, id)).toBe('unsubscribed');
      await inviteToGroup(server, server.admin, group!.place, freshEmail('other'));
    });
  },
  { alsoOnEventStoreDb: true },
);
