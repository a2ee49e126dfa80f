import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { createOrganisation, freshEmail, idle, join, readModelsCaughtUp, type Place } from '../support/scenarios.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { shows, startChromium } from './chromium.js';
import { type Account, visitAs } from './visits.js';

const MAILS = '/portal/platform/operations/mails';

describeOnOneEngine('the pages for operators in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    place = await createOrganisation(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const signedIn = async (account: Account = ADMIN, options: BrowserContextOptions = {}): Promise<Page> =>
    visitAs(browser, server, account, options);
  const deadLetter = async (): Promise<string> => {
    const email = freshEmail('refused');
    server.smtp.refuse((to) => (to.startsWith('refused') ? 550 : null));
    await server.admin.post(`${place.path}/staff-invitations`, { emails: [email], role: 'contributor' }).expect(201);
    await idle(server);
    return email;
  };

  it.each([true, false])(
    'find a dead letter, retry it and see it leave, with scripts: %s',
    async (javaScriptEnabled) => {
      const email = await deadLetter();
      const page = await signedIn(undefined, { javaScriptEnabled });
      await page.goto(`${server.url}/portal/platform`);
      await page.getByRole('link', { name: 'Operations' }).click();
      await shows(page, 'Operations');
      await page.getByRole('link', { name: 'Failed for good' }).click();
      await shows(page, 'Mails not sent');
      const row = page.getByRole('row').filter({ hasText: 'The text of the mail was refused (550)' });
      expect(await row.count()).toBe(1);
      expect(await page.content()).not.toContain(email);
      server.smtp.refuse(() => null);
      await row.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('status').getByText('The mail is on its way again.').waitFor();
      await server.smtp.mailTo(email);
      await idle(server);
      await page.goto(server.url + MAILS);
      await page.getByRole('heading', { name: 'No mail failed for good' }).waitFor();
    },
  );

  it('show the read models, and rebuild one', async () => {
    const page = await signedIn(undefined, { javaScriptEnabled: true });
    await page.goto(`${server.url}/portal/platform/operations`);
    const row = page.getByRole('row').filter({ hasText: 'invitation-weeks' });
    await row.getByText('Live', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Menu of invitation-weeks' }).click();
    await page.getByRole('button', { name: 'Rebuild', exact: true }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Rebuild invitation-weeks?' });
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Rebuild' }).click();
    await page.getByRole('status').getByText('The rebuild has begun.').waitFor();
    await readModelsCaughtUp(server);
    await page.getByText('Leads', { exact: true }).waitFor();
  });

  it('are closed to others, who get no link to them', async () => {
    const support = await join(server, { id: 'platform', path: '/v1/platform' }, 'support');
    const page = await signedIn({ email: support.email, password: PASSWORD });
    await page.goto(`${server.url}/portal/platform`);
    expect(await page.getByRole('link', { name: 'Operations' }).count()).toBe(0);
    for (const path of ['/portal/platform/operations', MAILS])
      expect((await page.goto(server.url + path))?.status()).toBe(403);
  });

  it.each([
    ['light', 1280, 'en-GB'],
    ['dark', 1280, 'de-DE'],
    ['dark', 360, 'en-GB'],
    ['light', 320, 'de-DE'],
  ] as const)('are accessible in %s at %i pixels, in %s', async (colorScheme, width, locale) => {
    await deadLetter();
    const page = await signedIn(undefined, {
      colorScheme,
      locale,
      viewport: { width, height: 800 },
      javaScriptEnabled: true,
    });
    const faults: Record<string, string[]> = {};
    for (const path of ['/portal/platform/operations', MAILS, `${MAILS}?state=scheduled`, `${MAILS}?state=retrying`]) {
      await page.goto(server.url + path);
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
  });
});
