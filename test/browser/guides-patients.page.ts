import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { createDeployment, createOrganisation, freshEmail, join, readModelsCaughtUp } from '../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';
import { PHONE, toArea, visitAs } from './visits.js';

const ADMIN = 'Name of admin';
const WAYS: readonly (readonly [way: string, options: BrowserContextOptions])[] = [
  ['with scripts', { javaScriptEnabled: true, permissions: ['clipboard-read', 'clipboard-write'] }],
  ['without scripts', { javaScriptEnabled: false }],
  ['on a phone', PHONE],
];

/** The steps of the public guide on inviting patients, from signing in to the end. */
describeOnOneEngine('the guide on patients in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startTestServer(engine, { APP_LINK: 'rolecall-app://open?{url}', APP_STORE_URL: 'https://apps.example/app' }),
      startChromium(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function signedInAdmin(options: BrowserContextOptions): Promise<Page> {
    const cohort = await createDeployment(server, await createOrganisation(server), 'Cardiac Rehabilitation');
    const { email } = await join(server, cohort, 'admin');
    await server.admin.patch(cohort.path, { offboardingReasons: ['End of treatment'] }).expect(200);
    await readModelsCaughtUp(server);
    return visitAs(browser, server, { email }, options);
  }

  /** Opens the mailed link on a phone and makes the account there. */
  async function enrols(email: string): Promise<void> {
    const { token, html } = await server.smtp.mailTo(email);
    expect(html).toContain('https://apps.example/app');
    const page = await openBrowser(browser, PHONE);
    await page.goto(`${server.url}/invitations/${token}`);
    await page.getByRole('link', { name: 'Open in the app' }).waitFor();
    await page.locator('#name').fill('Paula Patient');
    await page.locator('#password').fill(PASSWORD);
    await page.getByRole('main').locator('form button[type=submit]').first().click();
    await shows(page, 'Welcome to Cardiac Rehabilitation (Riverside Hospital)');
    await page.reload();
    await shows(page, 'Welcome to Cardiac Rehabilitation (Riverside Hospital)');
    expect(await scrollsSideways(page)).toBe(false);
  }

  const rowOf = (page: Page, text: string): Locator => page.getByRole('row').filter({ hasText: text });

  async function showType(page: Page, type: string): Promise<void> {
    await page.getByRole('combobox', { name: 'Patient type' }).selectOption({ label: type });
    await page.getByRole('main').getByRole('button', { name: 'Search' }).click();
    await page.getByRole('combobox', { name: 'Patient type' }).waitFor();
  }

  it.each(WAYS)('invites patients by mail %s', async (_, options) => {
    const page = await signedInAdmin(options);
    await page.getByRole('button', { name: ADMIN }).click();
    await page.locator('#me').getByRole('link', { name: 'Invite patients' }).click();
    await shows(page, 'Invite patients');
    const [one, two, filed] = [freshEmail('one'), freshEmail('two'), freshEmail('filed')];
    await page.getByLabel('Email addresses').fill(`${one} ${two}`);
    const expiry = page.getByRole('combobox', { name: 'Expires in' });
    expect(await expiry.locator('option').allTextContents()).toEqual(['24 hours', '48 hours', '7 days', '1 year']);
    await expiry.selectOption({ label: '48 hours' });
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('2 invitations are on their way.').waitFor();
    await enrols(one);

    await page.getByRole('link', { name: 'Invite more' }).click();
    await page
      .getByLabel('File with addresses')
      .setInputFiles({ name: 'patients.csv', mimeType: 'text/csv', buffer: Buffer.from(`E-mail\n${filed}\n`) });
    await page.getByRole('button', { name: 'Import csv file' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();

    await toArea(page, 'Overview');
    await page.getByRole('link', { name: 'Pending invitations', exact: true }).click();
    await rowOf(page, two).getByRole('button').last().click();
    await page.getByRole('button', { name: 'Resend invitation' }).click();
    await page.getByRole('status').getByText('on its way again').waitFor();
    await server.smtp.mailTo(two, 2);
    await rowOf(page, two).getByRole('button').last().click();
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete invitation' }).click();
    await page.getByRole('status').getByText('The invitation is deleted.').waitFor();
    expect(await rowOf(page, two).count()).toBe(0);
    await rowOf(page, filed).waitFor();

    await showType(page, 'Active');
    await page.getByRole('link', { name: /^P-/ }).click();
    await page.getByRole('combobox', { name: 'Reason' }).selectOption('End of treatment');
    await page.getByRole('button', { name: 'Offboard patient' }).click();
    await page.getByText('The patient is offboarded and gets a mail.').waitFor();
    await page.getByRole('button', { name: 'Reactivate patient' }).click();
    await page.getByText('The patient is active again and gets a mail.').waitFor();
  });

  it.each(WAYS)('invites patients by a link %s', async (_, options) => {
    const page = await signedInAdmin(options);
    await toArea(page, 'Patients');
    await page.getByRole('link', { name: 'Get link' }).click();
    await page.getByRole('combobox', { name: 'Expires in' }).selectOption({ label: '7 days' });
    await page.getByRole('button', { name: 'Get link' }).click();
    await page.getByRole('img', { name: 'QR code of the address' }).waitFor();
    const address = await page.getByLabel('Address', { exact: true }).inputValue();
    if (options.permissions) {
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);
    }

    const patient = await openBrowser(browser, PHONE);
    await patient.goto(address);
    const inApp = await patient.getByRole('link', { name: 'Open in the app' }).getAttribute('href');
    expect(inApp).toBe(`rolecall-app://open?${encodeURIComponent(address)}`);
    const email = freshEmail('by-link');
    await patient.getByLabel('E-mail address').fill(email);
    await patient.getByRole('main').getByRole('button').click();
    await patient.getByRole('heading', { level: 1 }).waitFor();
    await enrols(email);

    await page.reload();
    await page.getByText('1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Stop this link' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop this link' }).click();
    await page.getByText('The link no longer works.').waitFor();
    await patient.goto(address);
    await shows(patient, 'This link was withdrawn');
  });

  it.each([
    ['light', 1280],
    ['dark', 360],
    ['light', 320],
  ] as const)('has accessible pages in %s at %i pixels', async (colorScheme, width) => {
    const page = await signedInAdmin({ javaScriptEnabled: true, colorScheme, viewport: { width, height: 800 } });
    await toArea(page, 'Patients');
    const area = page.url();
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    await look('none active');
    await page.goto(`${area}/invite`);
    await page.getByLabel('Email addresses').fill(freshEmail('a-rather-long-name-of-somebody-who-waits'));
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();
    await page.goto(`${area}?type=pending`);
    await look('pending');
    await page.getByRole('row').last().getByRole('button').last().click();
    await look('menu');
    await page.getByRole('button', { name: 'Change expiry' }).click();
    await page.getByRole('dialog').waitFor();
    await look('change');
    await page.goto(`${area}/links`);
    await look('no links');
    await page.getByLabel('Most patients').fill('many');
    await page.getByRole('button', { name: 'Get link' }).click();
    await page.getByText('Please check your entries').waitFor();
    await look('refused link');
    await page.getByLabel('Most patients').fill('2');
    await page.getByLabel('Name of the link').fill('A poster with a rather long name in the waiting room of the ward');
    await page.getByRole('button', { name: 'Get link' }).click();
    await page.getByRole('img', { name: 'QR code of the address' }).waitFor();
    await look('link');
    const address = await page.getByLabel('Address', { exact: true }).inputValue();
    await page.goto(`${area}/links`);
    await look('links');
    await page.goto(address);
    await look('join');
    expect(faults).toEqual({});
  });
});
