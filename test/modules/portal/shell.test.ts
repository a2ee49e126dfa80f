import { gzipSync } from 'node:zlib';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, withTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  join,
  joinGroup,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, Visitor } from './portal-support.js';

const FIRST_PAGE_BYTES = 100 * 1024;

describeOnOneEngine('the frame of the pages', (engine) => {
  let server: TestServer;
  let place: Place;
  let cohort: Place;
  let members: Record<string, Member>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    cohort = await createDeployment(server, place, 'Cardiac Rehabilitation');
    const other = await createDeployment(server, place, 'Hypertension Study');
    const elsewhere = await createOrganisation(server, 'Lakeside Clinic');
    await createDeployment(server, elsewhere, 'Lakeside Cohort');
    members = {
      owner: await join(server, place, 'organisation-owner'),
      auditor: await join(server, place, 'auditor'),
      contributor: await join(server, cohort, 'contributor'),
      'contributor of the other deployment': await join(server, other, 'contributor'),
      'owner elsewhere': await join(server, elsewhere, 'organisation-owner'),
      patient: await enrol(server, cohort),
      observer: await observe(server, cohort),
      'group member': await joinGroup(server, await createGroup(server, place)),
    };
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  const visitorOf = async (email: string, password = PASSWORD, headers: Record<string, string> = {}) => {
    const visitor = new Visitor(server.url, headers);
    expect((await visitor.submit('/sign-in', { email, password })).status).toBe(303);
    return visitor;
  };
  const as = async (who: string) => visitorOf(members[who]!.email);
  const admin = async () => visitorOf(ADMIN.email, ADMIN.password);
  const pageOf = ({ path }: Place) => path.replace('/v1/', '/portal/');
  /** The links of the side bar, without their icons. */
  const sideOf = (html: string) => {
    const side = /<nav id="side"[\s\S]*?<\/nav>/.exec(html)?.[0] ?? '';
    return [...side.matchAll(/<a href="([^"]*)"[^>]*>(?:<svg[\s\S]*?<\/svg>)?([^<]*)<\/a>/g)].map(
      ([, , label]) => label,
    );
  };
  const placesIn = (html: string) => {
    const [found = ''] = /<div id="found-places">[\s\S]*?<\/div>/.exec(html) ?? [html];
    return [...found.matchAll(/<a href="\/portal\/[^"]*"[^>]*>(?:<svg[\s\S]*?<\/svg>)?<span>([^<]*)/g)].map(
      ([, name]) => name,
    );
  };

  it('leads visitors without a session to the sign-in form, and from there back', async () => {
    for (const path of [
      '/portal/places?q=x',
      '/portal/places/found',
      '/portal/platform',
      pageOf(place),
      pageOf(cohort),
    ]) {
      const { status, headers } = await new Visitor(server.url).get(path);
      expect([status, headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
    }
    const next = pageOf(place);
    expect((await new Visitor(server.url).submit('/sign-in', { ...ADMIN, next })).headers['location']).toBe(next);
  });

  it('opens a place to those for whom the API does', async () => {
    const seen: Record<string, number[]> = {};
    for (const [who, { api }] of Object.entries(members)) {
      const visitor = await as(who);
      seen[who] = [];
      for (const at of [place, cohort]) {
        const { status } = await visitor.get(pageOf(at));
        expect([who, at.path, status]).toEqual([who, at.path, (await api.get(at.path)).status]);
        seen[who].push(status);
      }
      seen[who].push((await visitor.get('/portal/platform')).status);
    }
    expect(seen).toEqual({
      owner: [200, 200, 403],
      auditor: [200, 200, 403],
      contributor: [200, 200, 403],
      'contributor of the other deployment': [200, 404, 403],
      'owner elsewhere': [404, 404, 403],
      patient: [200, 200, 403],
      observer: [404, 200, 403],
      'group member': [200, 404, 403],
    });
    expect((await (await admin()).get('/portal/platform')).status).toBe(200);
  });

  it('shows the deployments of an organisation to those who may list them, and each person only theirs', async () => {
    const shown = async (who: string) => {
      const { text } = await (await as(who)).get(pageOf(place));
      return [...text.matchAll(/<a class="row-title"[^>]*>([^<]*)/g)].map(([, name]) => name);
    };
    expect(await shown('owner')).toEqual(['Cardiac Rehabilitation', 'Hypertension Study']);
    expect(await shown('contributor')).toEqual(['Cardiac Rehabilitation']);
    for (const who of ['patient', 'group member']) {
      expect(await shown(who)).toEqual([]);
      expect((await (await as(who)).get(pageOf(place))).text).not.toContain('No deployments yet');
    }
  });

  it('counts people only for those with deployment.view', async () => {
    const counts = async (who: string) => (await (await as(who)).get(pageOf(cohort))).text.includes('Active patients');
    expect([await counts('contributor'), await counts('observer'), await counts('patient')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('offers each person the links that they may follow', async () => {
    const sides: Record<string, (string | undefined)[]> = {};
    for (const who of Object.keys(members)) sides[who] = sideOf((await (await as(who)).get('/')).text);
    const withTeam = ['Start', 'Overview', 'My Team', 'Groups', 'Roles', 'History', 'Settings', 'API reference'];
    const ofAuditors = ['Start', 'Overview', 'Groups', 'Roles', 'History', 'API reference'];
    const withPatients = ['Start', 'Overview', 'Patients', 'Roles', 'API reference'];
    expect(sides).toEqual({
      owner: withTeam,
      auditor: ofAuditors,
      contributor: withPatients,
      'contributor of the other deployment': withPatients,
      'owner elsewhere': withTeam,
      observer: ['Start', 'Overview', 'API reference'],
      patient: ['Start'],
      'group member': ['Start'],
    });
    const visitor = await admin();
    expect(sideOf((await visitor.get('/')).text)).toEqual(['Start', 'Admin portal', 'API reference']);
    expect(sideOf((await visitor.get(pageOf(place))).text)).toEqual([
      'Start',
      'Overview',
      'My Team',
      'Groups',
      'Roles',
      'History',
      'Settings',
      'Admin portal',
      'API reference',
    ]);
  });

  it('leads nowhere where a page is missing', async () => {
    for (const visitor of [await admin(), await as('owner'), await as('observer'), await as('patient')]) {
      for (const start of ['/', '/account', '/account/notices', '/portal/places']) {
        const { text } = await visitor.get(start);
        const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path!.replaceAll('&amp;', '&'));
        for (const path of new Set(links)) expect([path, (await visitor.get(path)).status]).toEqual([path, 200]);
      }
    }
  });

  it('names the place of a page, and where it belongs', async () => {
    const { text } = await (await as('owner')).get(pageOf(cohort));
    expect([headingOf(text), text.includes('<span class="above">Riverside Hospital</span>')]).toEqual([
      'Cardiac Rehabilitation',
      true,
    ]);
    // An observer may not see the organisation.
    const trail = async (who: string) =>
      /<ol class="trail">.*?<\/ol>/.exec((await (await as(who)).get(pageOf(cohort))).text)?.[0];
    expect(await trail('owner')).toContain(`href="${pageOf(place)}"`);
    expect([await trail('observer')].map((html) => html?.includes('href'))).toEqual([false]);
  });

  it('finds a place by a part of its name, for nobody who may not see it', async () => {
    const found = async (who: string, q: string) =>
      placesIn((await (await as(who)).get(`/portal/places/found?q=${encodeURIComponent(q)}`)).text);
    expect(await found('owner', 'RIVER')).toEqual(['Riverside Hospital']);
    expect(await found('owner', 'study')).toEqual(['Hypertension Study']);
    expect(await found('owner', 'lake')).toEqual([]);
    expect(await found('contributor', 'study')).toEqual([]);
    expect(await found('contributor', 'cardiac')).toEqual(['Cardiac Rehabilitation']);
    expect(await found('owner elsewhere', 'river')).toEqual([]);
    expect(await found('owner elsewhere', 'Cohort')).toEqual(['Lakeside Cohort']);
    expect(await found('patient', 'river')).toEqual([]);
    expect(await found('observer', '')).toEqual(['Cardiac Rehabilitation']);
    expect((await (await as('owner')).get('/portal/places?q=%3Cb%3E')).text).toContain('No name contains “&lt;b&gt;”');
  });

  it('holds the menu next to the name, in both languages', async () => {
    for (const [language, account, out] of [
      ['en', 'My account', 'Sign out'],
      ['de', 'Mein Konto', 'Abmelden'],
    ] as const) {
      const visitor = await visitorOf(members['owner']!.email, PASSWORD, { 'Accept-Language': language });
      const { text } = await visitor.get('/');
      expect(text).toMatch(/<button[^>]*popovertarget="me">.*<span class="name">Name of organisation-owner<\/span>/);
      const menu = /<div id="me"[\s\S]*?<\/div>/.exec(text)![0];
      for (const words of [account, out, members['owner']!.email]) expect(menu).toContain(words);
    }
  });

  it('escapes the names of places', async () => {
    const odd = await createOrganisation(server, '<i>Odd</i> & "Sons"');
    const { text } = await (await admin()).get(pageOf(odd));
    expect(text).toContain('&lt;i&gt;Odd&lt;/i&gt; &amp; &quot;Sons&quot;');
    expect(text).not.toContain('<i>Odd');
  });

  it('has no page for an id that is none, and none of components', async () => {
    const visitor = await admin();
    for (const path of [
      '/portal/organisations/x',
      '/portal/deployments/x',
      `/portal/organisations/${cohort.id}`,
      '/portal/components',
    ])
      expect([path, (await visitor.get(path)).status]).toEqual([path, 404]);
    expect((await visitor.get('/portal/places?cursor=nonsense')).status).toBe(400);
  });

  it('runs no script but its own files, and a first page is small', async () => {
    const visitor = await as('owner');
    const { text, headers } = await visitor.get(pageOf(place));
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|hx-on|js:|style="|<style|https?:\/\/(?!www\.w3\.org)/);
    const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]*)"/g)].map(([, path]) => path!);
    expect(files).toHaveLength(3);
    let bytes = gzipSync(text).length;
    for (const path of files) {
      const file = await visitor.get(path);
      expect([file.status, file.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      bytes += gzipSync(file.text).length;
    }
    expect(bytes).toBeLessThan(FIRST_PAGE_BYTES);
  });
});

describeOnOneEngine('the page of components', (engine) => {
  it('is served in development', async () => {
    await withTestServer(engine, { NODE_ENV: 'development' }, async ({ url }) => {
      const visitor = new Visitor(url);
      expect((await visitor.get('/portal/components')).headers['location']).toBe(
        '/sign-in?next=%2Fportal%2Fcomponents',
      );
      await visitor.submit('/sign-in', ADMIN);
      const { status, text } = await visitor.get('/portal/components');
      expect([status, headingOf(text)]).toEqual([200, 'Components']);
    });
  });
});
