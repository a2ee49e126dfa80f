import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { createOrganisation, freshEmail, join, readModelsCaughtUp, type Member } from '../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { openBrowser, shows, startChromium } from './chromium.js';
import { toArea, visitAs, WAYS } from './visits.js';

const OWNER = 'Name of organisation-owner';
/** The steps of the public guides on inviting staff and on teams, from signing in to the end. */
describeOnOneEngine('the guides in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const owner = async (): Promise<Member> => join(server, await createOrganisation(server), 'organisation-owner');

  async function signedIn(email: string, options: BrowserContextOptions): Promise<Page> {
    await readModelsCaughtUp(server);
    return visitAs(browser, server, { email }, options);
  }

  async function fromMenuOf(page: Page, person: string, item: string): Promise<void> {
    await page.getByRole('button', { name: person }).click();
    await page.locator('#me').getByRole('link', { name: item }).click();
  }

  /** Opens the mailed link in a browser of its own and makes the account. @returns that browser's page */
  async function accepting(email: string, name: string, options: BrowserContextOptions): Promise<Page> {
    const { token } = await server.smtp.mailTo(email);
    const page = await openBrowser(browser, options);
    await page.goto(`${server.url}/invitations/${token}`);
    await page.locator('#name').fill(name);
    await page.locator('#password').fill(PASSWORD);
    await page.getByRole('main').locator('form button[type=submit]').first().click();
    await page.getByRole('heading', { level: 1, name: /^Welcome to / }).waitFor();
    await page.goto(server.url);
    return page;
  }

  const rowOf = (page: Page, text: string): Locator => page.getByRole('row').filter({ hasText: text });

  it.each(WAYS)('invite staff and assign roles %s', async (_, options) => {
    const page = await signedIn((await owner()).email, options);
    await fromMenuOf(page, OWNER, 'Invite staff members');
    await shows(page, 'Invite staff members');
    const [one, two, filed] = [freshEmail('one'), freshEmail('two'), freshEmail('filed')];
    await page.getByLabel('Email addresses').fill(`Ann <${one}>; ${two}, nobody@`);
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    expect(server.smtp.to(one)).toEqual([]);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('2 invitations are on their way.').waitFor();
    await page.getByText('1 address was left out.').waitFor();
    expect(await page.getByLabel('Email addresses').inputValue()).toBe('nobody@');
    await accepting(one, 'Ann Accepting', options);

    await page.getByRole('link', { name: 'Invite more' }).click();
    await page
      .getByLabel('File with addresses')
      .setInputFiles({ name: 'team.csv', mimeType: 'text/csv', buffer: Buffer.from(`E-mail\n${filed}\n`) });
    await page.getByRole('button', { name: 'Import csv file' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    expect(await page.getByLabel('Email addresses').inputValue()).toBe(filed);
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Access Controller' });
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();

    await toArea(page, 'Overview');
    await page.getByRole('link', { name: 'Pending staff invitations' }).click();
    await rowOf(page, two).getByRole('button').last().click();
    await page.getByRole('button', { name: 'Resend invitation' }).click();
    await page.getByRole('status').getByText('on its way again').waitFor();
    const { token } = await server.smtp.mailTo(two, 2);
    await rowOf(page, two).getByRole('button').last().click();
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete invitation' }).click();
    await page.getByRole('status').getByText('The invitation is deleted.').waitFor();
    await page.goto(`${server.url}/invitations/${token}`);
    expect(await page.locator('#password').count()).toBe(0);

    // The Access Controller may invite too.
    const controller = await accepting(filed, 'Filip Filed', options);
    await fromMenuOf(controller, 'Filip Filed', 'Invite staff members');
    await shows(controller, 'Invite staff members');
  });

  it.each(WAYS)('invite to My Team, and change a role there, %s', async (_, options) => {
    const page = await signedIn((await owner()).email, options);
    await toArea(page, 'My Team');
    await page.getByRole('link', { name: 'Invites' }).click();
    await page.getByRole('link', { name: 'Create invite' }).first().click();
    const email = freshEmail('mate');
    await page.getByLabel('Email addresses').fill(email);
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();
    await page.getByRole('link', { name: 'Pending staff invitations' }).click();
    await rowOf(page, email).getByRole('button').last().click();
    await page.getByRole('link', { name: 'Change role or expiry' }).click();
    await shows(page, email);
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Deployment Staff' });
    await page.getByRole('combobox', { name: 'Expires in' }).selectOption({ label: '24 hours' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('The invitation is changed.').waitFor();
    await rowOf(page, email).getByText('Deployment Staff').waitFor();

    const mate = await accepting(email, 'Mona Mate', options);
    await page.getByRole('link', { name: 'Users' }).click();
    await rowOf(page, email).getByRole('link', { name: 'Mona Mate' }).click();
    await shows(page, 'Mona Mate');
    await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption({ label: 'Admin' });
    await page.getByRole('textbox', { name: 'Reason' }).first().fill('New duty');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('The new role holds from now on.').waitFor();
    await mate.goto(server.url);
    await fromMenuOf(mate, 'Mona Mate', 'Invite staff members');
  });

  it('invite by the keyboard alone', async () => {
    const page = await signedIn((await owner()).email, { javaScriptEnabled: true });
    /** Presses Tab until the element has the focus. */
    const tabTo = async (element: Locator): Promise<void> => {
      const isFocused = async () => element.evaluate((it) => it.matches(':focus'));
      for (let n = 0; n < 60 && !(await isFocused()); n += 1) await page.keyboard.press('Tab');
      expect(await isFocused()).toBe(true);
    };
    await tabTo(page.getByRole('button', { name: OWNER }));
    await page.keyboard.press('Enter');
    await tabTo(page.locator('#me').getByRole('link', { name: 'Invite staff members' }));
    await page.keyboard.press('Enter');
    await shows(page, 'Invite staff members');
    const email = freshEmail('keys');
    await tabTo(page.getByLabel('Email addresses'));
    await page.keyboard.type(email);
    await tabTo(page.getByRole('combobox', { name: 'Role' }));
    await page.keyboard.type('Contributor');
    await tabTo(page.getByRole('button', { name: 'Send invites' }));
    await page.keyboard.press('Enter');
    await page.getByText('1 invitation is on its way.').waitFor();
    await server.smtp.mailTo(email);
  });
});
