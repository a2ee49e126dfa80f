import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** Debian's Chromium, or the one that CHROMIUM names. @param more arguments. @throws Error that says how to get it */
export async function startChromium(...more: string[]): Promise<Browser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(`${EXECUTABLE} is not there: install Chromium, or set CHROMIUM to where it is`);
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more] });
}

/** Somebody at a browser of their own: no cookies shared with anybody. Scripts are off: pages must do without. */
export async function openBrowser(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return (await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', ...options })).newPage();
}

/** Waits for the page with this heading. @throws when it doesn't come */
export async function shows(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor({ timeout: 10_000 });
}
