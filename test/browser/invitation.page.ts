import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { CommandHandling } from '../../src/shared/event-sourcing/command-handling.js';
import { runInContext } from '../../src/shared/request-context/request-context.js';
import { LinkTokens } from '../../src/shared/http/links/link-token.js';
import { describeOnEngines } from '../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, type Place } from '../support/scenarios.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

describeOnEngines('pages in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  let admin: Page;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine, { SMTP_URL: '' }), startChromium()]);
    place = await createOrganisation(server);
    admin = await openBrowser(browser);
    await admin.goto(`${server.url}/mailbox`);
    await signIn(admin, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const signIn = async (page: Page, email: string, password = PASSWORD) => {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  /** Invites an address. @returns the link, as a super-admin reads it in the mailbox */
  const invite = async (email: string, extra: object = {}, at = place) => {
    const { body, headers } = await server.admin
      .post(`${at.path}/staff-invitations`, { emails: [email], role: 'contributor', ...extra })
      .expect(201);
    await server.admin.after(String(headers['event-position']), '/v1/me').expect(200);
    return { id: String(body.results[0].invitationId), link: await mailedLink(email) };
  };
  const mailedLink = async (email: string) => {
    await admin.goto(`${server.url}/mailbox`);
    await admin.getByRole('listitem').filter({ hasText: email }).getByRole('link').first().click();
    return String(await admin.frameLocator('iframe').locator('a').first().getAttribute('href'));
  };
  const acceptAsNew = async (page: Page, name = 'Ben Example') => {
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: /Accept/ }).click();
  };

  it('lead from the mailed link to an account, also after a bad password', async () => {
    const email = freshEmail();
    const { link } = await invite(email);
    const page = await openBrowser(browser);
    await page.goto(link);
    await shows(page, 'First Administrator invites you to Riverside Hospital');
    await page.getByLabel('Your name').fill('Ben Example');
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Accept and create account' }).click();

    expect(await page.locator('.error-summary:focus').innerText()).toContain(
      'Enter a password of 10 to 128 characters',
    );
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.getByLabel('Your name').inputValue()).toBe('Ben Example');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator('.error-summary a').click();
    await page.keyboard.type(PASSWORD);
    expect(await page.getByLabel('New password').inputValue()).toBe(PASSWORD);
    await page.keyboard.press('Enter');

    await shows(page, 'Welcome to Riverside Hospital');
    await page.getByRole('link', { name: 'Go to your start page' }).click();
    await shows(page, 'Ben Example');
    expect(await page.getByRole('listitem').filter({ hasText: 'Contributor' }).innerText()).toContain(
      'Riverside Hospital',
    );
    await page.getByRole('button', { name: 'Ben Example' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await shows(page, 'Sign in');
    await signIn(page, email);
    await shows(page, 'Ben Example');
  });

  it('open the invitation from the mailbox, and let the super-admin sign out because it is for another person', async () => {
    const email = freshEmail();
    await invite(email);
    const [page] = await Promise.all([
      admin.context().waitForEvent('page'),
      admin.frameLocator('iframe').getByRole('link', { name: 'Open the invitation' }).click(),
    ]);
    await page.waitForLoadState();
    await page.getByRole('heading', { name: 'You are signed in as somebody else' }).waitFor();
    await page.getByRole('button', { name: 'Sign out and continue' }).click();
    await page.getByRole('heading', { name: 'Accept with a new account' }).waitFor();
    await page.close();
    await admin.goto(`${server.url}/mailbox`);
    await signIn(admin, ADMIN.email, ADMIN.password);
    await shows(admin, 'Mailbox');
  });

  it('let a person with an account sign in, come back and confirm', async () => {
    const email = freshEmail();
    const page = await openBrowser(browser);
    await page.goto((await invite(email)).link);
    await acceptAsNew(page);
    await shows(page, 'Welcome to Riverside Hospital');
    await page.context().clearCookies();
    await page.goto((await invite(email, {}, await createOrganisation(server, 'Hillside Clinic'))).link);
    await page.getByLabel('Password').fill('not the right one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.locator('.error-summary:focus').innerText()).toContain('This password is wrong');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Accept invitation' }).click();
    await shows(page, 'Welcome to Hillside Clinic');
  });

  it('decline an invitation in three steps, after which its link has ended', async () => {
    const { link } = await invite(freshEmail());
    const page = await openBrowser(browser);
    await page.goto(link);
    expect(await page.getByRole('button', { name: 'Decline invitation' }).isVisible()).toBe(false);
    await page.getByText('I do not want this invitation').click();
    await page.getByRole('button', { name: 'Decline invitation' }).click();
    await shows(page, 'Decline the invitation to Riverside Hospital?');
    await page.getByRole('link', { name: 'No, go back' }).click();
    await page.getByText('I do not want this invitation').click();
    await page.getByRole('button', { name: 'Decline invitation' }).click();
    await page.getByRole('button', { name: 'Yes, decline' }).click();
    await shows(page, 'You have declined');
    const answer = await page.goto(link);
    expect(answer?.status()).toBe(410);
    await shows(page, 'This invitation was declined');
  });

  it('tell the person what to do with an expired and with a superseded link', async () => {
    const page = await openBrowser(browser);
    const expired = await invite(freshEmail());
    await expire(server, expired);
    expect((await page.goto(expired.link))?.status()).toBe(410);
    await shows(page, 'This invitation has expired');
    expect(await page.locator('main').innerText()).toContain('Ask the person who invited you to send it again');

    const superseded = await invite(freshEmail());
    await server.admin.post(`/v1/staff-invitations/${superseded.id}/resend`, {}).expect(200);
    expect((await page.goto(superseded.link))?.status()).toBe(410);
    await shows(page, 'There is a newer link');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('are accessible, at 320 pixels too, in %s', async (colorScheme) => {
    const { link } = await invite(freshEmail('a-rather-long-address-that-has-to-break-somewhere'), {
      locale: 'de',
      message: 'Willkommen!\n\n'.repeat(3) + 'x'.repeat(200),
    });
    const mail = admin.url();
    const visitor = await openBrowser(browser, { colorScheme, viewport: { width: 320, height: 640 } });
    const faults: Record<string, string[]> = {};
    const look = async (page: Page, name: string) => {
      const found = [
        ...(await accessibilityFaults(page)),
        ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
      ];
      if (found.length > 0) faults[name] = found;
    };
    for (const path of ['/', '/no-such-page', '/invitations/nothing', link]) {
      await visitor.goto(new URL(path, server.url).href);
      await look(visitor, path === link ? 'invitation' : path);
    }
    await visitor.getByText('Ich möchte diese Einladung nicht').click();
    await visitor.getByRole('button', { name: 'Einladung ablehnen' }).click();
    await look(visitor, 'decline');
    await visitor.getByRole('link', { name: 'Nein, zurück' }).click();
    await visitor.getByText('Ich möchte diese Einladung nicht').click();
    await visitor.getByRole('button', { name: 'Annehmen' }).click();
    await visitor.locator('.error-summary').waitFor();
    await look(visitor, 'invitation with errors');
    await admin.setViewportSize({ width: 320, height: 640 });
    await admin.emulateMedia({ colorScheme });
    for (const path of ['/', '/mailbox', mail]) {
      await admin.goto(new URL(path, server.url).href);
      await look(admin, path === mail ? 'mail' : path);
    }
    await visitor.goto('about:blank');
    await visitor.setContent(await admin.frames()[1]!.content());
    expect(await scrollsSideways(visitor)).toBe(false);
    expect((await accessibilityFaults(visitor)).filter((fault) => fault.startsWith('contrast'))).toEqual([]);
    expect(faults).toEqual({});
  });

  it('show the focus of the keyboard', async () => {
    const page = await openBrowser(browser);
    await page.goto(server.url);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('email');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });
});

/** Records the expiry of an invitation, as the schedule does. */
async function expire({ running }: TestServer, { id, link }: { id: string; link: string }): Promise<void> {
  const claim = running.app.get(LinkTokens).read(link.split('/').pop() ?? '');
  const commandId = randomUUID();
  await runInContext({ correlationId: commandId, causationId: commandId, commandId }, async () =>
    running.app
      .get(CommandHandling)
      .decideAlone(
        `staff-${String(claim?.streamUuid)}`,
        { actor: 'system', scope: PLATFORM, organisationId: null },
        () => [{ type: 'InvitationExpired', data: { invitationId: id } }],
      ),
  );
}
