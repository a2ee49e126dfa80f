import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { registerTexts } from '../../../shared/mail/texts.js';
import { iconSvg } from './icons.js';

export type Template = Handlebars.TemplateDelegate;

/** The kinds of notice with an icon of their own. */
const NOTICE_ICONS = { good: 1, warn: 1, wrong: 1 };
/** The colour of the state of an invitation, and of a change of access. */
const STATUS_COLOURS: Readonly<Record<string, string>> = {
  accepted: 'good',
  expired: 'warn',
  declined: 'wrong',
  added: 'good',
  changed: 'warn',
  removed: 'wrong',
};
const FOLDER = new URL('../', import.meta.url);
const SUFFIX = '.hbs';

/** Compiles each template of the portal, by its name. Templates use those in folders named `parts` as partials. */
export function compileTemplates(): ReadonlyMap<string, Template> {
  const handlebars = Handlebars.create();
  registerTexts(handlebars);
  registerHelpers(handlebars);
  const templates = new Map<string, Template>();
  for (const path of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith(SUFFIX)) continue;
    const name = path.slice(path.lastIndexOf('/') + 1, -SUFFIX.length);
    // Another file's text would be shown without a word.
    if (templates.has(name)) throw new TypeError(`two templates have the name ${name}`);
    const template: Template = handlebars.compile(readFileSync(new URL(path, FOLDER), 'utf8'), {
      strict: true,
      preventIndent: true,
    });
    templates.set(name, template);
    if (path.includes('parts/')) handlebars.registerPartial(name, template);
  }
  return templates;
}

function registerHelpers(handlebars: typeof Handlebars): void {
  handlebars.registerHelper('same', (one: unknown, other: unknown) => one === other);
  handlebars.registerHelper(
    'inCode',
    (text: string) =>
      new handlebars.SafeString(handlebars.escapeExpression(text).replaceAll(/&#x60;(.+?)&#x60;/g, '<code>$1</code>')),
  );
  handlebars.registerHelper('concat', (one: string, other: string) => `${one}${other}`);
  handlebars.registerHelper('describedBy', (id: string, hint: string | null, error: string | null) =>
    [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' '),
  );
  handlebars.registerHelper('number', (value: number, options: Handlebars.HelperOptions) =>
    value.toLocaleString((options.data as { root: { locale: string } }).root.locale),
  );
  handlebars.registerHelper('either', (one: unknown, other: unknown) => one || other);
  handlebars.registerHelper('statusOf', (state: string) => STATUS_COLOURS[state] ?? '');
  handlebars.registerHelper('has', (value: unknown) => value !== null && value !== undefined);
  handlebars.registerHelper('noticeIcon', (kind: string) => (kind in NOTICE_ICONS ? kind : 'info'));
  handlebars.registerHelper(
    'icon',
    (name: string, classes: unknown) =>
      new handlebars.SafeString(iconSvg(name, typeof classes === 'string' ? classes : '')),
  );
}
