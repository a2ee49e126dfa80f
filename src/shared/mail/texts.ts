import Handlebars from 'handlebars';

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
      shortDateTime: new Intl.DateTimeFormat(DATES[locale], {
        dateStyle: 'medium',
        timeStyle: 'short',
        timeZone: 'UTC',
      }),
      day: new Intl.DateTimeFormat(DATES[locale], { dateStyle: 'long', timeZone: 'UTC' }),
      shortDay: new Intl.DateTimeFormat(DATES[locale], { day: 'numeric', month: 'short', timeZone: 'UTC' }),
    },
  ]),
) as Record<Locale, Record<'dateTime' | 'shortDateTime' | 'day' | 'shortDay', Intl.DateTimeFormat>>;

/**
 * Formats day and minute in UTC, and names UTC.
 * @param time ISO UTC
 */
export function formatDateTime(time: string, locale: Locale): string {
  return `${FORMATS[locale].dateTime.format(new Date(time))} UTC`;
}

/**
 * Formats day and minute in UTC, without the day of the week, for rows of a list.
 * @param time ISO UTC
 */
function formatShortDateTime(time: string, locale: Locale): string {
  return `${FORMATS[locale].shortDateTime.format(new Date(time))} UTC`;
}

/**
 * Formats the day in UTC.
 * @param time ISO UTC
 */
export function formatDay(time: string, locale: Locale): string {
  return FORMATS[locale].day.format(new Date(time));
}

/**
 * Formats the day in UTC without its year, for a narrow place.
 * @param time ISO UTC
 */
function formatShortDay(time: string, locale: Locale): string {
  return FORMATS[locale].shortDay.format(new Date(time));
}

/** Texts of one language by key. They may hold `{{names}}` of the view; the result is plain text, never HTML. */
export type Texts = Readonly<Record<string, string>>;

const plain = Handlebars.create();
registerDates(plain);
const compiled = new Map<string, Handlebars.TemplateDelegate>();

/** Values in these scripts need their own reading direction beside other words. */
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * Fills in one text without escaping, because the caller escapes the result for HTML once.
 * @throws Error for a name the view doesn't have
 */
export function fillText(text: string, view: object): string {
  let template = compiled.get(text);
  if (!template) {
    template = plain.compile(text, { noEscape: true, strict: true });
    compiled.set(text, template);
  }
  return template(isolated(view));
}

/** Isolates values lazily, because a view may hold a whole mail. Source: Unicode UAX #9, isolates */
function isolated(view: object): object {
  return new Proxy(view, {
    get(all, name): unknown {
      const value: unknown = Reflect.get(all, name);
      return typeof value === 'string' && RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
    },
  });
}

/**
 * Gives templates `{{t "key"}}`: the text of that key in the page's or mail's language, filled from the view and the
 * call's own names.
 * The root of the view must hold `texts` and `locale`.
 */
export function registerTexts(handlebars: typeof Handlebars): void {
  registerDates(handlebars);
  handlebars.registerHelper('t', (key: string, options: Handlebars.HelperOptions) => {
    const root = (options.data as { root: { texts: Texts } }).root;
    const text = root.texts[key];
    if (text === undefined) throw new TypeError(`there is no text ${key}`);
    return fillText(text, { ...root, ...(options.hash as object) });
  });
}

/** Gives templates `{{dateTime at}}`, `{{shortDateTime at}}`, `{{day at}}` and `{{shortDay at}}`, in the root's locale. */
function registerDates(handlebars: typeof Handlebars): void {
  const localeOf = (options: Handlebars.HelperOptions): Locale =>
    (options.data as { root: { locale: Locale } }).root.locale;
  handlebars.registerHelper('dateTime', (time: string, options: Handlebars.HelperOptions) =>
    formatDateTime(time, localeOf(options)),
  );
  handlebars.registerHelper('shortDateTime', (time: string, options: Handlebars.HelperOptions) =>
    formatShortDateTime(time, localeOf(options)),
  );
  handlebars.registerHelper('day', (time: string, options: Handlebars.HelperOptions) =>
    formatDay(time, localeOf(options)),
  );
  handlebars.registerHelper('shortDay', (time: string, options: Handlebars.HelperOptions) =>
    formatShortDay(time, localeOf(options)),
  );
}
