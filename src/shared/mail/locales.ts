/** Languages of mails and pages; the first is the default. */
export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = LOCALES[0];

/** The product uses British English, so its English dates are British. */
const DATES: Record<Locale, string> = { en: 'en-GB', de: 'de-DE' };

export function isLocale(text: string): text is Locale {
  return (LOCALES as readonly string[]).includes(text);
}

/** Made once, because making a format costs more than writing a whole mail. */
const FORMATS = Object.fromEntries(
  LOCALES.map((locale) => [
    locale,
    {
      dateTime: new Intl.DateTimeFormat(DATES[locale], { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' }),
      day: new Intl.DateTimeFormat(DATES[locale], { dateStyle: 'long', timeZone: 'UTC' }),
    },
  ]),
) as Record<Locale, Record<'dateTime' | 'day', Intl.DateTimeFormat>>;

/**
 * Formats day and minute in UTC, and names UTC.
 * @param time ISO UTC
 */
export function formatDateTime(time: string, locale: Locale): string {
  return `${FORMATS[locale].dateTime.format(new Date(time))} UTC`;
}

/**
 * Formats the day in UTC.
 * @param time ISO UTC
 */
export function formatDay(time: string, locale: Locale): string {
  return FORMATS[locale].day.format(new Date(time));
}
