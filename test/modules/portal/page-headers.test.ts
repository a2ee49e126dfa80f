import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import request from 'supertest';
import { describeOnOneEngine } from '../../support/engines.js';
import { pageRoutesOf } from '../../support/page-routes.js';
import { ADMIN, startTestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, readModelsCaughtUp } from '../../support/scenarios.js';
import { HostilePlace } from './hostile-place.js';
import { signedInVisitor, Visitor } from './portal-support.js';

/** The policy of every page: its own files, no style or script in the page, no other host, and no frame around it. */
const POLICY = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "script-src-attr 'none'",
  "style-src 'self'",
];

interface Answer {
  status: number;
  type: string;
  headers: Record<string, string>;
}

/** What is wrong with the headers of a page, an error page or a redirect. */
function faultsOf({ headers }: Answer, policy = POLICY): string[] {
  const directives = (headers['content-security-policy'] ?? '').split(';').map((each) => each.trim());
  const expected: Record<string, string> = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
  };
  return [
    ...(directives.sort().join('; ') === policy.join('; ') ? [] : [directives.join('; ')]),
    ...Object.entries(expected).flatMap(([name, value]) =>
      headers[name] === value ? [] : [`${name} is ${String(headers[name])}`],
    ),
    ...(headers['access-control-allow-origin'] === undefined ? [] : ['may be read by another site']),
  ];
}

