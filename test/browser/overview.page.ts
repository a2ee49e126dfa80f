import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { shows, startChromium } from './chromium.js';
import { visitAs } from './visits.js';

const STAFF = 'Staff invitations by week';
const PATIENTS = 'Patient invitations by week';

describeOnOneEngine('the overview of a place in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  let deployment: Place;
  let admin: Member;
  const unreachable = freshEmail('unreachable');
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    server.smtp.refuse((to) => (to === unreachable ? 550 : null));
    place = await createOrganisation(server);
    deployment = await createDeployment(server, place, 'Cardiac Rehabilitation');
    admin = await join(server, place, 'admin');
    await enrol(server, deployment);
    const emails = [freshEmail(), freshEmail(), unreachable];
    await server.admin.post(`${place.path}/staff-invitations`, { emails, role: 'contributor' }).expect(201);
    await idle(server);
  });
  afterAll(async () => {
    server.smtp.refuse(() => null);
    await browser.close();
    await server.close();
  });

  const overview = async (who: Member, of = place, options: BrowserContextOptions = {}): Promise<Page> => {
    await readModelsCaughtUp(server);
    const page = await visitAs(browser, server, who, options);
    await page.goto(server.url + of.path.replace('/v1/', '/portal/'));
    return page;
  };

  it('draws the weeks, and has their numbers as the API', async () => {
    const page = await overview(admin);
    const chart = page.getByRole('img', { name: STAFF });
    expect(await chart.locator('rect.bar-sent').count()).toBe(1);
    expect(await chart.locator('desc').textContent()).toContain('4 sent, 1 accepted, 0 expired');
    await page.getByText('Show the numbers').first().click();
    const rows = await page.getByRole('table', { name: STAFF }).getByRole('row').allInnerTexts();
    const { body } = await admin.api.get(`${place.path}/invitation-weeks?kind=staff`).expect(200);
    expect(rows.slice(1).map((row) => row.split('\t').slice(1).map(Number))).toEqual(
      body.items.map((week: Record<string, number>) => [week.sent, week.accepted, week.expired]),
    );
    expect(await page.getByRole('img', { name: PATIENTS }).locator('desc').textContent()).toContain(
      '1 sent, 1 accepted',
    );
  });

  it('shows each visitor the charts that they may see', async () => {
    const charts = async (who: Member, of = place): Promise<string[]> => {
      const page = await overview(who, of);
      const names = [STAFF, PATIENTS];
      const counts = await Promise.all(names.map(async (name) => page.getByRole('img', { name }).count()));
      return names.filter((_, n) => counts[n] === 1);
    };
    expect(await charts(await join(server, place, 'contributor'))).toEqual([PATIENTS]);
    expect(await charts(await join(server, place, 'organisation-staff'))).toEqual([STAFF]);
    expect(await charts(await join(server, place, 'auditor'))).toEqual([]);
    expect(await charts(await join(server, deployment, 'admin'), deployment)).toEqual([STAFF, PATIENTS]);
  });

  it('leads to the invitations whose mail failed', async () => {
    const page = await overview(admin);
    await page.getByRole('link', { name: 'Staff invitations whose mail failed' }).click();
    await shows(page, 'My Team');
    const rows = page.getByRole('row').filter({ hasText: '@' });
    expect(await rows.count()).toBe(1);
    await rows.filter({ hasText: unreachable }).getByText('Mail failed', { exact: true }).waitFor();
    expect(await page.getByLabel('Mail', { exact: true }).inputValue()).toBe('failed');
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 360],
    ['light', 320],
  ] as const)('is accessible in %s at %i pixels, with its numbers open', async (colorScheme, width) => {
    const page = await overview(admin, place, {
      colorScheme,
      viewport: { width, height: 800 },
      javaScriptEnabled: true,
      locale: 'de-DE',
    });
    for (const numbers of await page.locator('summary').all()) await numbers.click();
    expect([...(await accessibilityFaults(page)), ...(await axeViolations(page))]).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
  });
});
