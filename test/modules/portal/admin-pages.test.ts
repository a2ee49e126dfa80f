import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, type Visitor } from './portal-support.js';

const PLATFORM: Place = { id: '', path: '/v1/platform' };
const DEPLOYMENTS = '/portal/platform/deployments';

describeOnOneEngine('the Admin portal', (engine) => {
  let server: TestServer;
  let riverside: Place;
  let cardiac: Place;
  let study: Place;
  let support: Member;
  let manager: Member;
  let owner: Member;
  let admin: Visitor;
  beforeAll(async () => {
    server = await startTestServer(engine);
    riverside = await createOrganisation(server, 'Riverside & Sons');
    cardiac = await createDeployment(server, riverside, 'Cardiac Rehabilitation');
    study = await createDeployment(server, await createOrganisation(server, 'Lakeside Clinic'), 'Hypertension Study');
    support = await join(server, PLATFORM, 'support');
    manager = await join(server, PLATFORM, 'account-manager');
    owner = await join(server, riverside, 'organisation-owner');
    admin = await signedInVisitor(server, ADMIN);
  });
  afterAll(async () => server.close());

  const as = async (member: Member): Promise<Visitor> => signedInVisitor(server, member);
  /** The names in a list, and what the menu of each offers. */
  const rowsOf = (html: string): Record<string, string[]> =>
    Object.fromEntries(
      [...html.matchAll(/<tr><td><a class="row-title"[^>]*>([^<]*)<\/a>([\s\S]*?)<\/tr>/g)].map(
        ([, name = '', row = '']) => [
          name,
          [...(/<ul class="menu">([\s\S]*?)<\/ul>/.exec(row)?.[1] ?? '').matchAll(/<\/svg>([^<]+)</g)].map(
            ([, item]) => item!,
          ),
        ],
      ),
    );
  const listed = async (visitor: Visitor, path = DEPLOYMENTS) => rowsOf((await visitor.get(path)).text);

  it('has tabs, the present one marked', async () => {
    for (const [path, tab] of [
      ['/portal/platform', 'Organisations'],
      [DEPLOYMENTS, 'Deployments'],
      ['/portal/platform/staff', 'Platform staff'],
      ['/portal/platform/operations', 'Operations'],
    ] as const) {
      const { text } = await admin.get(path);
      const [tabs = ''] = /<nav aria-label="Admin portal">[\s\S]*?<\/nav>/.exec(text) ?? [];
      const links = [...tabs.matchAll(/<a href="([^"]*)"( aria-current="page")?>([^<]*)/g)];
      expect(links.map(([, , , label]) => label)).toEqual([
        'Organisations',
        'Deployments',
        'Platform staff',
        'Operations',
        'History',
      ]);
      expect(links.filter(([, , current]) => current).map(([, , , label]) => label)).toEqual([tab]);
      expect(headingOf(text)).toBe(tab);
    }
    expect((await admin.get('/')).text).not.toContain('<nav aria-label="Admin portal">');
  });

  it('offers each role in the menu of a row what that role may do', async () => {
    const of = async (visitor: Visitor) => [
      (await listed(visitor, '/portal/platform'))['Riverside &amp; Sons'],
      (await listed(visitor))['Cardiac Rehabilitation'],
    ];
    expect(await of(admin)).toEqual([
      ['Invite staff', 'Create deployment', 'Settings', 'Archive'],
      ['Invite staff', 'Settings', 'Archive'],
    ]);
    expect(await of(await as(manager))).toEqual([
      ['Invite staff', 'Create deployment', 'Settings', 'Archive'],
      ['Invite staff', 'Settings'],
    ]);
    expect(await of(await as(support))).toEqual([['Invite staff'], ['Invite staff']]);
  });

  it('leads from the menu to pages that open', async () => {
    for (const visitor of [admin, await as(manager), await as(support)]) {
      for (const list of ['/portal/platform', DEPLOYMENTS]) {
        const { text } = await visitor.get(list);
        const links = [...text.matchAll(/<li><a href="(\/portal\/(?:organisations|deployments)\/[^"]*)"/g)];
        expect(links.length).toBeGreaterThan(1);
        for (const [, path] of links) expect([path, (await visitor.get(path!)).status]).toEqual([path, 200]);
      }
    }
  });

  it('finds deployments by a part of the name and by state, and shows no markup of a name', async () => {
    expect(Object.keys(await listed(admin, `${DEPLOYMENTS}?q=REHAB`))).toEqual(['Cardiac Rehabilitation']);
    expect(await listed(admin, `${DEPLOYMENTS}?state=archived`)).toEqual({});
    expect(Object.keys(await listed(admin, `${DEPLOYMENTS}?state=__proto__`))).toHaveLength(2);
    const { text } = await admin.get(`${DEPLOYMENTS}?q=%3Cb%3E&state=%3Cb%3E`);
    expect([text.includes('No name contains “&lt;b&gt;”'), text.includes('<b>')]).toEqual([true, false]);
    expect((await admin.get(`${DEPLOYMENTS}?cursor=nonsense`)).status).toBe(400);
    expect((await admin.get(`${DEPLOYMENTS}?q=${'x'.repeat(5000)}`)).status).toBe(400);
  });

  it('archives and restores from the list, and returns to it with its filters', async () => {
    const form = `/portal/platform/deployments/${cardiac.id}`;
    const { headers } = await admin.submit(`${form}/archive`, { q: 'card & co', state: '' });
    expect(headers['location']).toBe(`${DEPLOYMENTS}?q=card+%26+co&done=archived`);
    expect((await admin.get(`${DEPLOYMENTS}?done=archived`)).text).toContain('It is archived.');
    expect((await listed(admin))['Cardiac Rehabilitation']).toEqual(['Settings', 'Restore']);
    expect(Object.keys(await listed(admin, `${DEPLOYMENTS}?state=archived`))).toEqual(['Cardiac Rehabilitation']);
    expect((await listed(await as(manager)))['Cardiac Rehabilitation']).toEqual(['Settings']);
    expect((await listed(await as(support)))['Cardiac Rehabilitation']).toEqual([]);
    const again = await admin.submit(`${form}/archive`);
    expect(again.headers['location']).toBe(`${DEPLOYMENTS}?&failed=scope-archived`);
    expect((await admin.get(again.headers['location']!)).text).toContain(
      'This is archived, so nothing can be changed.',
    );
    expect((await admin.submit(`${form}/restore`)).headers['location']).toBe(`${DEPLOYMENTS}?&done=restored`);
    expect((await server.admin.get(cardiac.path).expect(200)).body.archived).toBe(false);
  });

  it('offers no restore of a deployment that its organisation archived', async () => {
    await admin.submit(`/portal/platform/organisations/${riverside.id}/archive`);
    expect((await listed(admin, '/portal/platform'))['Riverside &amp; Sons']).toEqual(['Settings', 'Restore']);
    expect((await listed(admin))['Cardiac Rehabilitation']).toEqual(['Settings']);
    expect((await admin.get(DEPLOYMENTS)).text).toContain('with its organisation');
    const { headers } = await admin.submit(`/portal/platform/deployments/${cardiac.id}/restore`);
    expect(headers['location']).toBe(`${DEPLOYMENTS}?&failed=scope-archived`);
    await admin.submit(`/portal/platform/organisations/${riverside.id}/restore`);
    expect((await server.admin.get(cardiac.path).expect(200)).body.archived).toBe(false);
  });

  it('refuses people without a role on the platform, whatever they hold below, and changes nothing', async () => {
    const visitor = await as(owner);
    await readModelsCaughtUp(server);
    const before = (await server.events()).length;
    for (const path of ['/portal/platform', DEPLOYMENTS, '/portal/platform/organisations/new'])
      expect([path, (await visitor.get(path)).status]).toEqual([path, 403]);
    for (const [kind, { id }] of [
      ['organisations', riverside],
      ['deployments', cardiac],
      ['deployments', study],
    ] as const) {
      for (const deed of ['archive', 'restore'])
        expect((await visitor.submit(`/portal/platform/${kind}/${id}/${deed}`)).status).toBe(403);
    }
    expect((await visitor.submit('/portal/platform/organisations/new', { name: 'Mine', viewType: 'rpm' })).status).toBe(
      403,
    );
    expect(await server.events()).toHaveLength(before);
  });

  it('refuses what a platform role may not do, and forged ids, and changes nothing', async () => {
    const before = (await server.events()).length;
    const refused = async (visitor: Visitor, path: string) => (await visitor.submit(`/portal/platform/${path}`)).status;
    expect(await refused(await as(support), `organisations/${riverside.id}/archive`)).toBe(403);
    expect(await refused(await as(manager), `deployments/${cardiac.id}/archive`)).toBe(403);
    expect(await refused(await as(manager), `organisations/${riverside.id}/restore`)).toBe(403);
    expect((await (await as(support)).get('/portal/platform/organisations/new')).status).toBe(403);
    for (const path of [
      `organisations/${cardiac.id}/archive`,
      `deployments/${riverside.id}/archive`,
      'deployments/00000000-0000-4000-8000-00000000dead/archive',
      'deployments/nonsense/archive',
      `groups/${riverside.id}/archive`,
    ])
      expect([path, await refused(admin, path)]).toEqual([path, 404]);
    const elsewhere = { Origin: 'https://evil.example' };
    const forged = await admin.submit(`/portal/platform/deployments/${cardiac.id}/archive`, {}, elsewhere);
    expect(forged.status).toBe(403);
    expect(await server.events()).toHaveLength(before + 2 * 2);
  });

  it('creates an organisation, and a deployment of it', async () => {
    const visitor = await as(manager);
    const path = '/portal/platform/organisations/new';
    const bad = await visitor.submit(path, { name: ' ', viewType: 'rpm', termsUrl: 'http://x', plannedStaff: 'many' });
    expect(bad.status).toBe(400);
    for (const field of ['name', 'termsUrl', 'plannedStaff'])
      expect([bad.text.includes(`id="${field}-error"`), bad.text.includes(`href="#${field}"`)]).toEqual([true, true]);
    expect(bad.text).toContain('value="http://x"');
    const fields = { name: 'Hillside', viewType: 'dct', termsUrl: 'https://hillside.example/terms', plannedStaff: '7' };
    const made = await visitor.submit(path, fields);
    const [organisation] = /\/portal\/organisations\/[\w-]+$/.exec(made.headers['location']!)!;
    expect((await server.admin.get(organisation.replace('/portal/', '/v1/')).expect(200)).body).toMatchObject({
      name: 'Hillside',
      viewType: 'dct',
      termsUrl: 'https://hillside.example/terms',
      privacyPolicyUrl: null,
      targets: { patients: null, staff: 7 },
    });
    expect((await visitor.get(organisation)).text).toContain(`href="${organisation}/deployments/new"`);
    const form = `${organisation}/deployments/new`;
    expect((await visitor.get(form)).status).toBe(200);
    const below = await visitor.submit(form, { name: 'At home', offboardingReasons: 'Moved\r\n\r\nOther ' });
    const [deployment] = /\/portal\/deployments\/[\w-]+$/.exec(below.headers['location']!)!;
    expect((await server.admin.get(deployment.replace('/portal/', '/v1/')).expect(200)).body).toMatchObject({
      name: 'At home',
      offboardingReasons: ['Moved', 'Other'],
    });
    for (const member of [owner, support])
      expect([404, 403]).toContain((await (await as(member)).submit(form, { name: 'Mine' })).status);
  });
});
