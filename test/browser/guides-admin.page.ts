import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  readModelsCaughtUp,
  type Place,
} from '../support/scenarios.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';
import { type Account, toArea, visitAs, WAYS } from './visits.js';

/** The steps of the public guide on inviting the admins of a deployment, and the pages around them. */
describeOnOneEngine('the Admin portal in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let riverside: Place;
  let cohort: Place;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    riverside = await createOrganisation(server, 'Riverside Hospital');
    cohort = await createDeployment(server, riverside, 'Cardiac Rehabilitation');
    await createDeployment(server, riverside, 'Hypertension Study');
    await createDeployment(server, await createOrganisation(server, 'Lakeside Clinic'), 'Diabetes at home');
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const pageOf = ({ path }: Place): string => server.url + path.replace('/v1/', '/portal/');
  async function signedIn(options: BrowserContextOptions, account: Account = ADMIN): Promise<Page> {
    return visitAs(browser, server, account, options);
  }

  const rowOf = (page: Page, name: string): Locator =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const fromMenuOf = async (page: Page, row: string, item: string): Promise<void> => {
    await rowOf(page, row).getByRole('button').last().click();
    await page.locator(':popover-open').getByText(item, { exact: true }).click();
  };

  /** Invites an Admin by the form that is open, who sets a password. @returns the page of the new Admin */
  async function inviteAdmin(page: Page, options: BrowserContextOptions): Promise<Page> {
    const email = freshEmail('admin');
    const emails = page.getByLabel('Email addresses');
    await emails.fill(email);
    await emails.press('Enter');
    expect(await page.getByRole('button', { name: 'Send invites' }).isEnabled()).toBe(true);
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Admin' });
    const windows = page.getByRole('combobox', { name: /expire|valid|expiry/i });
    expect(await windows.getByRole('option').allInnerTexts()).toEqual(['24 hours', '72 hours', '7 days']);
    await windows.selectOption({ label: '72 hours' });
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();

    const { token } = await server.smtp.mailTo(email);
    const invitee = await openBrowser(browser, options);
    await invitee.goto(`${server.url}/invitations/${token}`);
    await invitee.getByLabel('Your name').fill('Ada Admin');
    await invitee.getByLabel('New password').fill(PASSWORD);
    await invitee.getByRole('button', { name: 'Accept and create account' }).click();
    await invitee.getByRole('heading', { level: 1, name: /^Welcome to / }).waitFor();
    await invitee.goto(server.url);
    return invitee;
  }

  it.each(WAYS)('invites the admin of a deployment %s', async (_, options) => {
    const page = await signedIn(options);
    await toArea(page, 'Admin portal');
    await page.getByRole('navigation', { name: 'Admin portal' }).getByRole('link', { name: 'Deployments' }).click();
    await shows(page, 'Deployments');
    await page.getByLabel('Find a deployment').fill('cardiac');
    await page.getByRole('button', { name: 'Search' }).click();
    await rowOf(page, 'Hypertension Study').waitFor({ state: 'detached' });
    await fromMenuOf(page, 'Cardiac Rehabilitation', 'Invite staff');
    await shows(page, 'Invite staff members');
    const invitee = await inviteAdmin(page, options);
    await toArea(invitee, 'Overview');
    await shows(invitee, 'Cardiac Rehabilitation');
    // The role of an Admin lets them invite, but not change the settings.
    await invitee.getByRole('main').getByRole('link', { name: 'Invite staff members' }).waitFor();
    expect(await invitee.getByRole('link', { name: 'Settings' }).count()).toBe(0);
  });

  it('invites the admin of several deployments at the organisation', async () => {
    const page = await signedIn({ javaScriptEnabled: true });
    await toArea(page, 'Admin portal');
    await shows(page, 'Organisations');
    await fromMenuOf(page, 'Riverside Hospital', 'Invite staff');
    await shows(page, 'Invite staff members');
    const invitee = await inviteAdmin(page, { javaScriptEnabled: true });
    await toArea(invitee, 'Overview');
    await shows(invitee, 'Riverside Hospital');
    for (const name of ['Cardiac Rehabilitation', 'Hypertension Study'])
      expect(await invitee.getByRole('link', { name }).count()).toBe(1);
  });

  it.each([true, false])('archives and restores, after saying what will happen, with scripts: %s', async (scripts) => {
    const page = await signedIn({ javaScriptEnabled: scripts });
    await page.goto(`${server.url}/portal/platform/deployments?q=diabetes`);
    await fromMenuOf(page, 'Diabetes at home', 'Archive');
    const dialog = page.getByRole('dialog', { name: 'Archive Diabetes at home?' });
    await dialog.getByText('Nobody can join.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await fromMenuOf(page, 'Diabetes at home', 'Archive');
    await dialog.getByRole('button', { name: 'Archive deployment' }).click();
    await page.getByRole('status').getByText('It is archived.').waitFor();
    expect(await page.getByLabel('Find a deployment').inputValue()).toBe('diabetes');
    expect(await rowOf(page, 'Diabetes at home').getByText('Archived').count()).toBe(1);
    await fromMenuOf(page, 'Diabetes at home', 'Restore');
    await page.getByRole('dialog').getByRole('button', { name: 'Restore deployment' }).click();
    await page.getByRole('status').getByText('It is restored.').waitFor();
  });

  it('creates an organisation and a deployment, changes its settings, and archives it by its name', async () => {
    const page = await signedIn({});
    await toArea(page, 'Admin portal');
    await page.getByRole('link', { name: 'Create organisation' }).click();
    await shows(page, 'New organisation');
    await page.getByRole('button', { name: 'Create organisation' }).click();
    await page
      .getByRole('alert')
      .getByRole('link', { name: /^Name: / })
      .click();
    await page.getByLabel('Name', { exact: true }).fill('Hillside Hospital');
    await page.getByLabel('Type').selectOption({ label: 'Decentralised clinical trial' });
    await page.getByRole('button', { name: 'Create organisation' }).click();
    await shows(page, 'Hillside Hospital');
    await page.getByRole('link', { name: 'Create deployment' }).click();
    await page.getByLabel('Name', { exact: true }).fill('At home');
    await page.getByRole('button', { name: 'Create deployment' }).click();
    await shows(page, 'At home');

    await toArea(page, 'Settings');
    const late = await page.context().newPage();
    await late.goto(page.url());
    await page.getByLabel('Name', { exact: true }).fill('Care at home');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('status').getByText('The settings are saved.').waitFor();
    await late.getByLabel('Name', { exact: true }).fill('Home care');
    await late.getByLabel('Planned patients').fill('40');
    await late.getByRole('button', { name: 'Save settings' }).click();
    await late.getByText('Somebody else saved these settings').waitFor();
    await late.getByRole('alert').getByText('somebody else saved “Care at home” here').waitFor();
    expect(await late.getByLabel('Name', { exact: true }).inputValue()).toBe('Home care');
    expect(await late.getByLabel('Planned patients').inputValue()).toBe('40');
    await late.getByRole('button', { name: 'Save settings' }).click();
    await late.getByRole('status').getByText('The settings are saved.').waitFor();

    await late.getByRole('link', { name: 'Archive deployment' }).click();
    await shows(late, 'Archive Home care?');
    const field = late.getByLabel('To confirm, type the name: Home care');
    await field.fill('Care at home');
    await late.getByRole('button', { name: 'Archive deployment' }).click();
    await late.getByRole('alert').getByText('Type the name exactly as it is: Home care').waitFor();
    await field.fill('Home care');
    await late.getByRole('button', { name: 'Archive deployment' }).click();
    await late.getByText('It is archived.').waitFor();
    await late.getByRole('button', { name: 'Restore deployment' }).click();
    await late.getByText('It is restored.').waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 320],
  ] as const)('is accessible in %s at %i pixels', async (colorScheme, width) => {
    const page = await signedIn({ javaScriptEnabled: true, colorScheme, viewport: { width, height: 800 } });
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    const platform = `${server.url}/portal/platform`;
    for (const address of [
      platform,
      `${platform}?q=nothing-has-this-name`,
      `${platform}/deployments`,
      `${platform}/deployments?state=archived`,
      `${platform}/staff`,
      `${platform}/organisations/new`,
      `${pageOf(riverside)}/deployments/new`,
      `${pageOf(riverside)}/settings`,
      `${pageOf(cohort)}/settings`,
      `${pageOf(cohort)}/settings/archive`,
      ...['/password', '/sessions', '/notices', '/close'].map((tab) => `${server.url}/account${tab}`),
    ]) {
      await page.goto(address);
      await look(address);
    }
    await page.goto(`${pageOf(cohort)}/settings`);
    await page.getByLabel('Name', { exact: true }).fill('');
    await page.getByLabel('Planned staff').fill('many');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('alert').waitFor();
    await look('refused settings');
    await page.goto(`${platform}/deployments`);
    await rowOf(page, 'Cardiac Rehabilitation').getByRole('button').last().click();
    await look('row menu');
    await page.locator(':popover-open').getByText('Archive', { exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await look('dialog');
    expect(faults).toEqual({});
  });
});
