import { sql } from 'kysely';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  inviteToGroup,
  join,
  joinGroup,
  idle,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const MARKUP = '<b onclick="x">Board</b> & {{Co}}';
const ESCAPED = '&lt;b onclick&#x3D;&quot;x&quot;&gt;Board&lt;/b&gt; &amp; {{Co}}';

describeOnOneEngine('mails of groups', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  describe('the invitation', () => {
    const MAY = {
      en: {
        view: 'view and download',
        create: '; create, edit and upload',
        manage: '; invite and manage members',
        subject: 'invites you to the group',
      },
      de: {
        view: 'ansehen und herunterladen',
        create: '; anlegen, bearbeiten und hochladen',
        manage: '; Mitglieder einladen und verwalten',
        subject: 'in die Gruppe',
      },
    } as const;
    const cases = (['en', 'de'] as const).flatMap((locale) =>
      [true, false].flatMap((administrator) =>
        [true, false].map((contentCreator) => [locale, administrator, contentCreator] as const),
      ),
    );

    it.each(cases)(
      'in %s, administrator %s, content creator %s: names group, organisation, inviter and permissions, all escaped',
      async (locale, administrator, contentCreator) => {
        const place = await createGroup(
          server,
          await createOrganisation(server, 'Riverside & Sons <Hospital>'),
          MARKUP,
        );
        const email = freshEmail('invited');
        await server.admin
          .post(`${place.path}/invitations`, {
            emails: [email],
            administrator,
            contentCreator,
            locale,
            message: `${MARKUP}\nsecond line`,
          })
          .expect(201);
        const { subject, text, html } = await server.smtp.mailTo(email);
        const { view, create, manage, subject: words } = MAY[locale];
        const may = `${view}${contentCreator ? create : ''}${administrator ? manage : ''}`;
        expect(subject).toContain(words);
        expect(subject).toContain(MARKUP);
        for (const shown of [
          MARKUP,
          'Riverside & Sons <Hospital>',
          'First Administrator',
          `> ${MARKUP}`,
          '> second line',
        ])
          expect(text).toContain(shown);
        expect(text).toMatch(new RegExp(`: ${may}$`, 'm'));
        expect(html).not.toMatch(/<b onclick|<Hospital>/);
        for (const shown of [ESCAPED, 'Riverside &amp; Sons &lt;Hospital&gt;', `>${may}<`, 'second line'])
          expect(html).toContain(shown);
      },
    );
  });

  describe('the notice that a person joined', () => {
    const choose = async ({ api }: Pick<Member, 'api'>, groupAcceptances: boolean) =>
      api.patch('/v1/me/notices', { groupAcceptances }).expect(200);
    const untaken = async (): Promise<boolean> =>
      (
        await sql`select 1 from outbox where kind = 'group-acceptance' and state = 'pending' and attempts > 0 and lease_until is null`.execute(
          server.database.kysely(),
        )
      ).rows.length > 0;
    const told = ({ email }: Pick<Member, 'email'>): string[] =>
      server.smtp
        .to(email)
        .map(({ subject }) => subject)
        .filter((subject) => subject.includes('has joined the group'));

    it('is off until the person switches it on, and stays unchanged by a call without the field', async () => {
      const { api } = await join(server, organisation, 'auditor');
      const chosen = async () => (await api.get('/v1/me/notices').expect(200)).body;
      expect(await chosen()).toEqual({ groupAcceptances: false });
      expect((await choose({ api }, true)).body).toEqual({ groupAcceptances: true });
      expect((await api.patch('/v1/me/notices', {}).expect(200)).body).toEqual({ groupAcceptances: true });
      const before = (await server.events()).length;
      await choose({ api }, true);
      expect((await server.events()).length).toBe(before);
      await choose({ api }, false);
      expect(await chosen()).toEqual({ groupAcceptances: false });
    });

    it('is sent once to the administrators of the group and owners of its organisation who want it', async () => {
      const elsewhere = await createOrganisation(server, 'Elsewhere');
      const wanting = {
        owner: await join(server, organisation, 'organisation-owner'),
        administrator: await joinGroup(server, group, { administrator: true }),
        editor: await join(server, organisation, 'organisation-editor'),
        creator: await joinGroup(server, group, { contentCreator: true }),
        ofAnother: await joinGroup(server, await createGroup(server, organisation, 'Another'), { administrator: true }),
        stranger: await join(server, elsewhere, 'organisation-owner'),
        removed: await joinGroup(server, group, { administrator: true }),
        demoted: await joinGroup(server, group, { administrator: true }),
        switchedOff: await joinGroup(server, group, { administrator: true }),
      };
      const silent = [
        await join(server, organisation, 'organisation-owner'),
        await joinGroup(server, group, { administrator: true }),
      ];
      for (const one of Object.values(wanting)) await choose(one, true);
      await server.admin.delete(`/v1/group-members/${wanting.removed.membershipId}`).expect(204);
      await server.admin
        .patch(`/v1/group-members/${wanting.demoted.membershipId}`, { administrator: false, contentCreator: true })
        .expect(200);
      await choose(wanting.switchedOff, false);

      const joining = await inviteToGroup(server, server.admin, group, freshEmail('joining'), { administrator: true });
      const { body } = await server.anonymous
        .post(`/v1/invitations/${joining.token}/accept`, {
          name: 'Greta <Kumquat>',
          password: 'a perfectly fine password',
        })
        .expect(200);
      await server.signedIn(body.token).post(`/v1/invitations/${joining.token}/accept`, {}).expect(200);
      const declining = await inviteToGroup(server, server.admin, group, freshEmail('declining'));
      await server.anonymous.post(`/v1/invitations/${declining.token}/decline`).expect(204);
      await join(server, organisation, 'contributor');
      await idle(server);
      const expected = {
        owner: 1,
        administrator: 1,
        editor: 0,
        creator: 0,
        ofAnother: 0,
        stranger: 0,
        removed: 0,
        demoted: 0,
        switchedOff: 0,
      };
      const counts = () =>
        Object.fromEntries(Object.entries(wanting).map(([who, member]) => [who, told(member).length]));
      expect([counts(), silent.map((member) => told(member).length)]).toEqual([expected, [0, 0]]);
      const mail = server.smtp.to(wanting.owner.email).find(({ subject }) => subject.includes('has joined'))!;
      expect(mail.subject).toBe('Greta <Kumquat> has joined the group Tumour board');
      expect(mail.html).toContain('Greta &lt;Kumquat&gt;');
      expect([mail.text.includes('Riverside Hospital'), mail.token]).toEqual([true, '']);

      // A person who switches the notice on now gets none about the past, also after a replay of the log.
      for (const one of [...silent, { api: server.admin }]) await choose(one, true);
      await sql`update checkpoint set position = null`.execute(server.database.kysely());
      await server.admin.post('/v1/projections/group-list/resume').expect(204);
      for (const name of ['group-list', 'group-member-list', 'group-file-list', 'person-directory', 'invitation-list'])
        await server.admin.post(`/v1/projections/${name}/rebuild`).expect(204);
      await idle(server);
      expect([counts(), [...silent, ADMIN].map((member) => told(member).length)]).toEqual([expected, [0, 0, 0]]);
      await joinGroup(server, group);
      await idle(server);
      expect([...silent, ADMIN, wanting.owner].map((member) => told(member).length)).toEqual([1, 1, 1, 2]);
    });

    const LATER: Record<string, (member: Member, place: Place) => Promise<unknown>> = {
      'is no administrator any more': async ({ membershipId }) =>
        server.admin.delete(`/v1/group-members/${membershipId}`).expect(204),
      'has switched it off': async (member) => choose(member, false),
      'belongs to a deleted group': async (_, place) => server.admin.delete(place.path).expect(204),
    };
    it.each(Object.keys(LATER))('is not sent to a person who %s by then', async (how) => {
      const place = await createGroup(server, organisation, 'Later');
      const administrator = await joinGroup(server, place, { administrator: true });
      await choose(administrator, true);
      server.smtp.refuse((to) => (to === administrator.email ? 451 : null));
      await joinGroup(server, place);
      await waitFor('a refused mail', untaken);
      await LATER[how]!(administrator, place);
      server.smtp.refuse(() => null);
      await sql`update outbox set due_at = now() where state = 'pending' and kind = 'group-acceptance'`.execute(
        server.database.kysely(),
      );
      await idle(server);
      expect(told(administrator)).toEqual([]);
    });

    it('is not sent to the new member, and not about a member who left before it', async () => {
      const place = await createGroup(server, organisation, 'Quick');
      const administrator = await joinGroup(server, place, { administrator: true });
      await choose(administrator, true);
      const invited = await joinGroup(server, group);
      await choose(invited, true);
      const { token } = await inviteToGroup(server, server.admin, place, invited.email, { administrator: true });
      server.smtp.refuse((to) => (to === administrator.email ? 451 : null));
      const { body } = await invited.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
      await waitFor('a refused mail', untaken);
      await invited.api.delete(`/v1/group-members/${String(body.membershipId)}`).expect(204);
      server.smtp.refuse(() => null);
      await sql`update outbox set due_at = now() where state = 'pending' and kind = 'group-acceptance'`.execute(
        server.database.kysely(),
      );
      await idle(server);
      expect([told(administrator), told(invited)]).toEqual([[], []]);
    });
  });
});
