import type { Browser, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, idle, join } from '../support/scenarios.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

const NEW_PASSWORD = 'another fine password';

describeOnOneEngine('the address of an account, in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const signIn = async (page: Page, email: string, password = PASSWORD): Promise<void> => {
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  const ask = async (page: Page, email: string, password = PASSWORD): Promise<void> => {
    await page.goto(`${server.url}/account`);
    await page.getByLabel('New e-mail address').fill(email);
    await page.locator('#addressPassword').fill(password);
    await page.getByRole('button', { name: 'Change e-mail address' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  /** The link in the newest mail to the address. */
  const mailedTo = async (email: string): Promise<string> => {
    await idle(server);
    return /https?:\/\/\S+\/address(?:-undo)?\/[A-Za-z0-9_-]{51}/.exec(server.smtp.to(email).at(-1)!.text)![0];
  };

  it('is changed by the mail to the new one, and restored by the mail to the former one', async () => {
    const { email } = await join(server, await createOrganisation(server), 'contributor');
    const moved = freshEmail('moved');
    const page = await openBrowser(browser);
    await signIn(page, email);
    await ask(page, moved, 'not this one');
    expect(await page.locator('#addressPassword-error').innerText()).toContain('This password is wrong');
    expect(await page.getByLabel('New e-mail address').inputValue()).toBe(moved);
    await ask(page, moved);
    expect(await page.getByRole('status').innerText()).toContain('Check the inbox of your new address');
    expect(await page.locator('main').innerText()).toContain(email);

    const visitor = await openBrowser(browser);
    await visitor.goto(await mailedTo(moved));
    await shows(visitor, 'Confirm your new e-mail address');
    expect(await visitor.locator('main').innerText()).toContain(moved);
    await visitor.getByRole('button', { name: 'Confirm this address' }).click();
    await shows(visitor, 'Your new e-mail address is saved');
    await page.goto(`${server.url}/account`);
    expect(await page.locator('main').innerText()).toContain(moved);

    const undo = await mailedTo(email);
    await visitor.goto(undo);
    await shows(visitor, 'Undo the change of your e-mail address?');
    await visitor.getByLabel('New password').fill('short');
    await visitor.getByRole('button', { name: 'Undo the change' }).click();
    await visitor.locator('.error-summary').waitFor();
    await visitor.getByLabel('New password').fill(NEW_PASSWORD);
    await visitor.getByRole('button', { name: 'Undo the change' }).click();
    await shows(visitor, 'The change is undone');
    await page.goto(`${server.url}/account`);
    await shows(page, 'Sign in');
    await signIn(page, email, NEW_PASSWORD);
    await page.goto(`${server.url}/account`);
    expect(await page.locator('main').innerText()).toContain(email);
    expect((await visitor.goto(undo))?.status()).toBe(410);
    await shows(visitor, 'The change was undone already');
  });

  it.each([
    ['light', 1280],
    ['light', 360],
    ['dark', 1280],
    ['dark', 360],
  ] as const)('has accessible pages, in %s at %i pixels', async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 800 } };
    const [page, german] = [
      await openBrowser(browser, options),
      await openBrowser(browser, { ...options, locale: 'de-DE' }),
    ];
    const faults: Record<string, string[]> = {};
    const look = async (at: Page, name: string): Promise<void> => {
      const found = [...(await accessibilityFaults(at)), ...((await scrollsSideways(at)) ? ['scrolls sideways'] : [])];
      if (found.length > 0) faults[name] = found;
      const folder = process.env['SCREENSHOTS'];
      if (folder)
        await at.screenshot({ path: `${folder}/${name}-${colorScheme}-${String(width)}.png`, fullPage: true });
    };
    const { email } = await join(server, await createOrganisation(server), 'contributor');
    const moved = freshEmail('a-rather-long-address-that-has-to-break-somewhere');
    await signIn(page, email);
    await ask(page, 'no address');
    await look(page, 'account-with-errors');
    await ask(page, moved);
    await look(page, 'account');
    const link = await mailedTo(moved);
    for (const at of [page, german]) {
      await at.goto(link);
      await look(at, at === german ? 'confirm-de' : 'confirm');
    }
    await page.getByRole('button', { name: 'Confirm this address' }).click();
    await shows(page, 'Your new e-mail address is saved');
    await look(page, 'changed');
    await page.goto(link);
    await look(page, 'used');
    const undo = await mailedTo(email);
    for (const at of [page, german]) {
      await at.goto(undo);
      await look(at, at === german ? 'undo-de' : 'undo');
    }
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Undo the change' }).click();
    await shows(page, 'The change is undone');
    await look(page, 'undone');
    expect(faults).toEqual({});
  });
});
