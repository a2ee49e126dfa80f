import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  idle,
  invite,
  join,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

const NEW_PASSWORD = 'another fine password';
const RESET_PATH = /\/password-reset\/[A-Za-z0-9_-]{51}/;

/** How people look at the pages. With SCREENSHOTS, a picture of each is stored in that folder. */
const SIGHTS: Record<string, BrowserContextOptions> = {
  'wide light': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'wide dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'narrow light': { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  'narrow dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
};

describeOnOneEngine('the account of a person, in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let organisation: Place;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
    await page.goto(`${server.url}/sign-in?next=/account`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await press(page, 'Sign in');
  }
  /** The account page of a member in a browser of its own. */
  async function accountOf({ email }: Member, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await openBrowser(browser, options);
    await signIn(page, email);
    await shows(page, 'Your account');
    return page;
  }
  const says = async (page: Page, text: string): Promise<void> => {
    expect(await page.getByRole('status').innerText()).toBe(text);
  };

  it('shows another name everywhere, after a refused one', async () => {
    const page = await accountOf(await join(server, organisation, 'contributor'));
    await page.getByLabel('Your name').fill(' ');
    await press(page, 'Save name');
    expect(await page.locator('.error-summary').innerText()).toContain('Enter your name, at most 200 characters');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Zoë Example');
    await press(page, 'Save name');
    await says(page, 'Your new name is saved.');
    expect(await page.getByLabel('Your name').inputValue()).toBe('Zoë Example');
    await page.getByRole('link', { name: 'Start' }).click();
    await shows(page, 'Zoë Example');
  });

  it('shows where they are signed in, and ends the other sessions', async () => {
    const member = await join(server, organisation, 'contributor');
    const [page, second, third] = [await accountOf(member), await accountOf(member), await accountOf(member)];
    await page.getByRole('link', { name: 'Sessions' }).click();
    const rows = page.getByRole('listitem').filter({ hasText: 'Signed in' });
    expect(await rows.count()).toBe(4);
    expect(await rows.filter({ hasText: 'This device' }).count()).toBe(1);
    const began = rows.first().locator('time').first();
    expect(await began.innerText()).toMatch(/^\d{1,2} \w{3} \d{4}, \d\d:\d\d UTC$/);
    expect(Number.isNaN(Date.parse((await began.getAttribute('datetime'))!))).toBe(false);
    expect(await began.getAttribute('title')).toMatch(/^\w+day,? \d/);
    await rows
      .first()
      .getByRole('button', { name: /Sign out/ })
      .click();
    await says(page, 'The session has ended.');
    await third.goto(`${server.url}/account`);
    await shows(third, 'Sign in');
    await press(page, 'Sign out everywhere else');
    await says(page, 'All your other sessions have ended.');
    await second.goto(`${server.url}/account`);
    await shows(second, 'Sign in');
  });

  it('takes another password, and asks for the present one', async () => {
    const member = await join(server, organisation, 'contributor');
    const page = await accountOf(member);
    await page.getByRole('link', { name: 'Password' }).click();
    const change = async (current: string): Promise<void> => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password').fill(NEW_PASSWORD);
      await press(page, 'Change password');
    };
    await change('not this one');
    expect(await page.locator('.error-summary').innerText()).toContain('This password is wrong');
    await change(PASSWORD);
    await says(page, 'Your new password is saved. All your other sessions have ended.');
    const other = await openBrowser(browser);
    await signIn(other, member.email, NEW_PASSWORD);
    await shows(other, 'Your account');
  });

  it('is closed after the page said what happens, and is made anew by the mail', async () => {
    const member = await join(server, organisation, 'contributor');
    const page = await accountOf(member);
    await page.getByRole('link', { name: 'Close account' }).click();
    await shows(page, 'Close your account?');
    expect(await page.getByRole('main').innerText()).toContain('You leave Riverside Hospital.');
    await page.getByLabel('Your password').fill('not this one');
    await press(page, 'Close my account');
    expect(await page.locator('.error-summary').innerText()).toContain('This password is wrong');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Your password').fill(PASSWORD);
    await press(page, 'Close my account');
    await shows(page, 'Your account is closed');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual([]);
    await signIn(page, member.email);
    expect(await page.locator('.error-summary').innerText()).toContain('The address or the password is wrong');
    const { token } = await invite(server, server.admin, organisation, member.email, 'contributor');
    await page.goto(`${server.url}/invitations/${token}`);
    await page.getByLabel('Your name').fill('Ann Anew');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await press(page, 'Accept and create account');
    await shows(page, 'Welcome to Riverside Hospital');
  });

  it('is not closed by the last owner, who reads what to do', async () => {
    const place = await createOrganisation(server, 'Lakeside Hospital');
    const page = await accountOf(await join(server, place, 'organisation-owner'));
    await page.getByRole('link', { name: 'Close account' }).click();
    await shows(page, 'Close your account?');
    expect(await page.getByRole('listitem').filter({ hasText: 'Lakeside Hospital' }).innerText()).toContain(
      'Give that role to somebody else first.',
    );
    expect(await page.getByRole('button', { name: 'Close my account' }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('gets a new password with the help of an administrator, by the mail alone', async () => {
    const owner = await join(server, organisation, 'organisation-owner');
    const member = await join(server, organisation, 'contributor');
    const page = await accountOf(member);
    await owner.api.delete(`/v1/staff/${member.membershipId}/sessions`).expect(204);
    await owner.api.post(`/v1/staff/${member.membershipId}/password-reset`, {}).expect(202);
    await page.reload();
    await shows(page, 'Sign in');
    await idle(server);
    const [path] = RESET_PATH.exec(server.smtp.to(member.email).at(-1)!.text)!;
    await page.goto(server.url + path);
    await shows(page, 'Choose a new password');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await press(page, 'Save new password');
    await shows(page, 'Your new password is saved');
    await signIn(page, member.email, NEW_PASSWORD);
    await shows(page, 'Your account');
  });

  it.each(Object.keys(SIGHTS))('is readable on a %s screen', async (sight) => {
    const member = await join(server, organisation, 'contributor');
    const { token } = await invite(
      server,
      server.admin,
      await createDeployment(server, organisation),
      member.email,
      'admin',
    );
    await member.api.post(`/v1/invitations/${token}/accept`).expect(200);
    const page = await accountOf(member, SIGHTS[sight]);
    const owner = await accountOf(
      await join(server, await createOrganisation(server, 'Lakeside Hospital'), 'organisation-owner'),
      SIGHTS[sight],
    );
    for (const [one, name, path] of [
      [page, 'account', '/account'],
      [page, 'password', '/account/password'],
      [page, 'sessions', '/account/sessions'],
      [page, 'notices', '/account/notices'],
      [owner, 'owner-notices', '/account/notices'],
      [page, 'close', '/account/close'],
      [owner, 'not-yet', '/account/close'],
    ] as const) {
      await one.goto(server.url + path);
      expect([await accessibilityFaults(one), await scrollsSideways(one)]).toEqual([[], false]);
      const folder = process.env['SCREENSHOTS'];
      if (folder) await one.screenshot({ path: `${folder}/${name} ${sight}.png`, fullPage: true });
    }
  });
});
