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

/** An argument of `startChromium`: the button back may show a kept page, as in the browsers of people. */
export const KEEP_PAGES = '--enable-features=BackForwardCache';

/** Starts Debian's Chromium, or the one that CHROMIUM names. @param more arguments @throws if there is none */
export async function startChromium(...more: string[]): Promise<Browser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(`${EXECUTABLE} is missing: install Chromium, or set CHROMIUM to its path`);
  // Playwright switches it off by default.
  const ignoreDefaultArgs = more.includes(KEEP_PAGES) ? ['--disable-back-forward-cache'] : [];
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more], ignoreDefaultArgs });
}

/** Opens a page with cookies of its own. Scripts are off, because pages must work without them. */
export async function openBrowser(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return (await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', ...options })).newPage();
}

/** Waits for the page with this heading. @throws after 10 s */
export async function shows(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor({ timeout: 10_000 });
}
