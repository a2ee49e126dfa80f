import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { waitFor } from '../support/wait-for.js';
import { ADMIN, startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { shows, startChromium } from './chromium.js';
import { type Account, visitAs } from './visits.js';

describeOnOneEngine('the frame of the pages in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  let cohort: Place;
  let owner: Member;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine, { NODE_ENV: 'development' }), startChromium()]);
    place = await createOrganisation(
      server,
      'Riverside Hospital and Outpatient Rehabilitation Services of the Northern Region',
    );
    cohort = await createDeployment(server, place, 'Cardiac Rehabilitation');
    for (const name of ['Hypertension Study', 'Diabetes at home', 'COPD remote care'])
      await createDeployment(server, place, name);
    owner = await join(server, place, 'organisation-owner');
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const pathOf = ({ path }: Place) => path.replace('/v1/', '/portal/');
  const signedIn = async (options: BrowserContextOptions = {}, account: Account = owner): Promise<Page> =>
    visitAs(browser, server, account, { javaScriptEnabled: true, ...options });
  const focused = async (page: Page) => page.evaluate<string>('document.activeElement.textContent.trim()');
  /** A busy machine handles a key after the test goes on. */
  const focuses = async (page: Page, text: string | undefined) =>
    waitFor(`the focus on ${String(text)}`, async () => (await focused(page)) === text);

  it('opens the menu next to the name, walks it and closes it by keyboard', async () => {
    const page = await signedIn();
    const button = page.getByRole('button', { name: 'Name of organisation-owner' });
    const account = page.getByRole('link', { name: 'My account' });
    await button.focus();
    await page.keyboard.press('Enter');
    await account.waitFor();
    const items = ['Invite staff members', 'Edit roles', 'My account', 'Sign out'];
    for (const item of [...items, items[0]]) {
      await page.keyboard.press('ArrowDown');
      await focuses(page, item);
    }
    await page.keyboard.press('End');
    await focuses(page, 'Sign out');
    await page.keyboard.press('ArrowUp');
    await focuses(page, 'My account');
    await page.keyboard.press('Escape');
    await account.waitFor({ state: 'hidden' });
    expect(await focused(page)).toContain('Name of organisation-owner');
    await page.keyboard.press('Enter');
    // Tab reaches the items too, as readers of a screen expect of links.
    await page.keyboard.press('Tab');
    await focuses(page, 'Invite staff members');
    await account.press('Enter');
    await shows(page, 'Your account');
  });

  it('finds a place while one types, and goes there', async () => {
    const page = await signedIn();
    await page.getByRole('button', { name: /^Where you are/ }).click();
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('place-q');
    await page.keyboard.type('hyper');
    await page.getByRole('link', { name: 'Hypertension Study' }).waitFor();
    expect(await page.locator('#found-places a').count()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await shows(page, 'Hypertension Study');
    expect(await page.getByRole('link', { name: 'Overview' }).getAttribute('aria-current')).toBe('page');
  });

  it('needs no script for the menu, the places and signing out', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    await page.getByRole('button', { name: /^Where you are/ }).click();
    await page.locator('#place-q').fill('diabetes');
    await page.locator('#place-q').press('Enter');
    await shows(page, 'Your places');
    await page.getByRole('link', { name: 'Diabetes at home' }).click();
    await shows(page, 'Diabetes at home');
    await page.getByRole('button', { name: 'Name of organisation-owner' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await shows(page, 'Sign in');
  });

  it('makes the side bar a sheet on a phone, which closes by its button and by Escape', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await signedIn({ javaScriptEnabled, viewport: { width: 360, height: 640 } });
      const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' });
      expect(await link.isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Open the menu' }).click();
      await link.waitFor();
      await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Close' }).click();
      await link.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Open the menu' }).press('Enter');
      await link.waitFor();
      await page.keyboard.press('Escape');
      await link.waitFor({ state: 'hidden' });
    }
  });

  it('opens a dialog by keyboard, keeps the focus in it, and gives it back', async () => {
    const page = await signedIn();
    await page.goto(`${server.url}/portal/components`);
    const button = page.getByRole('button', { name: 'Open the dialog' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete the invitation of Doris Günther?' });
    await dialog.waitFor();
    for (let n = 0; n < 5; n += 1) {
      expect(
        await page.evaluate<boolean>(
          'document.activeElement === document.body || !!document.activeElement.closest("dialog")',
        ),
      ).toBe(true);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await focuses(page, 'Open the dialog');
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 320],
  ] as const)('is accessible in %s at %i pixels', async (colorScheme, width) => {
    const page = await signedIn({ colorScheme, viewport: { width, height: 800 } }, ADMIN);
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    for (const path of [
      '/',
      '/account',
      '/portal/platform',
      '/portal/places',
      pathOf(place),
      pathOf(cohort),
      '/docs',
      '/portal/components',
    ]) {
      await page.goto(`${server.url}${path}`);
      await look(path);
    }
    for (const opener of ['me', 'places', 'example-0', ...(width < 960 ? ['side'] : [])]) {
      await page.locator(`[popovertarget="${opener}"]`).first().click();
      await page.locator(`#${opener}:popover-open`).waitFor();
      await look(opener);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Open the dialog' }).click();
    await look('dialog');
    expect(faults).toEqual({});
  });

  it('never scrolls sideways at 400 %', async () => {
    // A window of 1280 by 1024 pixels at 400 %.
    const page = await signedIn({ viewport: { width: 320, height: 256 } });
    for (const path of ['/', pathOf(place), '/portal/places']) {
      await page.goto(`${server.url}${path}`);
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
  });
});