describeOnOneEngine('the headers of pages', (engine) => {
  let place: HostilePlace;
  beforeAll(async () => {
    place = await HostilePlace.make(engine, { NODE_ENV: 'development' });
  });
  afterAll(async () => place.server.close());

  it('are strict on every page, for everybody', async () => {
    const { server, owner, offboarded } = place;
    const visitors = [
      new Visitor(server.url),
      await signedInVisitor(server, ADMIN),
      await signedInVisitor(server, owner),
      await signedInVisitor(server, offboarded),
    ];
    const faults: unknown[] = [];
    for (const visitor of visitors) {
      for (const route of pageRoutesOf(server).filter(({ method }) => method === 'GET')) {
        const found = faultsOf(await visitor.get(place.address(route)));
        if (found.length > 0) faults.push([route.path, ...found]);
      }
    }
    expect(faults).toEqual([]);
  });

  it('are strict on error pages', async () => {
    const { server, owner } = place;
    const visitor = await signedInVisitor(server, owner);
    const page = place.organisation.path.replace('/v1/', '/portal/');
    const answers = {
      'no such page': await visitor.get('/no-such-page'),
      'not allowed': await visitor.get('/portal/platform'),
      'bad cursor': await visitor.get(`${page}/staff?cursor=nonsense`),
      'another site': await visitor.submit('/sign-out', {}, { 'Sec-Fetch-Site': 'cross-site' }),
      'too large': await visitor.submit(`${page}/roles/new`, { name: 'a'.repeat(100_000) }),
      'no form': await request(server.url)
        .post('/sign-in')
        .set({ Accept: 'text/html' })
        .type('text/plain')
        .send('text'),
      'another method': await request(server.url).put('/sign-in').set({ Accept: 'text/html' }),
    };
    expect(Object.values(answers).map(({ status, type }) => [status, type])).toEqual(
      [404, 403, 400, 403, 413, 415, 404].map((status) => [status, 'text/html']),
    );
    expect(Object.entries(answers).flatMap(([what, answer]) => faultsOf(answer).map((fault) => [what, fault]))).toEqual(
      [],
    );
  });

  it('compress pages for their own visitors, but not for a request that another site caused', async () => {
    const { server, owner } = place;
    const page = place.organisation.path.replace('/v1/', '/portal/');
    const read = async (headers: Record<string, string>, path = page) => {
      const visitor = new Visitor(server.url, headers);
      await visitor.submit('/sign-in', { email: owner.email, password: 'a perfectly fine password' });
      return visitor.get(path);
    };
    const encodings = async (headers: Record<string, string>) => {
      const answer = await read(headers);
      return [answer.headers['content-encoding'], answer.headers['vary']];
    };
    const vary = 'Accept-Encoding, Sec-Fetch-Site';
    const accepts = { 'Accept-Encoding': 'gzip, deflate, br' };
    expect(await encodings({ ...accepts, 'Sec-Fetch-Site': 'same-origin' })).toEqual(['br', vary]);
    expect(await encodings({ ...accepts, 'Sec-Fetch-Site': 'none' })).toEqual(['br', vary]);
    expect(await encodings({ 'Accept-Encoding': 'gzip, br;q=0', 'Sec-Fetch-Site': 'none' })).toEqual(['gzip', vary]);
    expect(await encodings({ 'Accept-Encoding': 'identity', 'Sec-Fetch-Site': 'none' })).toEqual([undefined, vary]);
    for (const site of ['cross-site', 'same-site'])
      expect(await encodings({ ...accepts, 'Sec-Fetch-Site': site })).toEqual([undefined, vary]);
    // An older browser doesn't say what caused the request.
    expect(await encodings(accepts)).toEqual([undefined, vary]);
  });

  it.each(['br', 'gzip'])('compress the files of pages with %s, for everybody, to the same text', async (encoding) => {
    const { server, owner } = place;
    const { text } = await (await signedInVisitor(server, owner)).get('/account');
    const files = [...text.matchAll(/ (?:href|src)="(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const plain = await (await fetch(server.url + file, { headers: { 'accept-encoding': 'identity' } })).text();
      // A second request gets what the first one made.
      for (const site of ['cross-site', 'same-origin']) {
        const { headers, body } = await rawOf(server.url + file, {
          'Accept-Encoding': encoding,
          'Sec-Fetch-Site': site,
        });
        expect([headers['content-encoding'], headers['vary']]).toEqual([encoding, 'Accept-Encoding']);
        expect((encoding === 'br' ? brotliDecompressSync(body) : gunzipSync(body)).toString()).toBe(plain);
        expect(body.length).toBeLessThan(plain.length / 2);
      }
    }
  });

  it('let nobody load more than 100 KB for a first page', async () => {
    const { server, owner } = place;
    const visitor = await signedInVisitor(server, owner);
    const start = place.organisation.path.replace('/v1/', '/portal/');
    for (const path of ['/', start, `${start}/staff`, `${start}/staff/invite`, `${start}/roles`, '/account']) {
      const { text } = await visitor.get(path);
      const files = [...text.matchAll(/ (?:href|src)="(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
      // The page itself counts as it is, because a link in a mail leads to it from another site.
      let bytes = Buffer.byteLength(text);
      for (const file of files) bytes += (await rawOf(server.url + file, { 'Accept-Encoding': 'gzip' })).body.length;
      expect([path, bytes < 100_000]).toEqual([path, true]);
    }
  });
});

describeOnOneEngine('the headers of the mailbox', (engine) => {
  it('let the page of a mail alone frame its content, which runs nothing and stays in a sandbox', async () => {
    const server = await startTestServer(engine, { SMTP_URL: '' });
    try {
      const place = await createOrganisation(server);
      await server.admin
        .post(`${place.path}/staff-invitations`, { emails: [freshEmail()], role: 'contributor' })
        .expect(201);
      await readModelsCaughtUp(server);
      const visitor = await signedInVisitor(server, ADMIN);
      const list = await visitor.get('/mailbox');
      const [, page = ''] = /href="(\/mailbox\/[0-9a-f-]{36})"/.exec(list.text)!;
      const [mail, content] = [await visitor.get(page), await visitor.get(`${page}/content`)];
      expect([faultsOf(list), faultsOf(mail, [...POLICY, "frame-src 'self'"].sort())]).toEqual([[], []]);
      const own =
        "base-uri 'none'; default-src 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox; style-src 'unsafe-inline'";
      expect(faultsOf(content, own.split('; '))).toEqual([]);
    } finally {
      await server.close();
    }
  });
});

/** The answer as it comes over the network. */
async function rawOf(url: string, headers: Record<string, string>) {
  const [answer] = (await once(get(url, { headers }), 'response')) as [IncomingMessage];
  return { headers: answer.headers, body: await buffer(answer) };
}
