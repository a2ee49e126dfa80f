import type { Browser, BrowserContext, Page } from 'playwright-core';
import { HostilePlace } from '../modules/portal/hostile-place.js';
import { describeOnOneEngine } from '../support/engines.js';
import { pageRoutesOf } from '../support/page-routes.js';
import { freshEmail, join, readModelsCaughtUp, type Member } from '../support/scenarios.js';
import { ADMIN, PASSWORD } from '../support/test-server.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { KEEP_PAGES, shows, startChromium } from './chromium.js';
import { type Account, signIn as signInByForm } from './visits.js';

/** Reports what the policy blocks, and whether a text of a visitor ran. */
const REPORT = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  console.error('violation of ' + effectiveDirective + ' by ' + blockedURI));
window.ran = () => console.error('a hostile text ran');`;
/** Elements that only an unescaped text makes. */
const FOREIGN = 'img[src=x], script:not([src]), zx, [onerror], [onclick], [style]';

/** Parts of pages, which scripts load. */
const PARTS = /\/(?:places\/found|invite\/sending)$/;

describeOnOneEngine('hostile texts and visitors in Chromium', (engine) => {
  let place: HostilePlace;
  let browser: Browser;
  let paths: Record<'admin' | 'owner', string[]>;
  beforeAll(async () => {
    [place, browser] = await Promise.all([
      HostilePlace.make(engine, { NODE_ENV: 'development' }),
      startChromium(KEEP_PAGES),
    ]);
    const routes = pageRoutesOf(place.server).filter(({ method }) => method === 'GET');
    const all = routes.map((route) => [route.path, place.address(route)] as const);
    const ofThePlatform = (path: string): boolean => /^\/(?:portal\/(?:platform|components)|docs)/.test(path);
    paths = {
      admin: all.filter(([path]) => ofThePlatform(path)).map(([, address]) => address),
      owner: all.filter(([path]) => !ofThePlatform(path)).map(([, address]) => address),
    };
  });
  afterAll(async () => {
    await browser.close();
    await place.server.close();
  });

  const who = (name: 'admin' | 'owner') =>
    name === 'admin' ? ADMIN : { email: place.owner.email, password: PASSWORD };
  const contextFor = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> =>
    browser.newContext({ locale: 'en-GB', ...options });
  const signIn = async (page: Page, account: Account): Promise<void> => {
    await readModelsCaughtUp(place.server);
    await signInByForm(page, place.server, account);
  };
  const invitePath = (): string => `${place.organisation.path.replace('/v1/', '/portal/')}/staff/invite`;
  const signOut = async (page: Page): Promise<void> => {
    await page.locator('.me').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await shows(page, 'Sign in');
  };
  /** Opens the path, and returns whether it is a page of its own and not a redirect or a refusal. */
  const opened = async (page: Page, path: string): Promise<boolean> => {
    const answer = await page.goto(place.server.url + path);
    return answer?.status() === 200 && new URL(page.url()).pathname === path;
  };

  it.each(['admin', 'owner'] as const)(
    'run nothing, break no policy and ask no other host, as %s',
    async (name) => {
      const context = await contextFor();
      await context.addInitScript(REPORT);
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => {
        // Chromium also writes the status of an error page.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          faults.push(`${page.url()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
      page.on('dialog', (dialog) => faults.push(`${page.url()}: ${dialog.message()}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(place.server.url) && !request.url().startsWith('data:image/svg+xml,'))
          faults.push(`${page.url()} asks ${request.url()}`);
      });
      await signIn(page, who(name));
      for (const path of paths[name]) {
        await page.goto(place.server.url + path, { waitUntil: 'load' });
        const foreign = await page.locator(FOREIGN).count();
        if (foreign > 0) faults.push(`${path}: ${String(foreign)} elements of a text`);
      }
      // What visitors type comes back at once, by a script.
      if (name === 'owner') {
        await page.goto(place.server.url + invitePath());
        await page.getByLabel('Email addresses').fill('"><img src=x onerror=ran()>, <zx>@example.test');
        await page.locator('#typed .chip').first().waitFor();
        expect(await page.locator(FOREIGN).count()).toBe(0);
      }
      expect(faults).toEqual([]);
      await context.close();
    },
    300_000,
  );

  it('sees a violation and a text that runs', async () => {
    const context = await contextFor();
    await context.addInitScript(REPORT);
    const page = await context.newPage();
    const seen: string[] = [];
    page.on('console', (message) => seen.push(message.text()));
    await page.goto(`${place.server.url}/sign-in`);
    await page.evaluate(
      'document.body.insertAdjacentHTML("beforeend", "<p style=color:red><img src=x onerror=ran()>")',
    );
    await page.evaluate('window.ran()');
    expect(seen.filter((text) => text.startsWith('violation of style-src-attr'))).toHaveLength(1);
    expect(seen).toContain('a hostile text ran');
    await context.close();
  });

  it.each([true, false])(
    'show nothing by the button back after signing out, with scripts: %s',
    async (javaScriptEnabled) => {
      const context = await contextFor({ javaScriptEnabled });
      const page = await context.newPage();
      await signIn(page, who('owner'));
      const team = invitePath().replace('/invite', '');
      for (const path of ['/account', team]) await page.goto(place.server.url + path);
      expect(await page.locator('main').innerText()).toContain(place.owner.email);
      await signOut(page);
      for (let steps = 0; steps < 3; steps += 1) {
        // A kept page comes back without loading, so there is no load to wait for.
        await page.goBack({ waitUntil: 'commit' });
        await page.locator('h1').first().waitFor();
        expect((await page.content()).includes(place.owner.email)).toBe(false);
      }
      await context.close();
    },
  );

  describe('with two tabs', () => {
    let other: Member;
    beforeAll(async () => {
      other = await join(place.server, place.organisation, 'organisation-editor');
    });

    it.each([true, false])(
      'send nothing as the account of the other tab without a word, with scripts: %s',
      async (javaScriptEnabled) => {
        const context = await contextFor({ javaScriptEnabled });
        const [first, second] = [await context.newPage(), await context.newPage()];
        await signIn(first, who('owner'));
        const email = freshEmail('typed');
        await first.goto(place.server.url + invitePath());
        await first.getByLabel('Email addresses').fill(email);
        await first.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
        await first.getByLabel('Message').first().fill('Welcome');
        await second.goto(place.server.url);
        await signOut(second);
        await signIn(second, { email: other.email, password: PASSWORD });
        const before = (await place.server.events()).length;
        await first.getByRole('button', { name: 'Send invites' }).click();
        // A script puts it above the form, which keeps its heading.
        await first.getByRole('heading', { level: javaScriptEnabled ? 2 : 1, name: 'This was not sent' }).waitFor();
        await first.getByText(`You are now signed in as Name of organisation-editor, ${other.email}`).waitFor();
        expect(await accessibilityFaults(first)).toEqual([]);
        expect(await place.server.events()).toHaveLength(before);
        await signOut(second);
        await signIn(second, who('owner'));
        await first.getByRole('button', { name: 'Send with the first account' }).click();
        await first.getByText('1 invitation').first().waitFor();
        const issued = (await place.server.events()).filter(({ type }) => type === 'InvitationIssued').at(-1)!;
        expect(issued.metadata.actor).toBe((await place.owner.api.get('/v1/me').expect(200)).body.personId);
        await context.close();
      },
    );

    it('says so above the form when a script sends it, and keeps what is typed', async () => {
      const context = await contextFor();
      const [first, second] = [await context.newPage(), await context.newPage()];
      await signIn(first, who('owner'));
      await first.goto(place.server.url + invitePath());
      await second.goto(place.server.url);
      await signOut(second);
      const typed = freshEmail('typed');
      await first.getByLabel('Email addresses').fill(typed);
      await first.locator('#told').getByText('You are signed out. Nothing was changed.').waitFor();
      expect(await first.getByLabel('Email addresses').inputValue()).toBe(typed);
      await context.close();
    });
  });

  // A window of 1280 pixels at 400 % is 320 pixels wide. Pages about a deployment have the templates of an organisation's.
  const COMBINATIONS = (['light', 'dark'] as const).flatMap((scheme) =>
    [1280, 320].map((width) => [scheme, width] as const),
  );
  it.each(COMBINATIONS)(
    'are accessible on every page of an owner, with long names, in %s at %i pixels',
    async (colorScheme, width) => {
      const context = await contextFor({ colorScheme, viewport: { width, height: width < 400 ? 256 : 800 } });
      const page = await context.newPage();
      await signIn(page, who('owner'));
      const faults: Record<string, string[]> = {};
      let looked = 0;
      for (const path of paths.owner) {
        if (path.includes('/deployments/') || PARTS.test(path) || !(await opened(page, path))) continue;
        looked += 1;
        const found = await faultsOn(page);
        if (found.length > 0) faults[path] = found;
      }
      expect(faults).toEqual({});
      expect(looked).toBeGreaterThan(20);
      await context.close();
    },
  );

  it.each(COMBINATIONS)(
    'are accessible in states without an address, in %s at %i pixels',
    async (colorScheme, width) => {
      const context = await contextFor({ colorScheme, viewport: { width, height: width < 400 ? 256 : 800 } });
      const page = await context.newPage();
      await signIn(page, who('owner'));
      expect(await statesOf(page)).toEqual({});
      await context.close();
    },
  );

  const faultsOn = async (page: Page): Promise<string[]> => [
    ...(await accessibilityFaults(page)),
    ...(await axeViolations(page)),
    ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
  ];

  /** The faults of states that have no address of their own. */
  async function statesOf(page: Page): Promise<Record<string, string[]>> {
    const faults: Record<string, string[]> = {};
    const look = async (state: string): Promise<void> => {
      const found = await faultsOn(page);
      if (found.length > 0) faults[state] = found;
    };
    const start = place.server.url + invitePath().replace('/staff/invite', '');
    await page.goto(`${start}/staff?q=nobody-like-this`);
    await look('an empty search');
    await page.goto(`${start}/staff/invitations?state=declined`);
    await look('an empty list');
    await page.goto(`${start}/staff/invite`);
    await page
      .getByLabel('Email addresses')
      .fill(Array.from({ length: 250 }, (_, n) => `person-${String(n)}@example.test`).join(' '));
    await page.locator('#typed .chip').nth(199).waitFor();
    await look('200 chips');
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    await look('a review');
    await page.goto(`${start}/staff/batches/${place.ids.organisations['batchId']!}`);
    await page.getByRole('button', { name: 'Withdraw open invitations' }).first().click();
    await page.getByRole('dialog').waitFor();
    await look('the dialog of a batch');
    await page.goto(`${start}/staff/${place.ids.organisations['memberId']!}`);
    await page.getByRole('button', { name: 'Remove' }).first().click();
    await page.getByRole('dialog').waitFor();
    await look('the dialog of a member');
    await page.goto(`${start}/roles/new`);
    await page.getByRole('button', { name: 'Create role' }).click();
    await look('a role with errors');
    await page.goto(`${place.server.url}/no-such-page`);
    await look('an error page');
    return faults;
  }
});
