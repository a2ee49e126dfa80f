import { describeOnOneEngine } from '../../support/engines.js';
import { pageRoutesOf, type PageRoute } from '../../support/page-routes.js';
import { createOrganisation, freshEmail, readModelsCaughtUp } from '../../support/scenarios.js';
import { ADMIN, startTestServer } from '../../support/test-server.js';
import { HostilePlace, payload, RAW, shownPayload } from './hostile-place.js';
import { signedInVisitor, Visitor } from './portal-support.js';

/** Each free text that a page shows. */
const SHOWN = [
  'organisation',
  'deployment',
  'group',
  'role',
  'roleBelow',
  'person',
  'member',
  'mover',
  'message',
  'link',
  'offboarded',
  'file',
  'description',
];
/** Every field of an address that a page reads. */
const QUERY = [
  'q',
  'cursor',
  'next',
  'done',
  'failed',
  'count',
  'refused',
  'state',
  'role',
  'where',
  'sort',
  'saved',
  'type',
];
/** Every field of a form that a page reads, and one that none reads. */
const FIELDS = [
  ...['emails', 'role', 'expiresIn', 'message', 'locale', 'reason', 'name', 'permissions', 'moveTo', 'deed', 'ids'],
  ...['wrong', 'mend', 'listed', 'maxUses', 'set', 'q', 'description', 'url', 'personIds', 'memberId', 'exception'],
  ...['email', 'address', 'addressPassword', 'password', 'currentPassword', 'next', 'terms', 'confirmed', 'unknown'],
];
/** Fields that let a form come further. */
const GOOD = { role: 'contributor', expiresIn: '7d', locale: 'en', drawnFor: payload('drawnFor') };
const NO_LINKS = [
  'javascript:ran()',
  ' javascript:ran()',
  'JaVaScRiPt:ran()',
  'java\nscript:ran()',
  'data:text/html,<b>',
  'vbscript:x',
  '//evil.example',
];
/** Where an attribute may lead: to this site, to a place on the page, or to a policy. */
const ADDRESS = /^(?:\/(?!\/)|#|\?|https:\/\/(?:policy|files)\.example\/|data:image\/svg\+xml,)/;

/** What is wrong with a page. */
function faultsOf(text: string): string[] {
  const addresses = [...text.matchAll(/\s(?:href|src|action|formaction|hx-get|hx-post|data-path)="([^"]*)"/g)];
  return [
    ...(RAW.exec(text) ?? []),
    ...addresses.flatMap(([, address]) => (ADDRESS.test(address!) ? [] : [`leads to ${address!}`])),
  ];
}

describeOnOneEngine('pages with hostile texts', (engine) => {
  let place: HostilePlace;
  let routes: PageRoute[];
  let visitors: Record<string, Visitor>;
  beforeAll(async () => {
    place = await HostilePlace.make(engine, { NODE_ENV: 'development' });
    const { server, owner, offboarded } = place;
    routes = pageRoutesOf(server);
    visitors = {
      nobody: new Visitor(server.url),
      'the super-admin': await signedInVisitor(server, ADMIN),
      'an owner': await signedInVisitor(server, owner),
      'a patient': await signedInVisitor(server, offboarded),
    };
  });
  afterAll(async () => place.server.close());

  it('escape each of them on every page, for every visitor', async () => {
    const faults: unknown[] = [];
    const seen = new Set<string>();
    for (const [who, visitor] of Object.entries(visitors)) {
      for (const route of routes.filter(({ method }) => method === 'GET')) {
        const { status, text } = await visitor.get(place.address(route));
        const found = [...faultsOf(text), ...(status >= 500 ? [status] : [])];
        if (found.length > 0) faults.push([who, route.path, ...found]);
        for (const what of SHOWN) if (text.includes(shownPayload(what))) seen.add(what);
      }
    }
    expect(faults).toEqual([]);
    expect([...seen].sort()).toEqual([...SHOWN].sort());
  });

  it('escape what the address of the request holds', async () => {
    const query = new URLSearchParams(Object.fromEntries(QUERY.map((name) => [name, payload(name)]))).toString();
    const faults: unknown[] = [];
    let reflected = 0;
    for (const who of ['nobody', 'an owner']) {
      for (const route of routes.filter(({ method }) => method === 'GET')) {
        for (const asked of [query, `q=${encodeURIComponent(payload('q'))}`]) {
          const { status, text, headers } = await visitors[who]!.get(`${place.address(route)}?${asked}`);
          const found = [...faultsOf(text), ...(RAW.exec(headers['location'] ?? '') ?? [])];
          if (found.length > 0 || status >= 500) faults.push([who, route.path, status, ...found]);
          if (text.includes(shownPayload('q'))) reflected += 1;
        }
      }
    }
    expect(faults).toEqual([]);
    expect(reflected).toBeGreaterThan(0);
  });

  it('escape the rows of a file that hold no address', async () => {
    const file = `E-mail\n"${payload('row').replaceAll('"', '""')}"\n"<zx@example.test>"\n`;
    const { status, text } = await visitors['an owner']!.upload(
      `${place.organisation.path.replace('/v1/', '/portal/')}/staff/invite/import`,
      file,
      `${payload('file')}.csv`,
    );
    expect([status, faultsOf(text), text.includes(shownPayload('row'))]).toEqual([200, [], true]);
  });

  it('escape them in mails', () => {
    const mails = place.server.smtp.mails.map(({ html }) => html);
    expect(mails.filter((html) => RAW.test(html))).toEqual([]);
    for (const what of ['organisation', 'deployment', 'group', 'role', 'person', 'message'])
      expect([what, mails.some((html) => html.includes(shownPayload(what)))]).toEqual([what, true]);
  });

  it.each(NO_LINKS)('never get the link %j', async (link) => {
    const { server, organisation, deployment, group } = place;
    const answers = await Promise.all([
      ...['privacyPolicyUrl', 'termsUrl'].map(async (field) =>
        server.admin.patch(organisation.path, { [field]: link }),
      ),
      ...['privacyPolicyUrl', 'termsUrl', 'appStoreUrl', 'playStoreUrl'].map(async (field) =>
        server.admin.patch(deployment.path, { [field]: link }),
      ),
      server.admin.post(`${group.path}/files`, { name: 'File', url: link }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  });

  it('download failed mails as a file that no browser takes for a page', async () => {
    const { headers } = await place.owner.api
      .get(`/v1/invitation-batches/${place.ids.organisations['batchId']!}/failures`)
      .expect(200);
    expect([headers['content-type'], headers['x-content-type-options'], headers['content-disposition']]).toEqual([
      expect.stringMatching(/^text\/csv/),
      'nosniff',
      expect.stringMatching(/^attachment/),
    ]);
  });

  it('escape what a form sent, also where it is refused', async () => {
    const body = Object.fromEntries(FIELDS.map((name) => [name, payload(name)]));
    const faults: unknown[] = [];
    const seen = new Set<string>();
    for (const who of ['nobody', 'an owner'] as const) {
      for (const route of routes.filter(({ method }) => method === 'POST')) {
        for (const fields of [body, { ...body, ...GOOD }]) {
          // Some of the forms end the session.
          if (who === 'an owner' && !visitors[who]!.isSignedIn)
            visitors[who] = await signedInVisitor(place.server, place.owner);
          const visitor = visitors[who]!;
          const { status, text, headers } = await visitor.submit(place.address(route), fields);
          const found = [...faultsOf(text), ...(RAW.exec(headers['location'] ?? '') ?? [])];
          if (found.length > 0 || status >= 500) faults.push([who, route.path, status, ...found]);
          for (const name of FIELDS) if (text.includes(shownPayload(name))) seen.add(name);
        }
      }
    }
    expect(faults).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(['emails', 'message', 'name', 'email']));
    expect([...seen].filter((name) => /password/i.test(name))).toEqual([]);
  });
});

describeOnOneEngine('the mailbox with hostile texts', (engine) => {
  it('escapes them on its pages and in its frames', async () => {
    const server = await startTestServer(engine, { SMTP_URL: '' });
    try {
      const place = await createOrganisation(server, payload('organisation'));
      const call = { emails: [freshEmail()], role: 'contributor', message: payload('message') };
      await server.admin.post(`${place.path}/staff-invitations`, call).expect(201);
      await readModelsCaughtUp(server);
      const visitor = await signedInVisitor(server, ADMIN);
      const { text: list } = await visitor.get('/mailbox');
      const [, page = ''] = /href="(\/mailbox\/[0-9a-f-]{36})"/.exec(list)!;
      const { text: mail } = await visitor.get(page);
      const { text: content } = await visitor.get(`${page}/content`);
      expect([list, mail, content].map((text) => RAW.exec(text)?.[0])).toEqual([undefined, undefined, undefined]);
      expect([list, mail, content].map((text) => text.includes(shownPayload('organisation')))).toEqual([
        true,
        true,
        true,
      ]);
      expect(content).toContain(shownPayload('message'));
    } finally {
      await server.close();
    }
  });
});
