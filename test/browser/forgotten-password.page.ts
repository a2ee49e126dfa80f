import type { Browser, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import { createOrganisation, freshEmail, idle, invite, join, type Place } from '../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { openBrowser, shows, startChromium } from './chromium.js';

const NEW_PASSWORD = 'another fine password';

describeOnOneEngine('passwords in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    place = await createOrganisation(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const mailedLink = async (email: string): Promise<string> => {
    await idle(server);
    return /\S+\/password-reset\/\S+/.exec(server.smtp.to(email).at(-1)!.text)![0];
  };
  /** Asks for a link on the page, and opens the mailed one. Leaves the new password on the clipboard. */
  const openTheMailedLink = async (page: Page, email: string): Promise<void> => {
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    const address = page.getByLabel('E-mail address');
    await address.fill(NEW_PASSWORD);
    await address.press('Control+A');
    await address.press('Control+X');
    await address.fill(email);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await shows(page, 'Check your inbox');
    await page.goto(await mailedLink(email));
    await shows(page, 'Choose a new password');
  };
  const signInWith = async (page: Page, email: string, password: string): Promise<void> => {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  it.each([
    ['with scripts', true],
    ['without scripts', false],
  ])('are forgotten and replaced by the mailed link, %s', async (_, javaScriptEnabled) => {
    const { email } = await join(server, place, 'contributor');
    const page = await openBrowser(browser, { javaScriptEnabled });
    await openTheMailedLink(page, email);
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
    const field = page.getByLabel('New password');
    await field.press('Control+V');
    expect(await field.inputValue()).toBe(NEW_PASSWORD);
    expect(await page.getByRole('button', { name: 'Show' }).count()).toBe(javaScriptEnabled ? 1 : 0);
    await page.getByRole('button', { name: 'Save new password' }).click();
    await shows(page, 'Your new password is saved');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signInWith(page, email, PASSWORD);
    expect(await page.locator('.error-summary').innerText()).toContain('The address or the password is wrong');
    await signInWith(page, email, NEW_PASSWORD);
    await page.locator('form[action="/sign-out"]').waitFor({ state: 'attached' });
  });

  it('are shown while the button is pressed, and sent as hidden ones', async () => {
    const { email } = await join(server, place, 'contributor');
    const page = await openBrowser(browser, { javaScriptEnabled: true });
    await page.goto(server.url);
    const [field, button] = [page.getByLabel('Password'), page.getByRole('button', { name: 'Show Password' })];
    const state = async () => [await field.getAttribute('type'), await button.getAttribute('aria-pressed')];
    await page.getByLabel('E-mail address').fill(email);
    await field.fill(PASSWORD);
    expect(await state()).toEqual(['password', 'false']);
    await button.click();
    expect([await state(), await field.inputValue()]).toEqual([['text', 'true'], PASSWORD]);
    await button.press('Space');
    expect(await state()).toEqual(['password', 'false']);
    await button.click();
    await page.evaluate(`document.querySelector('main form').addEventListener('submit', (event) => {
      event.preventDefault();
    })`);
    await field.press('Enter');
    expect(await state()).toEqual(['password', 'false']);
  });

  it.each([
    ['en-GB', 'Show New password', ['Too short', 'Weak password', 'Strong password', 'Weak password', '']],
    ['de-DE', 'Zeigen Neues Passwort', ['Zu kurz', 'Schwaches Passwort', 'Starkes Passwort', 'Schwaches Passwort', '']],
  ])('are rated in %s while they are typed', async (locale, button, words) => {
    const { email } = await join(server, place, 'contributor');
    await server.anonymous.post('/v1/auth/password-reset', { email }).expect(202);
    const page = await openBrowser(browser, { javaScriptEnabled: true, locale });
    const asked: string[] = [];
    page.on('request', (sent) => asked.push(new URL(sent.url()).pathname));
    await page.goto(await mailedLink(email));
    const [field, said] = [page.locator('#password'), page.getByRole('status')];
    await page.getByRole('button', { name: button, exact: true }).waitFor();
    expect(asked).not.toContain('/assets/password-strength.js');
    const heard: string[] = [];
    // The last but one is easy to guess here, because the address is on the page.
    for (const [level, typed] of [
      ['short', 'short'],
      ['weak', 'password12'],
      ['strong', NEW_PASSWORD],
      ['weak', `${email}1`],
      ['', ''],
    ] as const) {
      await field.fill(typed);
      await page.locator(`[role=status][data-level="${level}"]`).waitFor({ state: 'attached' });
      heard.push((await said.textContent())!.trim());
    }
    expect(heard).toEqual(words);
    expect(asked.filter((path) => path === '/assets/password-strength.js')).toHaveLength(1);
    expect(asked.filter((path) => !path.startsWith('/assets/'))).toHaveLength(1);
  });

  it.each(['light', 'dark'] as const)(
    'have fields that everybody can use, at 320 pixels too, in %s',
    async (colorScheme) => {
      const [member, invited] = [await join(server, place, 'contributor'), freshEmail()];
      const { token } = await invite(server, server.admin, place, invited, 'contributor');
      await server.anonymous.post('/v1/auth/password-reset', { email: member.email }).expect(202);
      const viewport = { width: 320, height: 640 };
      const page = await openBrowser(browser, { colorScheme, viewport, locale: 'de-DE', javaScriptEnabled: true });
      const faults: Record<string, string[]> = {};
      const look = async (name: string): Promise<void> => {
        const found = [
          ...(await accessibilityFaults(page)),
          ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
        ];
        if (found.length > 0) faults[name] = found;
      };
      const lookWhileShown = async (path: string): Promise<void> => {
        await page.goto(new URL(path, server.url).href);
        await page.locator('[aria-pressed]').first().click();
        const fresh = page.locator('[autocomplete=new-password]');
        if ((await fresh.count()) > 0) {
          await fresh.fill('Sommer2026!');
          await page.locator('[data-level=good]').waitFor();
        }
        await look(path);
      };
      for (const path of [`/invitations/${token}`, new URL(await mailedLink(member.email)).pathname, '/sign-in'])
        await lookWhileShown(path);
      await page.locator('#email').fill(member.email);
      await page.locator('#password').fill(PASSWORD);
      await page.locator('main form button[type=submit]').click();
      await page.locator('form[action="/sign-out"]').waitFor({ state: 'attached' });
      await lookWhileShown('/account');
      expect(faults).toEqual({});
    },
  );
});
