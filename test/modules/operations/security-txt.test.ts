import { describeOnOneEngine } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const PATH = '/.well-known/security.txt';
const DAY = 86_400_000;

describeOnOneEngine('/.well-known/security.txt', (engine) => {
  let server: TestServer;
  const clock = new TestClock();
  afterEach(async () => server.close());

  const fieldsOf = (text: string): string[][] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => /^([A-Z][A-Za-z-]+): (.+)$/.exec(line)!.slice(1));

  it('is 404 without a contact', async () => {
    server = await startTestServer(engine);
    const { body } = await server.anonymous.get(PATH).expect(404);
    expect(body.code).toBe('not-found');
  });

  it('names the contact, the languages, its own address, and an expiry less than a year ahead', async () => {
    server = await startTestServer(
      engine,
      { SECURITY_CONTACT: 'security@example.org', PUBLIC_URL: 'https://invitations.example.org' },
      { clock },
    );
    for (const days of [0, 400, 1000]) {
      clock.advance(days * DAY);
      const { text, headers } = await server.anonymous.get(PATH).expect(200);
      expect(headers['content-type']).toBe('text/plain; charset=utf-8');
      const [contact, expiry, ...others] = fieldsOf(text);
      const expires = expiry![1]!;
      expect([contact, ...others]).toEqual([
        ['Contact', 'mailto:security@example.org'],
        ['Preferred-Languages', 'en, de'],
        ['Canonical', `https://invitations.example.org${PATH}`],
      ]);
      const ahead = (Date.parse(expires) - clock.now().getTime()) / DAY;
      expect([expires, ahead > 30, ahead < 365]).toEqual([new Date(expires).toISOString(), true, true]);
    }
  });

  it('omits its own address if that is not https', async () => {
    server = await startTestServer(engine, { SECURITY_CONTACT: 'https://example.org/report' });
    const fields = fieldsOf((await server.anonymous.get(PATH).expect(200)).text);
    expect(fields.map(([name]) => name)).toEqual(['Contact', 'Expires', 'Preferred-Languages']);
    expect(fields[0]).toEqual(['Contact', 'https://example.org/report']);
  });
});
