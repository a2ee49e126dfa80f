import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { PublicUrl } from '../../shared/http/links/public-url.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../accounts/accounts.contract.js';
import type { Locale } from '../../shared/mail/locales.js';
import { fillText, registerTexts } from '../../shared/mail/texts.js';
import type { BadField } from './forms.js';
import { GERMAN } from './texts/texts.de.js';
import { ENGLISH, type TextKey } from './texts/texts.en.js';

export type PageName =
  | 'home'
  | 'sign-in'
  | 'invitation'
  | 'welcome'
  | 'decline'
  | 'declined'
  | 'join'
  | 'join-asked'
  | 'unsubscribe'
  | 'mailbox'
  | 'mail'
  | 'problem';

const TEXTS: Readonly<Record<Locale, Readonly<Record<TextKey, string>>>> = { en: ENGLISH, de: GERMAN };
const FOLDER = new URL('pages/', import.meta.url);
const PASSWORD_BOUNDS = { passwordMin: MIN_PASSWORD_LENGTH, passwordMax: MAX_PASSWORD_LENGTH };

/** One entry of the menu. */
interface NavItem {
  path: string;
  label: TextKey;
  current: boolean;
}

/** What every page needs besides its own view. */
export interface PageOptions {
  locale: Locale;
  /** Errors of the form on the page; their texts are looked up here. */
  errors?: readonly BadField[];
  nav?: readonly NavItem[];
  /** Replaces the page's own title. */
  title?: string;
}

/** Renders pages: the file `pages/<name>.hbs` in the layout. Everything is escaped; texts come from texts.*.ts. */
@Injectable()
export class Pages {
  readonly stylesheet = readFileSync(new URL('portal.css', import.meta.url), 'utf8');
  private readonly stylesheetVersion = createHash('sha256').update(this.stylesheet).digest('hex').slice(0, 12);
  private readonly templates = compileAll();

  constructor(private readonly publicUrl: PublicUrl) {}

  /** The path that all our pages begin with: empty unless PUBLIC_URL has one. */
  get base(): string {
    return new URL(this.publicUrl.base).pathname.replace(/\/$/, '');
  }

  /** @throws Error for a name or text that the page asks for and doesn't get */
  render(page: PageName, { locale, errors = [], nav = [], title }: PageOptions, view: object): string {
    const texts = TEXTS[locale];
    const { base, stylesheetVersion } = this;
    const root = { ...PASSWORD_BOUNDS, ...view, locale, texts, base, stylesheetVersion, nav };
    const found = errors.map(({ field, text, values = {} }) => ({
      field,
      message: fillText(texts[text], { ...root, ...values }),
    }));
    const fieldErrors = {
      name: null,
      email: null,
      password: null,
      ...Object.fromEntries(found.map(({ field, message }) => [field, message])),
    };
    const own = title ?? fillText(textOf(texts, `${page}.title`), root);
    const whole = { ...root, errors: found, fieldErrors, title: own };
    return this.templateOf('layout')({ ...whole, body: this.templateOf(page)(whole) });
  }

  /** The text of a computed key; undefined when there is none. */
  text(locale: Locale, key: string, view: object = {}): string | undefined {
    return key in TEXTS[locale] ? fillText(textOf(TEXTS[locale], key), view) : undefined;
  }

  private templateOf(name: string): Handlebars.TemplateDelegate {
    const template = this.templates.get(name);
    if (!template) throw new TypeError(`there is no page ${name}`);
    return template;
  }
}

function textOf(texts: Readonly<Record<string, string>>, key: string): string {
  const text = texts[key];
  if (text === undefined) throw new TypeError(`there is no text ${key}`);
  return text;
}

function compileAll(): Map<string, Handlebars.TemplateDelegate> {
  const handlebars = Handlebars.create();
  registerTexts(handlebars);
  handlebars.registerHelper('same', (one: unknown, other: unknown) => one === other);
  handlebars.registerHelper('concat', (one: string, other: string) => `${one}${other}`);
  handlebars.registerHelper('describedBy', (id: string, hint: string | null, error: string | null) =>
    [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' '),
  );
  const compile = (file: URL): Handlebars.TemplateDelegate =>
    handlebars.compile(readFileSync(file, 'utf8'), { strict: true, preventIndent: true });
  for (const [name, file] of templatesIn(new URL('parts/', FOLDER))) handlebars.registerPartial(name, compile(file));
  return new Map([...templatesIn(FOLDER)].map(([name, file]) => [name, compile(file)]));
}

function templatesIn(folder: URL): [name: string, file: URL][] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.hbs'));
  return files.map((file) => [file.slice(0, -'.hbs'.length), new URL(file, folder)]);
}
