/** Languages of mails and pages; the first is the default. */
export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = LOCALES[0];

export function isLocale(text: string): text is Locale {
  return (LOCALES as readonly string[]).includes(text);
}
