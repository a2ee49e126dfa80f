import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { CertificateAuthority, type Certificate } from '../support/servers/certificates.js';
import { Nginx } from '../support/servers/nginx.js';
import { describeWith, freePort } from '../support/servers/programs.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite } from '../support/scenarios.js';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/proxies.md'), 'utf8');

/** The example under a heading, with the address of this product instead of its own. */
function example(heading: string, url: string): string {
  const [, text = ''] = new RegExp(`\n## ${heading}\n[\\s\\S]*?\n\n((?: {4}.*\n|\n)+)`).exec(DOCUMENT) ?? [];
  expect(text).toContain('location');
  return text.replaceAll('http://127.0.0.1:3000', url);
}

const actions = (page: string): string[] => [...page.matchAll(/action="([^"]+)"/g)].map(([, action]) => action!);

describeWith(['nginx', 'openssl'], 'an installation under a path, behind nginx as docs/proxies.md sets it up', () => {
  describeOnOneEngine('the product', (engine) => {
    let server: TestServer;
    let certificateAuthority: CertificateAuthority;
    let certificate: Certificate;
    let port: number;
    let origin: string;
    beforeAll(async () => {
      certificateAuthority = await CertificateAuthority.make('An authority');
      [certificate, port] = [await certificateAuthority.certificateFor(['DNS:localhost']), await freePort()];
      origin = `https://localhost:${String(port)}`;
      server = await startTestServer(engine, { PUBLIC_URL: `${origin}/rolecall`, TRUSTED_PROXIES: '127.0.0.1' });
    });
    afterAll(async () => {
      await server.close();
      await certificateAuthority.remove();
    });

    it.each(['A path that nginx keeps', 'A path that nginx takes off'])(
      '%s: signs a person in and out, and accepts a mailed invitation',
      async (heading) => {
        const nginx = await Nginx.start(port, certificate, example(heading, server.url));
        try {
          const browser = (): ReturnType<typeof request.agent> =>
            request.agent(origin, { ca: certificateAuthority.cert }).set({ Accept: 'text/html', Origin: origin });
          await signsInAndOut(browser());
          const token = await takesUp(browser());
          const logs = await nginx.logs();
          expect(logs).toContain('POST /rolecall/sign-in ');
          expect(logs).not.toContain(token);
        } finally {
          await nginx.stop();
        }
        expect(server.logs.filter((line) => line.includes('untrusted-proxy'))).toEqual([]);
      },
    );

    async function signsInAndOut(browser: ReturnType<typeof request.agent>): Promise<void> {
      for (const start of ['/rolecall', '/rolecall/'])
        expect(actions((await browser.get(start).expect(200)).text)).toContain('/rolecall/sign-in');
      const { headers } = await browser.post('/rolecall/sign-in').type('form').send(ADMIN).expect(303);
      expect(headers['location']).toBe('/rolecall/');
      const { text } = await browser.get('/rolecall/').expect(200);
      expect(text).toContain('First Administrator');
      await browser.get(/href="([^"]+portal\.css[^"]*)"/.exec(text)![1]!).expect(200);
      // The body is larger than nginx's default limit. The product reads it whole, because nginx may see only a closed
      // connection when the product stops reading.
      const large = await browser
        .post('/rolecall/v1/platform/staff-invitations')
        .send({ emails: [], role: 'support', message: 'x'.repeat(2 ** 21) })
        .expect(400);
      expect(large.body).toMatchObject({ code: 'invalid-input' });
      const signOut = actions(text).find((action) => action.endsWith('/sign-out'))!;
      await browser.post(signOut).type('form').send({}).expect(303);
      await browser.get('/rolecall/v1/me').expect(401);
    }

    /** Accepts a mailed invitation. @returns the token of its link */
    async function takesUp(browser: ReturnType<typeof request.agent>): Promise<string> {
      const { token } = await invite(
        server,
        server.admin,
        await createOrganisation(server),
        freshEmail(),
        'contributor',
      );
      const link = server.smtp.mails.at(-1)!.text.match(/https:\S+\/invitations\/\S+/)![0];
      expect(link).toBe(`${origin}/rolecall/invitations/${token}`);
      const page = await browser.get(link.slice(origin.length)).expect(200);
      const accept = actions(page.text).find((action) => action.endsWith('/accept'))!;
      const { headers } = await browser.post(accept).type('form').send({ name: 'Ann', password: PASSWORD }).expect(303);
      const welcome = await browser.get(headers['location']!).expect(200);
      expect(welcome.text).toContain('Welcome to Riverside Hospital');
      expect((await browser.get('/rolecall/').expect(200)).text).toContain('Riverside Hospital');
      return token;
    }
  });
});
