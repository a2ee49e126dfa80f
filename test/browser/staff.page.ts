import type { Browser, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

describeOnOneEngine('the pages about staff in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  let owner: Member;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    place = await createOrganisation(server);
    await createDeployment(server, place, 'Cardiac Rehabilitation');
    owner = await join(server, place, 'organisation-owner');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const signedIn = async (options: Parameters<typeof openBrowser>[1] = {}): Promise<Page> => {
    await readModelsCaughtUp(server);
    const page = await openBrowser(browser, { javaScriptEnabled: true, ...options });
    await page.goto(`${server.url}/sign-in`);
    await page.locator('#email').fill(owner.email);
    await page.locator('#password').fill(PASSWORD);
    await page.locator('main button[type=submit]').click();
    await page.locator('form[action="/sign-out"]').waitFor({ state: 'attached' });
    return page;
  };
  const menuItem = async (page: Page, name: string) => {
    await page.getByRole('button', { name: 'Name of organisation-owner' }).click();
    await page.locator('#me').getByRole('link', { name }).click();
  };

  it.each([true, false])('invite staff from the menu next to the name, with scripts: %s', async (javaScriptEnabled) => {
    const page = await signedIn({ javaScriptEnabled });
    await menuItem(page, 'Invite staff members');
    await shows(page, 'Invite staff members');
    const [one, two] = [freshEmail(), freshEmail()];
    await page.getByLabel('Email addresses').fill(`Ann <${one}>; ${two}, nobody@`);
    if (javaScriptEnabled) {
      await page.locator('#typed').getByText('3 addresses, 1 of them wrong').waitFor();
      expect(await page.locator('#typed .chip').allInnerTexts()).toEqual([
        one,
        two,
        expect.stringContaining('no address'),
      ]);
    }
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('combobox', { name: 'Expires in' }).selectOption({ label: '72 hours' });
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    expect(server.smtp.to(one)).toEqual([]);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('2 invitations are on their way.').waitFor();
    await page.getByText('1 address was left out.').waitFor();
    for (const email of [one, two]) await server.smtp.mailTo(email, 1);
    await page.getByRole('link', { name: 'Pending staff invitations' }).click();
    await page.getByText(one, { exact: true }).waitFor();
  });

  it('add the addresses of a file to those that are typed', async () => {
    const page = await signedIn();
    await menuItem(page, 'Invite staff members');
    await page.getByLabel('Email addresses').fill('typed@example.org');
    await page.getByLabel('Message').first().fill('Welcome');
    await page
      .getByLabel('File with addresses')
      .setInputFiles({ name: 'team.csv', mimeType: 'text/csv', buffer: Buffer.from('E-mail\nfiled@example.org\n') });
    await page.getByRole('button', { name: 'Import csv file' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    expect(await page.getByLabel('Email addresses').inputValue()).toBe('typed@example.org\nfiled@example.org');
    expect(await page.getByLabel('Message').first().inputValue()).toBe('Welcome');
  });

  it.each([true, false])('resend and delete by the menu of a row, with scripts: %s', async (javaScriptEnabled) => {
    const email = freshEmail('waiting');
    await invite(server, owner.api, place, email, 'contributor');
    const page = await signedIn({ javaScriptEnabled });
    await page.getByRole('link', { name: 'My Team' }).click();
    await page.getByRole('link', { name: 'Invites' }).click();
    const row = page.getByRole('row').filter({ hasText: email });
    await row.getByRole('button').last().click();
    await page.getByRole('button', { name: 'Resend invitation' }).press('Enter');
    await page.getByRole('status').getByText('on its way again').waitFor();
    const button = row.getByRole('button', { name: `Menu of ${email}` });
    await button.press('Enter');
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    const dialog = page.getByRole('dialog', { name: `Delete the invitation of ${email}?` });
    await dialog.getByText('stops working at once').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await button.press('Enter');
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await dialog.getByRole('button', { name: 'Delete invitation' }).click();
    await page.getByRole('status').getByText('The invitation is deleted.').waitFor();
    expect(await row.count()).toBe(0);
  });

  it('change the role of a member in their profile', async () => {
    const member = await join(server, place, 'contributor');
    const page = await signedIn();
    await page.getByRole('link', { name: 'My Team' }).click();
    await page.getByRole('row').filter({ hasText: member.email }).getByRole('link').click();
    await shows(page, 'Name of contributor');
    await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption({ label: 'Admin' });
    await page.getByRole('textbox', { name: 'Reason' }).first().fill('New duty');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('The new role holds from now on.').waitFor();
    expect((await member.api.get('/v1/me').expect(200)).body).toMatchObject({ memberships: [{ role: 'admin' }] });
  });

  it.each([
    ['light', 1280],
    ['dark', 360],
    ['light', 320],
  ] as const)('are accessible in %s at %i pixels', async (colorScheme, width) => {
    const member = await join(server, place, 'contributor');
    const { body } = await owner.api
      .post(`${place.path}/roles`, { name: `Nurse ${width}`, permissions: ['patients.view'] })
      .expect(201);
    await invite(server, owner.api, place, freshEmail('a-rather-long-name-of-somebody-who-waits'), 'contributor');
    const page = await signedIn({ colorScheme, viewport: { width, height: 800 } });
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...(await axeViolations(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    const start = `${server.url}${place.path.replace('/v1/', '/portal/')}`;
    for (const path of [
      '',
      '/staff',
      `/staff/${member.membershipId}`,
      '/staff/invite',
      '/roles',
      '/roles/new',
      `/roles/${(body as { id: string }).id}`,
      '/staff/invitations',
    ]) {
      await page.goto(start + path);
      await look(path);
    }
    await page.locator('.menu-cell button').first().click();
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await look('dialog');
    await page.goto(`${start}/staff/invite`);
    await page.getByLabel('Email addresses').fill('ann@example.org, nobody@');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('alert').waitFor();
    await look('errors');
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    await look('review');
    expect(faults).toEqual({});
  });
});
