import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
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
import { shows, startChromium } from './chromium.js';
import { visitAs } from './visits.js';

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

  const signedIn = async (options: BrowserContextOptions = {}, who = owner): Promise<Page> => {
    await readModelsCaughtUp(server);
    return visitAs(browser, server, who, { javaScriptEnabled: true, ...options });
  };
  const menuItem = async (page: Page, name: string) => {
    await page.getByRole('button', { name: 'Name of organisation-owner' }).click();
    await page.locator('#me').getByRole('link', { name }).click();
  };

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

  it.each([true, false])(
    'resend and delete several invitations at once, with scripts: %s',
    async (javaScriptEnabled) => {
      const elsewhere = await createOrganisation(server, 'Lakeside Clinic');
      const editor = await join(server, elsewhere, 'organisation-owner');
      const emails = [freshEmail('first'), freshEmail('second'), freshEmail('third')];
      for (const email of emails) await invite(server, editor.api, elsewhere, email, 'contributor');
      const page = await signedIn({ javaScriptEnabled }, editor);
      await page.goto(`${server.url}${elsewhere.path.replace('/v1/', '/portal/')}/staff/invitations`);
      const all = page.getByLabel('Select all on this page');
      if (javaScriptEnabled) await all.check();
      else for (const email of emails) await page.getByLabel(`Select ${email}`).check();
      expect(await all.isVisible()).toBe(javaScriptEnabled);
      await page.getByRole('button', { name: 'Resend selected' }).click();
      await page.getByRole('status').getByText('3 invitations are on the way again.').waitFor();
      for (const email of emails) await server.smtp.mailTo(email, 2);
      await page.getByLabel(`Select ${emails[0]!}`).check();
      await page.getByRole('button', { name: 'Resend selected' }).click();
      await page.getByText('0 invitations are on the way again. 1 could not be resent now.').waitFor();
      for (const email of emails.slice(1)) await page.getByLabel(`Select ${email}`).check();
      await page.getByRole('button', { name: 'Delete selected' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete selected' }).click();
      await page.getByRole('status').getByText('2 invitations are deleted.').waitFor();
      expect(await page.getByRole('row').filter({ hasText: emails[0]! }).count()).toBe(1);
      expect(await page.getByRole('row').filter({ hasText: emails[1]! }).count()).toBe(0);
    },
  );

  it('follow a batch to its end, and undo it', async () => {
    const page = await signedIn();
    await menuItem(page, 'Invite staff members');
    const emails = Array.from({ length: 30 }, () => freshEmail('many'));
    await page.getByLabel('Email addresses').fill(emails.join(', '));
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByRole('link', { name: 'Follow this batch' }).click();
    await shows(page, '30 addresses');
    // The page asks again by itself until every mail is sent.
    await page.locator('progress#mailed[value="30"]').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Withdraw open invitations' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Undo this batch?' });
    await dialog.getByLabel('Reason').fill('Wrong list');
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Withdraw open invitations' }).click();
    await page.getByRole('status').getByText('All open invitations of this batch are withdrawn.').waitFor();
    await page.getByRole('link', { name: 'Batches' }).click();
    await page.getByRole('row').filter({ hasText: '30 addresses' }).waitFor();
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
    const waiting = freshEmail('a-rather-long-name-of-somebody-who-waits');
    const pending = await invite(server, owner.api, place, waiting, 'contributor');
    const call = { emails: [freshEmail(), freshEmail()], role: 'contributor' };
    const { body: batch } = await owner.api.post(`${place.path}/staff-invitations`, call).expect(201);
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
      `/staff/invitations/${pending.id}/change`,
      '/staff/batches',
      `/staff/batches/${batch.batchId as string}`,
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
