import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import request from 'supertest';
import { describeOnOneEngine } from '../../support/engines.js';
import { pageRoutesOf, type PageRoute } from '../../support/page-routes.js';
import { createOrganisation, freshEmail, idle, invite, join, type Place } from '../../support/scenarios.js';
import { ADMIN, PASSWORD } from '../../support/test-server.js';
import { HostilePlace } from './hostile-place.js';
import { signedInVisitor, Visitor } from './portal-support.js';

/** Addresses that some browser or proxy takes for another site's. */
const ELSEWHERE = [
  ...[
    'https://evil.example',
    'http:evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
  ],
  ...[
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
  ],
  ...[
    '/%09/evil.example',
    '/%5Cevil.example',
    '/%2F%2Fevil.example',
    '@evil.example',
    '.evil.example',
    '/;@evil.example',
  ],
  ...['javascript:ran()', 'java\nscript:ran()', 'data:text/html,x', '/\u2028//evil.example', '/\uFF0Fevil.example'],
];
/** Names that objects have anyway, and values that are no texts. */
const ODD_VALUES = ['__proto__', 'constructor', 'hasOwnProperty', '-1', '\u0000', 'null', '[]', 'a'.repeat(5_000)];
const QUERY = ['q', 'cursor', 'next', 'done', 'failed', 'count', 'refused', 'state', 'role', 'where', 'sort', 'saved'];
const FIELDS = [
  ...['emails', 'role', 'expiresIn', 'message', 'locale', 'reason', 'name', 'permissions', 'moveTo', 'deed', 'ids'],
  ...['terms', 'confirmed', 'next', 'email', 'address', 'keepGroups'],
  ...['set', 'q', 'description', 'url', 'personIds', 'memberId', 'exception'],
];
/** What a page shows when code takes an object, a function or nothing for a text. */
const CODE = /\[object |function |\bundefined\b|\bNaN\b|native code/;

describeOnOneEngine('forged forms and addresses', (engine) => {
  let place: HostilePlace;
  let routes: PageRoute[];
  let owner: Visitor;
  let elsewhere: Place;
  beforeAll(async () => {
    place = await HostilePlace.make(engine);
    routes = pageRoutesOf(place.server);
    owner = await signedInVisitor(place.server, place.owner);
    elsewhere = await createOrganisation(place.server, 'Elsewhere');
  });
  afterAll(async () => place.server.close());

  const page = (at: { path: string } = place.organisation): string => at.path.replace('/v1/', '/portal/');
  const leadsHere = (location: string | undefined): boolean =>
    new URL(location ?? 'nowhere:', place.server.url).origin === place.server.url;
  const events = async (): Promise<number> => (await place.server.events()).length;

  it.each(ELSEWHERE)('lead no visitor to %j after signing in, nor a signed-in one', async (next) => {
    const { server } = place;
    const visitor = new Visitor(server.url);
    const { text } = await visitor.get(`/sign-in?next=${encodeURIComponent(next)}`);
    const [, hidden = '/'] = /name="next" value="([^"]*)"/.exec(text) ?? [];
    const signedIn = await visitor.submit('/sign-in', { ...ADMIN, next });
    const again = await visitor.get(`/sign-in?next=${encodeURIComponent(next)}`);
    const out = await visitor.submit('/sign-out', { next });
    expect([signedIn, again, out].map(({ status }) => status)).toEqual([303, 303, 303]);
    const addresses = [hidden, ...[signedIn, again, out].map(({ headers }) => headers['location'])];
    expect(addresses.filter((address) => !leadsHere(address) || /[\\\s]/.test(address!))).toEqual([]);
  });

  it('lead no visitor away by the address of a form, however it is written', async () => {
    const faults: unknown[] = [];
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const address = place.address(route);
      for (const asked of [
        `http://evil.example${address}`,
        `//evil.example${address}`,
        `/${address}`,
        `${address}?//evil.example`,
      ]) {
        const { location } = await rawGet(place.server.url, asked);
        if (location !== null && !leadsHere(location)) faults.push([asked, location]);
      }
    }
    expect(faults).toEqual([]);
  });

  it('write no address of another host into a page or a mail', async () => {
    const { server, owner: member } = place;
    const named = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' };
    for (const path of ['/', '/sign-in', '/no-such-page', `/invitations/${place.tokens['invitations']!}`]) {
      const { text, headers } = await request(server.url)
        .get(path)
        .set({ Accept: 'text/html', ...named });
      expect([path, `${text} ${headers['location'] ?? ''}`.includes('evil.example')]).toEqual([path, false]);
    }
    await request(server.url).post('/password-reset').type('form').set(named).send({ email: member.email }).expect(200);
    await idle(server);
    expect(server.smtp.to(member.email).at(-1)!.text).toContain(`${server.url}/password-reset/`);
  });

  it('give no role that the visitor may not give, and change nothing of another place', async () => {
    const { server, organisation } = place;
    const editor = await signedInVisitor(server, await join(server, organisation, 'organisation-editor'));
    const member = await join(server, organisation, 'contributor');
    const stranger = await join(server, elsewhere, 'contributor');
    const pending = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
    const foreign = await invite(server, server.admin, elsewhere, freshEmail(), 'contributor');
    const { body } = await server.admin.post(`${elsewhere.path}/roles`, {
      name: 'Theirs',
      permissions: ['patients.view'],
    });
    const role = String(body.id);
    const call = { emails: [freshEmail(), freshEmail()], role: 'contributor' };
    const { batchId } = (await server.admin.post(`${elsewhere.path}/staff-invitations`, call).expect(201)).body;
    await idle(server);
    const before = await events();
    const staff = `${page()}/staff`;
    const invited = { emails: freshEmail(), expiresIn: '7d' };
    const answers: Record<string, number> = {};
    for (const forged of ['organisation-owner', 'super-admin', 'nothing', role]) {
      answers[`invite ${forged}`] = (await editor.submit(`${staff}/invite`, { ...invited, role: forged })).status;
      for (const [what, form] of [
        ['member', `${staff}/${member.membershipId}/role`],
        ['invitation', `${staff}/invitations/${pending.id}/change`],
      ] as const) {
        const { headers } = await editor.submit(form, { role: forged });
        if (!/[?&]failed=/.test(headers['location'] ?? '')) answers[`${what} ${forged}`] = 0;
      }
    }
    for (const [form, fields] of [
      [`${staff}/${stranger.membershipId}/role`, { role: 'admin' }],
      [`${staff}/${stranger.membershipId}/end`, {}],
      [`${staff}/invitations/${foreign.id}/change`, { expiresIn: '24h' }],
      [`${staff}/invitations/${foreign.id}/delete`, {}],
      [`${staff}/invitations/${foreign.id}/resend`, {}],
      [`${staff}/batches/${String(batchId)}/undo`, {}],
      [`${page()}/roles/${role}`, { name: 'Ours' }],
      [`${page()}/roles/${role}/delete`, { moveTo: 'contributor' }],
      [`${page(elsewhere)}/staff/invite`, { ...invited, role: 'contributor' }],
    ] as [string, Record<string, string>][])
      answers[form] = (await editor.submit(form, fields)).status;
    expect(Object.entries(answers).filter(([, status]) => status < 400)).toEqual([]);
    const { headers } = await editor.submit(`${staff}/invitations/selected`, { deed: 'delete', ids: foreign.id });
    expect(headers['location']).toContain('count=0&refused=1');
    expect(await events()).toBe(before);
  });

  it('ignore fields that the form does not have', async () => {
    const email = freshEmail();
    const forged = {
      dryRun: 'true',
      mode: 'atomic',
      personIds: place.owner.membershipId,
      actor: 'system',
      'emails[]': 'x@example.test',
    };
    const { status, text } = await owner.submit(`${page()}/staff/invite`, {
      ...forged,
      emails: email,
      role: 'contributor',
      expiresIn: '7d',
    });
    expect([status, text.includes('1 invitation')]).toEqual([200, true]);
    expect((await place.server.smtp.mailTo(email)).token).not.toBe('');
    const issued = (await place.server.events()).filter(({ type }) => type === 'InvitationIssued').at(-1)!;
    const { personId } = (await place.owner.api.get('/v1/me').expect(200)).body;
    expect(issued.metadata.actor).toBe(personId);
  });

  it.each([...ODD_VALUES.map(shortened), 'twice', 'nested'])(
    'answer addresses and forms with %j without an error of the server, and show no code',
    async (what) => {
      const faults: unknown[] = [];
      const values = (names: readonly string[]): [string, string][] => namesWith(names, what);
      for (const route of routes.filter(({ path }) => /^\/(?:portal|me|mailbox|sign-in|account$|$)/.test(path))) {
        const address = place.address(route);
        // A page that refuses one field reads no other.
        const sets =
          route.method === 'GET' ? [['q'], QUERY.filter((name) => !['q', 'cursor'].includes(name)), QUERY] : [FIELDS];
        for (const names of sets) {
          const query = values(names)
            .map((pair) => pair.map(encodeURIComponent).join('='))
            .join('&');
          const { status, text } =
            route.method === 'GET'
              ? await owner.get(`${address}?${query}`)
              : await owner.submitPairs(address, values(names));
          const found = CODE.exec(text)?.[0];
          if (status >= 500 || found) faults.push([route.method, route.path, names.join(), status, found]);
        }
      }
      expect(faults).toEqual([]);
      expect(owner.isSignedIn).toBe(true);
    },
  );

  it('refuse what is too large, and keep the form', async () => {
    const staff = `${page()}/staff`;
    const before = await events();
    const many = Array.from({ length: 10_001 }, (_, n) => `person-${String(n)}@example.test`).join('\n');
    const call = { emails: many, role: 'contributor', expiresIn: '7d' };
    const tooMany = await owner.submit(`${staff}/invite`, call);
    expect([tooMany.status, tooMany.text.includes('person-10000@example.test')]).toEqual([422, true]);
    const long = await owner.submit(`${staff}/invite`, { ...call, emails: freshEmail(), message: 'm'.repeat(2_001) });
    expect([long.status, long.text.includes('m'.repeat(2_001))]).toEqual([400, true]);
    expect((await owner.submit(`${page()}/roles/new`, { name: 'n'.repeat(201) })).status).toBe(400);
    expect((await owner.get(`${staff}?q=${'q'.repeat(300)}`)).status).toBe(400);
    expect((await owner.get(`${staff}?q=${'q'.repeat(50_000)}`)).status).toBe(413);
    expect(await events()).toBe(before);
    // The session is as it was.
    expect((await owner.get('/account')).text).not.toContain(PASSWORD);
    expect(owner.isSignedIn).toBe(true);
  });
});

/** The name of a test stays short. */
function shortened(value: string): string {
  return value.length > 20 ? `${String(value.length)} letters` : value;
}

/** Pairs of a query or a form in which each name has this odd value, or an odd form. */
function namesWith(names: readonly string[], what: string): [name: string, value: string][] {
  const value = ODD_VALUES.find((each) => shortened(each) === what);
  if (value !== undefined) return names.map((name) => [name, value]);
  const ends = what === 'twice' ? ['', ''] : ['[x]', '[]', '.x'];
  return [...names.flatMap((name) => ends.map((end): [string, string] => [name + end, 'a'])), ['__proto__', 'a']];
}

/** Asks for an address exactly as it is written, as no client library does. */
async function rawGet(url: string, target: string): Promise<{ location: string | null }> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`);
  const [head = ''] = (await textOf(socket)).split('\r\n\r\n');
  return { location: /^location: (.*)$/im.exec(head)?.[1] ?? null };
}
