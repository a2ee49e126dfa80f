import { sql } from 'kysely';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, readModelsCaughtUp, type Place } from '../../support/scenarios.js';
import { headingOf, Visitor } from './portal-support.js';

describeOnOneEngine('the mailbox', (engine) => {
  let server: TestServer;
  let place: Place;
  let admin: Visitor;
  beforeAll(async () => {
    server = await startTestServer(engine, { SMTP_URL: '' });
    place = await createOrganisation(server);
    admin = new Visitor(server.url);
    await admin.submit('/sign-in', ADMIN);
  });
  afterAll(async () => server.close());

  /** Invites, and waits until the read models and the outbox show it. */
  const invite = async (emails: string[]) => {
    const { headers } = await server.admin
      .post(`${place.path}/staff-invitations`, { emails, role: 'contributor' })
      .expect(201);
    await server.admin.after(String(headers['event-position']), '/v1/me').expect(200);
  };
  const listed = (html: string) =>
    [
      ...html.matchAll(/<li><a class="row-title" href="\/mailbox\/([0-9a-f-]{36})">([^<]+)<\/a> <span>To ([^<]+)</g),
    ].map(([, key, subject, to]) => ({ key, subject, to }));
  const linkIn = (html: string) => /http:\/\/[^\s"&<]+\/invitations\/[\w-]{51}/.exec(html)?.[0];

  it('is empty on a new installation', async () => {
    await server.admin.get('/v1/me').expect(200);
    await readModelsCaughtUp(server);
    expect((await admin.get('/mailbox')).text).toContain('No mails yet.');
  });

  it('asks the person to sign in first, and leads them back', async () => {
    const visitor = new Visitor(server.url);
    const { status, headers } = await visitor.get('/mailbox');
    expect([status, headers['location']]).toEqual([303, '/sign-in?next=%2Fmailbox']);
    expect((await visitor.get('/sign-in?next=%2Fmailbox')).text).toContain('name="next" value="/mailbox"');
    expect((await visitor.submit('/sign-in', { ...ADMIN, next: '/mailbox' })).headers['location']).toBe('/mailbox');
  });

  it('shows a mail only while its invitation is pending', async () => {
    const email = freshEmail();
    await invite([email]);
    const [mail] = listed((await admin.get('/mailbox')).text).filter(({ to }) => to === email);
    expect(mail?.subject).toBe('First Administrator invites you to Riverside Hospital');
    const shown = await admin.get(`/mailbox/${mail!.key!}`);
    const link = linkIn(shown.text);
    const content = `/mailbox/${mail!.key!}/content`;
    expect(shown.text).toContain(`sandbox="allow-popups allow-popups-to-escape-sandbox" src="${content}"`);
    expect(shown.headers['content-security-policy']).toContain(";frame-src 'self'");
    const framed = await admin.get(content);
    expect([framed.status, framed.text.includes(link!)]).toEqual([200, true]);
    // Without the frame the mail stays in its sandbox.
    expect(framed.headers['content-security-policy']).toContain('; sandbox ');
    const visitor = new Visitor(server.url);
    await visitor.submit(`${new URL(link!).pathname}/accept`, { name: 'Ben', password: PASSWORD });
    const after = await admin.get(`/mailbox/${mail!.key!}`);
    expect([after.status, headingOf(after.text), linkIn(after.text)]).toEqual([
      200,
      'This mail is no longer valid',
      undefined,
    ]);
    expect(after.text).toContain(email);
    expect((await admin.get(content)).status).toBe(404);

    const refused = await visitor.get('/mailbox');
    expect([refused.status, headingOf(refused.text)]).toEqual([403, 'You may not see this']);
    expect((await visitor.get(`/mailbox/${mail!.key!}`)).status).toBe(403);
    expect((await visitor.get(content)).status).toBe(403);
  });

  it('lists all mails page by page, each once', async () => {
    const emails = Array.from({ length: 45 }, () => freshEmail('many'));
    await invite(emails);
    const seen: string[] = [];
    for (let path: string | null = '/mailbox'; path;) {
      const { status, text } = await admin.get(path);
      expect(status).toBe(200);
      seen.push(...listed(text).map(({ to }) => to!));
      path = /href="(\/mailbox\?cursor=[^"]+)"/.exec(text)?.[1]?.replaceAll('&#x3D;', '=') ?? null;
    }
    expect(seen.filter((to) => to.startsWith('many')).sort()).toEqual([...emails].sort());
  });

  it('has no page for an unknown mail', async () => {
    for (const key of ['nothing', '0b6f1e0a-5c43-4bd5-9a43-5b8f6f1f0c11'])
      expect((await admin.get(`/mailbox/${key}`)).status).toBe(404);
    expect((await admin.get('/mailbox?cursor=nonsense')).status).toBe(400);
  });

  it('stores no link', async () => {
    await invite([freshEmail()]);
    const { rows } = await sql`select * from outbox`.execute(server.database.kysely());
    expect(rows.length).toBeGreaterThan(0);
    const [mail] = listed((await admin.get('/mailbox')).text);
    const token = linkIn((await admin.get(`/mailbox/${mail!.key!}`)).text)!
      .split('/')
      .pop()!;
    expect(JSON.stringify(rows)).not.toContain(token.slice(-20));
  });
});
