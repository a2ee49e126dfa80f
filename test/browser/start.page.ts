import type { Browser, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  inviteToGroup,
  join,
  joinGroup,
  makePatientLink,
  readModelsCaughtUp,
  type Place,
} from '../support/scenarios.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

describeOnOneEngine('groups and patients in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let riverside: Place;
  let cohort: Place;
  let board: Place;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    riverside = await createOrganisation(server);
    [cohort, board] = [
      await createDeployment(server, riverside, 'Cardiac Rehabilitation'),
      await createGroup(server, riverside, 'Tumour board'),
    ];
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Signs a person in. @returns their start page */
  const startPageOf = async (email: string, options: Parameters<typeof openBrowser>[1] = {}): Promise<Page> => {
    await readModelsCaughtUp(server);
    const page = await openBrowser(browser, options);
    await page.goto(server.url);
    await page.locator('#email').fill(email);
    await page.locator('#password').fill(PASSWORD);
    await page.locator('main button').click();
    // It waits in the menu next to the person's name.
    await page.locator('form[action="/sign-out"]').waitFor({ state: 'attached' });
    return page;
  };
  const section = (page: Page, name: string) => page.getByRole('region', { name });
  /** Makes a person with an invitation of each kind, a group, and an offboarded enrolment. @returns their address */
  const busyPerson = async (): Promise<string> => {
    const { email, membershipId } = await enrol(server, cohort);
    await server.admin.post(`/v1/patients/${membershipId}/offboard`, { reason: 'Moved to another town' }).expect(200);
    const [group, elsewhere] = [
      await createGroup(server, riverside, 'Hygiene committee'),
      await createDeployment(server, riverside, 'Hypertension Study'),
    ];
    const { token } = await inviteToGroup(server, server.admin, group, email, { administrator: true });
    await (await server.signIn(email)).post(`/v1/invitations/${token}/accept`).expect(200);
    await inviteToGroup(server, server.admin, board, email, { administrator: true, contentCreator: true });
    await invitePatient(server, server.admin, elsewhere, email, { message: 'x'.repeat(200) });
    await invite(server, server.admin, riverside, email, 'contributor');
    return email;
  };

  it('lead from the mailed link into a group, and name the permissions on each page', async () => {
    const { token } = await inviteToGroup(server, server.admin, board, freshEmail(), { contentCreator: true });
    const page = await openBrowser(browser);
    await page.goto(`${server.url}/invitations/${token}`);
    await shows(page, 'First Administrator invites you to the group Tumour board (Riverside Hospital)');
    expect(await page.getByRole('definition').allInnerTexts()).toEqual(
      expect.arrayContaining(['view and download; create, edit and upload', 'Tumour board', 'Riverside Hospital']),
    );
    await page.getByLabel('Your name').fill('Ben Example');
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Accept and create account' }).click();
    await shows(page, 'Welcome to the group Tumour board (Riverside Hospital)');
    expect(await page.getByRole('definition').allInnerTexts()).toEqual([
      'view and download; create, edit and upload',
      'Tumour board',
      'Riverside Hospital',
    ]);
    await page.getByRole('link', { name: 'Go to your start page' }).click();
    await shows(page, 'Ben Example');
    expect(await section(page, 'Your groups').getByRole('listitem').innerText()).toMatch(
      /Tumour board\s+Riverside Hospital\s+You may: view and download; create, edit and upload\s/,
    );
  });

  it('answer an invitation of each kind on the start page', async () => {
    const page = await startPageOf(await busyPerson());
    const waiting = section(page, 'Your invitations').getByRole('listitem');
    expect(await waiting.allInnerTexts()).toEqual([
      expect.stringMatching(/^Riverside Hospital\s+Contributor · Organisation · invited by First Administrator\s/),
      expect.stringMatching(
        /^Hypertension Study \(Riverside Hospital\)\s+Patient · Programme · invited by First Administrator\s/,
      ),
      expect.stringMatching(
        /^Tumour board \(Riverside Hospital\)\s+Group · invited by First Administrator\s+You may: view and download; create, edit and upload; invite and manage members\s/,
      ),
    ]);
    for (const place of ['Tumour board', 'Hypertension Study']) {
      await waiting.filter({ hasText: place }).getByRole('button', { name: 'Accept' }).click();
      await waiting.filter({ hasText: place }).waitFor({ state: 'detached' });
      // Accepting leads into a group, whose pages lead back.
      if (place === 'Tumour board') {
        await shows(page, place);
        await page.goto(server.url);
      }
    }
    // The previous page has gone, but the next one may not have loaded yet.
    await section(page, 'Your groups').getByRole('listitem').nth(1).waitFor();
    expect(await section(page, 'Your groups').getByRole('listitem').count()).toBe(2);
    expect(await section(page, 'Your programmes').getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(
        /^Cardiac Rehabilitation\s+Your participation has ended\s+Reason: Moved to another town\s+enrolled on /,
      ),
      expect.stringMatching(/^Hypertension Study\s+You take part\s+enrolled on /),
    ]);
    await waiting.getByRole('button', { name: 'Decline' }).click();
    await page.getByRole('button', { name: 'Yes, decline' }).click();
    await section(page, 'Your invitations').waitFor({ state: 'detached' });
    expect(await page.getByText('Your roles').count()).toBe(0);
  });

  it('let an owner tick a box for mails about acceptances, which are sent until it is unticked', async () => {
    const owner = await join(server, riverside, 'organisation-owner');
    const page = await startPageOf(owner.email);
    const notices = `${server.url}/account/notices`;
    await page.goto(notices);
    const box = page.getByRole('checkbox', { name: 'Mail me when somebody accepts an invitation to a group' });
    const save = async (wanted: boolean) => {
      await box.setChecked(wanted);
      await page.getByRole('button', { name: 'Save notices' }).click();
      await page.getByRole('status').waitFor();
      expect([await box.isChecked(), (await owner.api.get('/v1/me/notices').expect(200)).body]).toEqual([
        wanted,
        { groupAcceptances: wanted },
      ]);
    };
    expect(await box.isChecked()).toBe(false);
    await save(true);
    const before = server.smtp.to(owner.email).length;
    await joinGroup(server, board);
    expect((await server.smtp.mailTo(owner.email, before + 1)).subject).toContain('Tumour board');
    await page.goto(notices);
    expect(await page.getByRole('status').count()).toBe(0);
    await save(false);
  });

  it.each(['light', 'dark'] as const)('are accessible, at 320 pixels too, in %s', async (colorScheme) => {
    const [permissions, link] = [
      { administrator: true, contentCreator: true },
      await makePatientLink(server.admin, cohort),
    ];
    const [group, patient] = [
      await inviteToGroup(server, server.admin, board, freshEmail(), permissions),
      await invitePatient(server, server.admin, cohort, freshEmail()),
    ];
    const options = { colorScheme, viewport: { width: 320, height: 640 }, locale: 'de-DE' };
    const faults: Record<string, string[]> = {};
    const look = async (name: string, page: Page) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    const visitor = await openBrowser(browser, options);
    for (const path of [`/join/${link.token}`, `/invitations/${patient.token}`, `/invitations/${group.token}`]) {
      expect((await visitor.goto(server.url + path))?.status()).toBe(200);
      await look(path, visitor);
    }
    await visitor.getByLabel('Your name').fill('Ben');
    await visitor.getByLabel('New password').fill(PASSWORD);
    await visitor.getByRole('button', { name: 'Accept and create account' }).click();
    await shows(visitor, 'Welcome to the group Tumour board (Riverside Hospital)');
    await look('welcome', visitor);
    await visitor.goto(`${server.url}/join/${link.token}`);
    await visitor.getByLabel('E-Mail-Adresse').fill(freshEmail());
    await visitor.getByRole('button', { name: 'Einladung anfordern' }).click();
    await shows(visitor, 'Sehen Sie in Ihrem Posteingang nach');
    await look('asked', visitor);
    const start = await startPageOf(await busyPerson(), options);
    expect(await start.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      'Ihre Einladungen',
      'Ihre Programme',
      'Ihre Gruppen',
    ]);
    await look('start', start);
    await start.goto(`${server.url}/account/notices`);
    await start.getByRole('checkbox').check();
    await start.getByRole('button', { name: 'Auswahl speichern' }).click();
    await start.getByRole('status').waitFor();
    await look('notices', start);
    expect(faults).toEqual({});
  });
});
