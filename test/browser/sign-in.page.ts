import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { freePort } from '../support/servers/programs.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../support/scenarios.js';
import { openBrowser, shows, startChromium } from './chromium.js';

/** Names of this machine that browsers take for other hosts, so that they send no Sec-Fetch-Site over plain HTTP. */
const [OURS, OTHERS] = ['care.test', 'evil.test'];

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

describeOnOneEngine('signing in over plain HTTP, in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  let base: string;
  beforeAll(async () => {
    const port = await freePort();
    base = `http://${OURS}:${port}`;
    [server, browser] = await Promise.all([
      startTestServer(engine, { PORT: String(port), PUBLIC_URL: base }),
      startChromium(`--host-resolver-rules=MAP ${OURS} 127.0.0.1, MAP ${OTHERS} 127.0.0.1`),
    ]);
    place = await createOrganisation(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('works by every form, for which the browser names the origin and never the address of the page', async () => {
    const page = await openBrowser(browser);
    const posts: Promise<Record<string, string>>[] = [];
    page.on('request', (sent) => {
      if (sent.method() === 'POST') posts.push(sent.allHeaders());
    });
    await page.goto(base);
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows(page, 'First Administrator');
    const [fresh, { email }] = [
      await invite(server, server.admin, place, freshEmail(), 'contributor'),
      await join(server, await createOrganisation(server), 'contributor'),
    ];
    await page.goto(`${base}/invitations/${fresh.token}`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Your name').fill('Ann');
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Accept and create account' }).click();
    await shows(page, 'Welcome to Riverside Hospital');
    await page.goto(base);
    await page.getByRole('button', { name: 'Ann' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    const known = await invite(server, server.admin, place, email, 'contributor');
    await page.goto(`${base}/invitations/${known.token}`);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Accept invitation' }).click();
    await shows(page, 'Welcome to Riverside Hospital');
    expect(posts.length).toBeGreaterThanOrEqual(6);
    for (const headers of await Promise.all(posts))
      expect([headers['sec-fetch-site'], headers['origin'], headers['referer']]).toEqual([undefined, base, `${base}/`]);
  });

  it('is refused to a form of another site, also to the address of a link', async () => {
    const { token } = await invite(server, server.admin, place, freshEmail('thief'), 'contributor');
    const forms = [
      ['/sign-in', { email: ADMIN.email, password: ADMIN.password }],
      [`/invitations/${token}/accept`, { name: 'Thief', password: PASSWORD }],
      [`/invitations/${token}/sign-out`, {}],
    ] as const;
    const html = forms
      .map(
        ([path, fields]) =>
          `<form method="post" action="${base}${path}">${Object.entries(fields)
            .map(([name, value]) => `<input name="${name}" value="${value}">`)
            .join('')}<button>${path}</button></form>`,
      )
      .join('');
    const evil = createServer((_request, answer) => {
      answer.writeHead(200, { 'Content-Type': 'text/html', 'Referrer-Policy': 'no-referrer' }).end(html);
    });
    const address = `http://${OTHERS}:${await listening(evil)}`;
    try {
      const page = await openBrowser(browser);
      for (const [path] of forms) {
        await page.goto(address);
        await page.getByRole('button', { name: path }).click();
        await shows(page, 'This did not come from our page');
        expect((await page.context().cookies()).map(({ name }) => name)).toEqual([]);
      }
    } finally {
      await closed(evil);
    }
  });
});
