import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import { readOperations, type Operation } from '../../http/openapi.js';
import { headingOf, Visitor } from './portal-support.js';

const decoded = (html: string): string =>
  html.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');

describeOnOneEngine('the API reference', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  let list: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    list = (await new Visitor(server.url).get('/docs')).text;
  });
  afterAll(async () => server.close());

  it('lists every call, and shows each on the page that the list leads to', async () => {
    const links = [...list.matchAll(/<a href="(\/docs\/[a-z-]+)#([^"]+)">/g)];
    expect(links.map(([, , id]) => id).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
    const faults: string[] = [];
    for (const page of new Set(links.map(([, path]) => path!))) {
      const { status, text } = await new Visitor(server.url).get(page);
      if (status !== 200) faults.push(`${page}: ${status}`);
      for (const [, path, id] of links)
        if (path === page && !text.includes(`id="${id!}"`)) faults.push(`${page} lacks ${id!}`);
    }
    expect(faults).toEqual([]);
  });

  it('says who may call, what the fields take, which problems there are, and shows an example', async () => {
    const page = decoded((await new Visitor(server.url).get('/docs/staff-invitations')).text);
    const [, call = ''] = /id="staffInvitationsInviteToOrganisation">([\s\S]*?)<\/article>/.exec(page) ?? [];
    expect(call).toMatch(/<dt>Who may call<\/dt><dd>Callers with <code>staff\.manage<\/code> in this organisation\./);
    expect(call).toMatch(/<code>emails<\/code> <span class="type">list of text<\/span>[\s\S]*?1 to 10,000 items/);
    expect(call).toMatch(/422<\/span> <code>too-many-recipients<\/code>/);
    expect(call).toContain('"emails": [\n    "ann@example.org"\n  ]');
  });

  it('tells visitors whether “Try it” has their session', async () => {
    const visitor = new Visitor(server.url);
    expect((await visitor.get('/docs/me')).text).toContain('You are not signed in.');
    await visitor.submit('/sign-in', ADMIN);
    expect((await visitor.get('/docs/me')).text).toContain('You are signed in.');
  });

  it('loads nothing from elsewhere, and no script but its own', async () => {
    const { text } = await new Visitor(server.url).get('/docs/me');
    const loaded = [...text.matchAll(/<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(loaded.filter((url) => !/^(?:data:|\/assets\/[\w.-]+\?v(?:=|&#x3D;)\w{12}$)/.test(url))).toEqual([]);
    expect(text).not.toMatch(/<script>|style="|<style/);
    const [script = ''] = loaded.filter((url) => url.includes('.js'));
    const answer = await new Visitor(server.url).get(decoded(script));
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it('answers an unknown area with the page of what is not there', async () => {
    const { status, text } = await new Visitor(server.url).get('/docs/no-such-area');
    expect([status, headingOf(text)]).toEqual([404, 'There is nothing here']);
  });
});
