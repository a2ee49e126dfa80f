import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeOnOneEngine } from '../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  join,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { accessibilityFaults, axeViolations, scrollsSideways } from './accessibility.js';
import { shows, startChromium } from './chromium.js';
import { visitAs } from './visits.js';

/** An address of each that is wrong in its own way. */
const WRONG = Array.from({ length: 20 }, (_, n) => `wrong-${String(n)}@`);

describeOnOneEngine('the form that invites people in Chromium', (engine) => {
  let server: TestServer;
  let browser: Browser;
  let owner: Member;
  let form: string;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(engine), startChromium()]);
    const place = await createOrganisation(server);
    owner = await join(server, place, 'organisation-owner');
    form = `${pageOf(place)}/staff/invite`;
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const pageOf = ({ path }: Place) => `${server.url}${path.replace('/v1/', '/portal/')}`;
  const opened = async (options: BrowserContextOptions = {}, who = owner, address = form): Promise<Page> => {
    const page = await visitAs(browser, server, who, { javaScriptEnabled: true, ...options });
    await page.goto(address);
    return page;
  };
  const chooseRole = async (page: Page) =>
    page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Contributor' });
  /** Types into a field. @returns the median milliseconds from a key to the next frame */
  const medianOfKeys = async (page: Page, field: string, text: string): Promise<number> => {
    await page.evaluate(`
      took = [];
      document.querySelector('${field}').addEventListener('keydown', ({ timeStamp }) => {
        requestAnimationFrame(() => took.push(performance.now() - timeStamp));
      });
    `);
    await page.locator(field).focus();
    await page.keyboard.press('End');
    await page.keyboard.type(text);
    const took = await page.evaluate<number[]>('took');
    return took.sort((one, other) => one - other)[Math.floor(took.length / 2)]!;
  };
  const invited = async () => (await server.events()).filter(({ type }) => type === 'InvitationIssued').length;

  it.each([true, false])('mends 20 wrong addresses where they stand, with scripts: %s', async (javaScriptEnabled) => {
    const page = await opened({ javaScriptEnabled });
    const good = freshEmail('good');
    await page.getByLabel('Email addresses').fill([good, ...WRONG].join(', '));
    await chooseRole(page);
    await page.getByLabel('Message').first().fill('Welcome to us');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    const before = await invited();
    const mended = WRONG.slice(1).map(() => freshEmail('mended'));
    await page.getByLabel(`${WRONG[0]!} no address`).fill('');
    for (const [n, email] of mended.entries()) await page.getByLabel(`${WRONG[n + 1]!} no address`).fill(email);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('20 invitations are on their way.').waitFor();
    expect(await invited()).toBe(before + 20);
    const mail = await server.smtp.mailTo(mended[18]!);
    expect(mail.text).toContain('Welcome to us');
    expect(await page.getByLabel('Email addresses').inputValue()).toBe('');
  });

  it('takes an address out, and changes one, by its chip', async () => {
    const page = await opened();
    const emails = page.getByLabel('Email addresses');
    await emails.fill('Ann Example <ann@example.org>; bo@, cy@example.org');
    await page.getByRole('button', { name: 'Take out ann@example.org' }).press('Enter');
    expect(await emails.inputValue()).toBe(' bo@, cy@example.org');
    await page.getByRole('button', { name: 'Change bo@' }).press('Enter');
    await page.keyboard.type('bo@example.org');
    await page.keyboard.press('Enter');
    expect(await emails.inputValue()).toBe(' bo@example.org, cy@example.org');
    await page.getByText('2 addresses', { exact: true }).waitFor();
  });

  it('loses nothing when the server cannot be reached, and sends it then', async () => {
    const page = await opened();
    const email = freshEmail('patient-sender');
    await page.getByLabel('Email addresses').fill(email);
    await chooseRole(page);
    await page.getByLabel('Message').first().fill('Typed with care');
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('The server could not be reached.').waitFor();
    expect(await page.getByLabel('Email addresses').inputValue()).toBe(email);
    expect(await page.getByLabel('Message').first().inputValue()).toBe('Typed with care');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.getByText('1 invitation is on its way.').waitFor();
    expect((await server.smtp.mailTo(email)).text).toContain('Typed with care');
  });

  it.each([
    ['light', 1280],
    ['dark', 320],
  ] as const)('is accessible in %s at %i pixels with wrong addresses and many chips', async (colorScheme, width) => {
    const place = await createDeployment(server, await createOrganisation(server));
    const admin = await join(server, place, 'admin');
    const viewport = { width, height: 800 };
    const page = await opened({ colorScheme, viewport }, admin, `${pageOf(place)}/patients/invite`);
    const many = Array.from({ length: 300 }, (_, n) => `patient-with-a-rather-long-address-${String(n)}@example.org`);
    await page.getByLabel('Email addresses').fill([...WRONG, ...many].join(' '));
    await page.locator('#typed .chip').first().waitFor();
    const faults = async () => [
      ...(await accessibilityFaults(page)),
      ...(await axeViolations(page)),
      ...((await scrollsSideways(page)) ? ['scrolls sideways'] : []),
    ];
    expect(await faults()).toEqual([]);
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
    await page.locator('details.group summary').click();
    expect(await faults()).toEqual([]);
  });

  // The last one, because its mails keep the machine busy.
  it('answers typing at once among 10,000 addresses, and follows them over a reload', async () => {
    const page = await opened({ permissions: ['clipboard-read', 'clipboard-write'] });
    const many = Array.from({ length: 10_000 }, (_, n) => `many-${String(n)}@${crypto.randomUUID()}.example`);
    await page.getByLabel('Email addresses').focus();
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(many.slice(1).join('\n'))})`);
    await page.keyboard.press('Control+v');
    await page.getByText('9,999 addresses', { exact: true }).waitFor();
    expect(await page.locator('#typed .chip').count()).toBe(201);
    // A key in an empty field tells how busy the machine is.
    const empty = await medianOfKeys(page, '#message', 'Welcome to all of you');
    const among = await medianOfKeys(page, '#emails', `\n${many[0]!}`);
    expect(among).toBeLessThan(Math.max(100, 3 * empty));
    await chooseRole(page);
    await page.getByRole('button', { name: 'Send invites' }).click();
    await page.locator('#sending progress').waitFor();
    await page.reload();
    await page.locator('#sending progress').waitFor();
    await page.getByRole('link', { name: 'Follow this batch' }).click();
    await shows(page, '10,000 addresses');
    await page.locator('progress#stored[value="10000"]').waitFor({ timeout: 100_000 });
  });
});
