import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** The accessibility faults of the present page, in words. Empty if none of the checks fails. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(${String(inspect)})()`);
}

/** The rules of WCAG 2.2 AA that the present page breaks by axe, and where. The page must run scripts. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { target: unknown }[] }[] }>(
    'axe.run()',
  );
  return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
}

/** Whether the page is wider than the window. */
export async function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

/* `inspect` runs in the page, whose globals the types of Node do not declare. */
/* eslint-disable @typescript-eslint/no-explicit-any -- the DOM is not typed here */
declare const document: any, getComputedStyle: any;

function inspect(): string[] {
  const faults: string[] = [];
  const all = (selector: string): any[] => [...document.querySelectorAll(selector)];
  const fault = (wrong: boolean, what: string): void => {
    if (wrong) faults.push(what);
  };

  fault(!/^[a-z]{2}$/.test(document.documentElement.lang), 'no language');
  fault(document.title.trim() === '', 'no title');
  fault(all('h1').length !== 1, `${String(all('h1').length)} h1`);
  for (const landmark of ['header', 'main', 'footer'])
    fault(all(`body > ${landmark}`).length !== 1, `not one ${landmark}`);
  const levels = all('h1, h2, h3').map((element) => Number(element.tagName[1]));
  levels.forEach((level, index) => {
    fault(level > (levels[index - 1] ?? 2) + 1, `heading level ${String(level)} skips one`);
  });

  const ids = all('[id]').map((element) => element.id as string);
  fault(new Set(ids).size !== ids.length, 'an id is used twice');
  for (const attribute of ['aria-describedby', 'aria-labelledby', 'for']) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(' '))
        fault(!ids.includes(id as string), `${attribute} names ${String(id)}, which is not there`);
    }
  }
  for (const link of all('a[href^="#"]'))
    fault(!ids.includes(link.getAttribute('href').slice(1) as string), `${String(link.href)} leads nowhere`);
  for (const input of all('input:not([type=hidden]), select, textarea')) {
    fault(!input.labels?.length, `${String(input.id)} has no label`);
    fault(!input.autocomplete && input.type !== 'checkbox', `${String(input.id)} has no autocomplete`);
  }
  for (const element of all('button, a, summary'))
    fault(element.textContent.trim() === '', `a ${String(element.tagName)} without a name`);
  for (const frame of all('iframe')) fault(!frame.title, 'a frame without a title');
  for (const element of all('button, input:not([type=hidden]), summary, .button')) {
    if (!element.checkVisibility()) continue;
    const { width, height } = element.getBoundingClientRect();
    fault(height < 24 || width < 24, `${String(element.tagName)} is smaller than 24 pixels`);
  }

  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red = 0, green = 0, blue = 0]: number[]): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) =>
      value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element: any): number[] => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor as string);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  for (const element of all('body *')) {
    const says =
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '') ||
      element.tagName === 'INPUT';
    if (!says || !element.checkVisibility?.()) continue;
    const style = getComputedStyle(element);
    const [one, other] = [luminance(channels(style.color as string)), luminance(ground(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const size = parseFloat(style.fontSize as string);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    fault(
      ratio < (large ? 3 : 4.5),
      `contrast ${ratio.toFixed(2)}: ${String(element.textContent).trim().slice(0, 40)}`,
    );
  }
  return faults;
}
