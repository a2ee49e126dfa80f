import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  join,
  readModelsCaughtUp,
  type Member,
} from '../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { upload } from '../modules/groups/uploading.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';
import { PHONE, toArea, visitAs, WAYS } from './visits.js';

const GROUP = 'Tumour board';
const COLLEAGUE = 'Name of organisation-staff';

/** The steps of the public guide on groups, from signing in to the end. */
describeOnOneEngine('the guide on groups in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** An organisation with an editor, who may create groups, and a colleague. Everything that the page refuses is noted. */
  async function signedInEditor(options: BrowserContextOptions) {
    const organisation = await createOrganisation(server);
    const editor = await join(server, organisation, 'organisation-editor');
    const colleague = await join(server, organisation, 'organisation-staff', freshEmail('colleague'));
    await enrol(server, await createDeployment(server, organisation), freshEmail('colleague-who-is-a-patient'));
    await readModelsCaughtUp(server);
    const page = await visitAs(browser, server, editor, options);
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    // The guide begins at the organisation, which the start page's side bar names.
    return { page, organisation, colleague, refused };
  }

  const rowOf = (page: Page, text: string): Locator => page.getByRole('row').filter({ hasText: text });
  const tab = (page: Page, name: string): Locator =>
    page.getByRole('navigation', { name: GROUP }).getByRole('link', { name, exact: true });
  const chooseSet = async (page: Page, name: string): Promise<void> =>
    page.getByRole('radio', { name, exact: true }).check();
  const fromMenu = async (page: Page, row: string): Promise<void> =>
    rowOf(page, row).getByRole('button').last().click();

  /** Opens the mailed link on a phone and makes the account there. */
  async function signsUp(email: string): Promise<Page> {
    const { token } = await server.smtp.mailTo(email);
    const page = await openBrowser(browser, PHONE);
    await page.goto(`${server.url}/invitations/${token}`);
    await page.locator('#name').fill('Nora Newcomer');
    await page.locator('#password').fill(PASSWORD);
    await page.getByRole('main').locator('form button[type=submit]').first().click();
    await shows(page, `Welcome to the group ${GROUP} (Riverside Hospital)`);
    await page.getByRole('link', { name: 'Open group' }).click();
    await shows(page, GROUP);
    expect(await scrollsSideways(page)).toBe(false);
    return page;
  }

  /** Accepts the item on the dashboard. */
  async function acceptsOnDashboard({ email }: Member): Promise<Page> {
    const page = await visitAs(browser, server, { email }, PHONE);
    await page.getByText('Your invitations').waitFor();
    await page.getByRole('button', { name: /^Accept/ }).click();
    await shows(page, GROUP);
    await page.getByText('You are a member of this group now.').waitFor();
    return page;
  }

  async function createsGroup(page: Page): Promise<void> {
    await toArea(page, 'Groups');
    await page.getByRole('link', { name: 'Create group' }).first().click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(GROUP);
    await page.getByRole('textbox', { name: 'Purpose', exact: true }).fill('Discusses new cases every Tuesday');
    await page.getByRole('button', { name: 'Create group' }).click();
    await shows(page, GROUP);
  }

  it.each(WAYS)('makes a group and invites or assigns its members %s', async (_, options) => {
    const { page, colleague, refused } = await signedInEditor(options);
    await createsGroup(page);
    await rowOf(page, 'Name of organisation-editor').getByText('Administrator and content creator').waitFor();

    await page.getByRole('link', { name: 'Invite or assign members' }).click();
    await shows(page, 'Invite or assign members');
    const [one, filed] = [freshEmail('one'), freshEmail('filed')];
    await page.getByRole('group', { name: 'Add people from' }).waitFor();
    await page.getByText('Outlook, or another CSV file').click();
    await page
      .locator('#outlook-file')
      .setInputFiles({ name: 'contacts.csv', mimeType: 'text/csv', buffer: Buffer.from(`E-mail\n${filed}\n`) });
    await page.getByRole('button', { name: 'Import csv file' }).last().click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    const emails = page.getByRole('textbox', { name: 'Email addresses', exact: true });
    await emails.fill(`${await emails.inputValue()}\n${one}`);
    await page.getByText('Your network', { exact: true }).click();
    await page.getByRole('searchbox', { name: 'Find by name or address' }).fill('colleague');
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByRole('checkbox', { name: COLLEAGUE }).check();
    // Patients are in nobody's network.
    expect(await page.getByRole('checkbox').count()).toBe(1);
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('See you on Tuesday');
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('Please check your entries').waitFor();
    const sets = page.getByRole('group', { name: 'What they may do' });
    expect(await sets.locator('label').allTextContents()).toEqual([
      'Viewer',
      'Content creator',
      'Administrator',
      'Administrator and content creator',
    ]);
    await chooseSet(page, 'Content creator');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('Will be invited').waitFor();
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('3 invitations are on their way.').waitFor();

    await page.getByRole('link', { name: 'Pending invites' }).first().click();
    await rowOf(page, one).getByText('Content creator').waitFor();
    await fromMenu(page, filed);
    await page.getByRole('link', { name: 'Change permissions or expiry' }).click();
    await chooseSet(page, 'Viewer');
    await page.getByRole('combobox', { name: 'Expires in' }).selectOption({ label: '30 days' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The invitation is changed.').waitFor();
    await fromMenu(page, filed);
    await page.getByRole('button', { name: 'Resend invitation' }).click();
    await page.getByText('on its way again').waitFor();
    await fromMenu(page, filed);
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete invitation' }).click();
    await page.getByText('The invitation is deleted.').waitFor();
    expect(await rowOf(page, filed).count()).toBe(0);

    await signsUp(one);
    await acceptsOnDashboard(colleague);
    await tab(page, 'Members').click();
    await rowOf(page, 'Nora Newcomer').getByText('Content creator').waitFor();
    await page.getByRole('link', { name: COLLEAGUE }).click();
    await chooseSet(page, 'Viewer');
    await page.getByLabel('Reason').first().fill('reads only');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The new permissions hold from now on.').waitFor();
    expect(refused).toEqual([]);
  });

  it.each(WAYS)('keeps links as files, with exceptions by file, %s', async (_, options) => {
    const { page, colleague, refused } = await signedInEditor(options);
    await createsGroup(page);
    await page.getByRole('link', { name: 'Invite or assign members' }).click();
    await page.getByRole('textbox', { name: 'Email addresses', exact: true }).fill(colleague.email);
    await chooseSet(page, 'Viewer');
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();
    const member = await acceptsOnDashboard(colleague);

    await page.getByRole('link', { name: GROUP }).first().click();
    await tab(page, 'Files').click();
    await page.getByRole('link', { name: 'Add a link' }).first().click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Minutes of March');
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('minutes of march: https://');
    await page.getByRole('button', { name: 'Add a link' }).click();
    await page.getByText('Please check your entries').waitFor();
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('https://files.example.org/minutes');
    await page.getByRole('button', { name: 'Add a link' }).click();
    await page.getByText('The link is added.').waitFor();
    await page.getByRole('link', { name: 'Minutes of March' }).click();
    await shows(page, 'Minutes of March');
    await rowOf(page, COLLEAGUE).getByText('Viewer').waitFor();
    await fromMenu(page, COLLEAGUE);
    await page.getByRole('button', { name: 'Allow to edit this file' }).click();
    await page.getByText('The change holds for this file from now on.').waitFor();
    await rowOf(page, COLLEAGUE).getByText('Exception: may edit').waitFor();

    await tab(member, 'Files').click();
    await member.getByRole('link', { name: 'Minutes of March' }).click();
    await member.getByRole('textbox', { name: 'Name', exact: true }).fill('Minutes of March 2026');
    await member.getByRole('button', { name: 'Save' }).click();
    await member.getByText('The file is saved.').waitFor();
    await member.getByRole('link', { name: GROUP }).click();
    await fromMenu(member, COLLEAGUE);
    await member.getByRole('button', { name: 'Leave group' }).click();
    await member.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
    await shows(member, COLLEAGUE);

    await page.reload();
    await page.getByRole('button', { name: 'Remove' }).last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The file is removed from the group.').waitFor();
    await tab(page, 'History').click();
    await page.getByText('Minutes of March 2026').first().waitFor();
    expect(refused).toEqual([]);
  });

  it.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('has accessible pages in %s at %i pixels', async (colorScheme, width) => {
    const { page, colleague, refused } = await signedInEditor({
      javaScriptEnabled: true,
      colorScheme,
      viewport: { width, height: 800 },
    });
    const faults: Record<string, string[]> = {};
    const look = async (name: string): Promise<void> => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    await toArea(page, 'Groups');
    await page.waitForURL(/\/groups$/);
    await look('no groups');
    await page.getByRole('link', { name: 'Create group' }).first().click();
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByText('Please check your entries').waitFor();
    await look('refused group');
    await createsGroup(page);
    const area = page.url().replace(/\?.*/, '');
    await look('members');
    await fromMenu(page, 'Name of organisation-editor');
    await page.getByRole('button', { name: 'Leave group' }).click();
    await page.getByRole('dialog').waitFor();
    await look('leave');
    await page.goto(`${area}/invite`);
    await page.getByText('Your network', { exact: true }).click();
    await page.getByText('Google Contacts').click();
    await page.getByText('Outlook, or another CSV file').click();
    await look('invite');
    await page.getByRole('searchbox', { name: 'Find by name or address' }).pressSequentially('colleague');
    await page.waitForFunction('document.querySelectorAll("[name=personIds]").length === 1');
    await page.getByRole('checkbox', { name: COLLEAGUE }).check();
    await page
      .getByRole('textbox', { name: 'Email addresses', exact: true })
      .fill(`nobody@, ${freshEmail('a-rather-long-name-of-somebody-who-waits')}`);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('Please check your entries').waitFor();
    await look('refused invitation');
    await chooseSet(page, 'Administrator');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    await look('review');
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('2 invitations are on their way.').waitFor();
    await look('sent');
    await page.getByRole('link', { name: 'Follow this batch' }).click();
    await look('batch');
    await page.goto(`${area}/batches`);
    await look('batches');
    await page.goto(`${area}/invitations`);
    await look('pending');
    await page.getByRole('row').last().getByRole('button').last().click();
    await page.getByRole('link', { name: 'Change permissions or expiry' }).click();
    await look('change');
    await acceptsOnDashboard(colleague);
    await page.goto(area);
    await page.getByRole('link', { name: COLLEAGUE }).click();
    await look('member');
    await page.goto(`${area}/files`);
    await look('no files');
    await page.goto(`${area}/files/new`);
    await page.getByRole('button', { name: 'Add a link' }).click();
    await page.getByText('Please check your entries').waitFor();
    await look('refused file');
    await page
      .getByRole('textbox', { name: 'Name', exact: true })
      .fill('Minutes of a rather long meeting of the tumour board in March');
    await page
      .getByRole('textbox', { name: 'Address', exact: true })
      .fill(`https://files.example.org/${'minutes-'.repeat(20)}`);
    await page.getByRole('button', { name: 'Add a link' }).click();
    await page.getByText('The link is added.').waitFor();
    await look('files');
    await page.getByRole('link', { name: /^Minutes/ }).click();
    await look('file');
    await fromMenu(page, COLLEAGUE);
    await look('exceptions');
    await page.goto(`${area}/history`);
    await look('history');
    await page.goto(`${area}/settings`);
    await look('settings');
    const group = { id: area.split('/').at(-1)!, path: area.replace(/^.*\/portal/, '/v1') };
    const stored = await upload(server.admin, group, 'Minutes of the meeting in March', 'Minutes of March.txt').expect(
      201,
    );
    await page.goto(`${area}/files/${String(stored.body.id)}`);
    await page.frameLocator('iframe').getByText('Minutes of the meeting in March').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download', exact: true }).first().click(),
    ]);
    expect(download.suggestedFilename()).toBe('Minutes of March.txt');
    await look('stored file');
    expect(faults).toEqual({});
    expect(refused).toEqual([]);
  });
});
