import type { Browser } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

describeOnOneEngine('the API reference in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('sends an example as it stands: by the session after a sign-in, by a pasted token without one', async () => {
    const page = await openBrowser(browser, { javaScriptEnabled: true });
    await page.goto(`${server.url}/docs/organisations`);
    const create = page.locator('#organisationsCreate .try');
    await create.getByText('Try it').click();
    await create.getByRole('button', { name: 'Send' }).click();
    await create.getByText(/^401 /).waitFor();
    await page.getByLabel('Token to send instead').fill(server.admin.token!);
    await create.getByRole('button', { name: 'Send' }).click();
    await create.getByText(/^201 /).waitFor();

    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows(page, 'Organisations');
    expect(await page.getByLabel('Token to send instead').inputValue()).toBe('');
    await create.getByText('Try it').click();
    await create.getByRole('button', { name: 'Send' }).click();
    await create.getByText(/^201 /).waitFor();
    const made = JSON.parse(/\{[\s\S]*/.exec(await create.getByLabel('Answer').innerText())![0]) as { id: string };

    const show = page.locator('#organisationsGet .try');
    await show.getByText('Try it').click();
    await show.getByRole('button', { name: 'Send' }).click();
    expect(await show.getByLabel('Answer').isVisible()).toBe(false);
    await show.getByLabel('id').fill(made.id);
    await show.getByRole('button', { name: 'Send' }).click();
    await show.getByText(/^200 /).waitFor();
  });

  it.each(['light', 'dark'] as const)('can be read by everybody, at 320 pixels too, in %s', async (colorScheme) => {
    const page = await openBrowser(browser, {
      colorScheme,
      viewport: { width: 320, height: 640 },
      javaScriptEnabled: true,
    });
    const faults: Record<string, string[]> = {};
    for (const path of ['/docs', '/docs/organisations', '/docs/staff-invitations']) {
      await page.goto(server.url + path);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      const found = [
        ...(await accessibilityFaults(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
  });
});
