import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PASSWORD, type TestServer } from '../support/test-server.js';
import { openBrowser } from './chromium.js';

export const PHONE: BrowserContextOptions = { javaScriptEnabled: true, viewport: { width: 360, height: 740 } };

/** The ways in which people use the pages. */
export const WAYS: readonly (readonly [way: string, options: BrowserContextOptions])[] = [
  ['with scripts', { javaScriptEnabled: true }],
  ['without scripts', { javaScriptEnabled: false }],
  ['on a phone', PHONE],
];

export interface Account {
  email: string;
  /** Absent: that of the accounts which scenarios make. */
  password?: string;
}

/** Signs in by the form. */
export async function signIn(
  page: Page,
  { url }: Pick<TestServer, 'url'>,
  { email, password = PASSWORD }: Account,
): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(password);
  await page.locator('main button[type=submit]').click();
  await page.locator('form[action="/sign-out"]').waitFor({ state: 'attached' });
}

/** Signs in with a browser of its own. @returns its page */
export async function visitAs(
  browser: Browser,
  server: Pick<TestServer, 'url'>,
  account: Account,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await openBrowser(browser, options);
  await signIn(page, server, account);
  return page;
}

/** Follows a link of the side bar, which is a sheet on a phone. */
export async function toArea(page: Page, name: string): Promise<void> {
  const open = page.getByRole('button', { name: 'Open the menu' });
  if (await open.isVisible()) await open.click();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
}
