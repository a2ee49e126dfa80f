import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  type GroupSet,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, Visitor } from './portal-support.js';

const BOX = 'name="groupAcceptances" type="checkbox"';
/** The permissions that a page lists for an administrator and content creator. */
const ALL = 'view and download; create, edit and upload; invite and manage members';

describeOnOneEngine('groups on the pages', (engine) => {
  let server: TestServer;
  let place: Place;
  let group: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    group = await createGroup(server, place, 'Boards & Co');
  });
  afterAll(async () => server.close());

  const signedIn = async (email: string, headers: Record<string, string> = {}) => {
    await readModelsCaughtUp(server);
    const visitor = new Visitor(server.url, headers);
    expect((await visitor.submit('/sign-in', { email, password: PASSWORD })).status).toBe(303);
    return visitor;
  };
  const startPage = async (email: string) => (await (await signedIn(email)).get('/')).text;
  /** The headings of the sections, in order. */
  const sectionsOf = (html: string) => [...html.matchAll(/<h2 [^>]*>([^<]+)<\/h2>/g)].map(([, heading]) => heading);
  const saved = async (email: string) =>
    (await (await server.signIn(email)).get('/v1/me/notices').expect(200)).body as { groupAcceptances: boolean };

  it.each<[GroupSet, string, string]>([
    [{}, 'view and download', 'ansehen und herunterladen'],
    [
      { contentCreator: true },
      'view and download; create, edit and upload',
      'ansehen und herunterladen; anlegen, bearbeiten und hochladen',
    ],
    [
      { administrator: true },
      'view and download; invite and manage members',
      'ansehen und herunterladen; Mitglieder einladen und verwalten',
    ],
    [
      { administrator: true, contentCreator: true },
      ALL,
      'ansehen und herunterladen; anlegen, bearbeiten und hochladen; Mitglieder einladen und verwalten',
    ],
  ])(
    'an invitation, its welcome and the start page name the permissions of %j, in both languages',
    async (set, english, german) => {
      const email = freshEmail();
      const { token } = await inviteToGroup(server, server.admin, group, email, set);
      const visitor = new Visitor(server.url);
      const offer = (await visitor.get(`/invitations/${token}`)).text;
      expect(headingOf(offer)).toBe('First Administrator invites you to the group Boards & Co (Riverside Hospital)');
      for (const domainEvent of [
        `<dt>You may</dt><dd>${english}</dd>`,
        '<dt>Group</dt><dd><bdi>Boards &amp; Co</bdi></dd>',
        '<dt>Organisation</dt><dd><bdi>Riverside Hospital</bdi></dd>',
      ])
        expect(offer).toContain(domainEvent);
      await visitor.submit(`/invitations/${token}/accept`, { name: 'Ben Example', password: PASSWORD });
      const welcome = (await visitor.get(`/invitations/${token}/welcome`)).text;
      expect([headingOf(welcome), welcome.includes(`<dd>${english}</dd>`)]).toEqual([
        'Welcome to the group Boards & Co (Riverside Hospital)',
        true,
      ]);
      expect(await startPage(email)).toContain(`<span>You may: ${english}</span>`);
      expect((await (await signedIn(email, { 'Accept-Language': 'de' })).get('/')).text).toContain(
        `<span>Sie dürfen: ${german}</span>`,
      );
    },
  );

  it('an invitation in German names the group in German', async () => {
    const email = freshEmail();
    await server.admin
      .post(`${group.path}/invitations`, { emails: [email], administrator: false, contentCreator: true, locale: 'de' })
      .expect(201);
    const { text } = await new Visitor(server.url).get(`/invitations/${(await server.smtp.mailTo(email, 1)).token}`);
    expect(headingOf(text)).toBe('First Administrator lädt Sie in die Gruppe Boards & Co (Riverside Hospital) ein');
    expect(text).toContain('<dt>Sie dürfen</dt><dd>ansehen und herunterladen; anlegen, bearbeiten und hochladen</dd>');
  });

  it('a second acceptance of a signed-in person welcomes them again', async () => {
    const { token } = await inviteToGroup(server, server.admin, group, freshEmail(), {
      administrator: true,
      contentCreator: true,
    });
    const visitor = new Visitor(server.url);
    await visitor.submit(`/invitations/${token}/accept`, { name: 'Ben Example', password: PASSWORD });
    const { headers } = await visitor.submit(`/invitations/${token}/accept`);
    const { status, text } = await visitor.get(headers['location']!);
    expect([status, text.includes(`<dd>${ALL}</dd>`)]).toEqual([200, true]);
  });

  it("the start page shows only the person's own places", async () => {
    const cohort = await createDeployment(server, place);
    const [member, patient, contributor] = [
      await joinGroup(server, group),
      await enrol(server, cohort),
      await join(server, place, 'contributor'),
    ];
    expect(sectionsOf(await startPage(member.email))).toEqual(['Your groups']);
    expect(sectionsOf(await startPage(patient.email))).toEqual(['Your programmes']);
    expect(sectionsOf(await startPage(contributor.email))).toEqual(['Your roles']);
    await server.admin.delete(`/v1/group-members/${member.membershipId}`).expect(204);
    const left = await startPage(member.email);
    expect([sectionsOf(left), left.includes('You have no role at the moment.')]).toEqual([['Your roles'], true]);
  });

  it('a deleted group is not on the start page until it is restored', async () => {
    const board = await createGroup(server, place, 'Soon gone');
    const { email } = await joinGroup(server, board);
    expect(await startPage(email)).toContain('Soon gone');
    await server.admin.delete(board.path).expect(204);
    expect(await startPage(email)).not.toContain('Soon gone');
    await server.admin.post(`${board.path}/restore`).expect(200);
    expect(await startPage(email)).toContain('Soon gone');
  });

  it('an offboarded patient reads the reason, as text', async () => {
    const patient = await enrol(server, await createDeployment(server, place, 'Hypertension Study'));
    await server.admin.post(`/v1/patients/${patient.membershipId}/offboard`, { reason: 'Moved <away>' }).expect(200);
    const text = await startPage(patient.email);
    for (const words of ['Hypertension Study', 'Your participation has ended', 'Reason: Moved &lt;away&gt;'])
      expect(text).toContain(words);
  });

  it('the box for notices is shown to administrators of a group and owners of an organisation', async () => {
    const members = [
      await joinGroup(server, group, { administrator: true }),
      await join(server, place, 'organisation-owner'),
    ];
    const others = [
      await joinGroup(server, group, { contentCreator: true }),
      await join(server, place, 'organisation-editor'),
      await enrol(server, await createDeployment(server, place)),
    ];
    const notices = async (email: string) => (await (await signedIn(email)).get('/account/notices')).text;
    for (const { email } of members) expect(await notices(email)).toContain(BOX);
    for (const { email } of others) {
      const text = await notices(email);
      expect([text.includes(BOX), text.includes('You get no notices')]).toEqual([false, true]);
    }
  });

  it('the box is ticked and unticked only by a form of this site', async () => {
    const { email } = await join(server, place, 'organisation-owner');
    const visitor = await signedIn(email);
    const isTicked = async () => / checked>/.test((await visitor.get('/account/notices')).text);
    expect(await isTicked()).toBe(false);
    const { status, headers } = await visitor.submit('/me/notices', { groupAcceptances: 'yes' });
    expect([status, headers['location'], await isTicked(), await saved(email)]).toEqual([
      303,
      '/account/notices?saved=notices',
      true,
      { groupAcceptances: true },
    ]);
    const confirmed = (await visitor.get('/account/notices?saved=notices')).text;
    expect([
      confirmed.includes('Your choice is saved.'),
      (await visitor.get('/account/notices')).text.includes('Your choice is saved.'),
    ]).toEqual([true, false]);
    expect((await visitor.submit('/me/notices', {}, { Origin: 'https://evil.example' })).status).toBe(403);
    expect(await isTicked()).toBe(true);
    await visitor.submit('/me/notices');
    expect([await isTicked(), await saved(email)]).toEqual([false, { groupAcceptances: false }]);
    expect((await new Visitor(server.url).submit('/me/notices', { groupAcceptances: 'yes' })).headers['location']).toBe(
      '/sign-in',
    );
  });
});
