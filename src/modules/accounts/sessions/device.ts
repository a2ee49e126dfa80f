import Bowser from 'bowser';

/** What a person recognises a device by, such as "Firefox on Windows"; null when the program says nothing known. */
export function deviceOf(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const names = [browser.name, os.name].filter((name) => Boolean(name));
  return names.length === 0 ? null : names.join(' on ');
}
