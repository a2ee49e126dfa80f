import { Injectable } from '@nestjs/common';
import { PublicUrl } from '../../shared/http/links/origin.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../accounts/accounts.contract.js';
import { fillText, type Locale } from '../../shared/mail/texts.js';
import { HTMX, readAsset, SCRIPT } from './assets.js';
import type { BadField } from './forms.js';
import { PASSWORD_ELEMENT, PASSWORD_STRENGTH } from './password-field/password-scripts.js';
import { drawnFor } from './other-account/drawn-for.js';
import type { Shell } from './shell/shell.js';
import { compileTemplates, type Template } from './components/templates.js';
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
  | 'account'
  | 'account-password'
  | 'account-sessions'
  | 'account-history'
  | 'account-notices'
  | 'account-close'
  | 'account-closed'
  | 'password-forgotten'
  | 'password-asked'
  | 'password-reset'
  | 'password-chosen'
  | 'address-confirm'
  | 'address-changed'
  | 'address-undo'
  | 'address-undone'
  | 'mailbox'
  | 'mail'
  | 'docs'
  | 'docs-area'
  | 'problem'
  | 'other-account'
  | 'place'
  | 'places'
  | 'admin-organisations'
  | 'admin-deployments'
  | 'settings'
  | 'settings-archive'
  | 'new-place'
  | 'operations'
  | 'operations-mails'
  | 'components'
  | 'staff'
  | 'staff-member'
  | 'staff-invitations'
  | 'invite'
  | 'staff-invitation-change'
  | 'batches'
  | 'batch'
  | 'patients'
  | 'history'
  | 'revert'
  | 'story'
  | 'access'
  | 'access-changes'
  | 'access-over-time'
  | 'access-why'
  | 'observers'
  | 'patient'
  | 'patient-links'
  | 'patient-link'
  | 'groups'
  | 'group'
  | 'group-new'
  | 'group-member'
  | 'group-invitations'
  | 'group-invitation-change'
  | 'group-files'
  | 'group-file-new'
  | 'group-file'
  | 'group-settings'
  | 'roles'
  | 'role';

/** A part of a page that scripts load. */
export type PartName = 'found-places' | 'typed-addresses' | 'sending';

const TEXTS: Readonly<Record<Locale, Readonly<Record<TextKey, string>>>> = { en: ENGLISH, de: GERMAN };
const PASSWORD_FIELDS = {
  passwordMin: MIN_PASSWORD_LENGTH,
  passwordMax: MAX_PASSWORD_LENGTH,
  passwordElementVersion: PASSWORD_ELEMENT.version,
  passwordStrengthVersion: PASSWORD_STRENGTH.version,
};

/** The data that every page needs besides its own view. */
export interface PageOptions {
  locale: Locale;
  /** The errors of the form on the page. `render` finds their texts. */
  errors?: readonly BadField[];
  /** The frame of a signed-in person's page. Without it, the page has only the name of the product. */
  nav?: Shell | null;
  /** Replaces the page's own title. */
  title?: string;
}

/** Renders pages: the file `<name>.hbs` in the layout, with texts of texts.*.ts. It escapes all data. */
@Injectable()
export class Pages {
  readonly stylesheet = readAsset(
    ...[
      'components/tokens.css',
      'portal.css',
      'components/components.css',
      'shell/shell.css',
      'overview/overview.css',
      'groups/groups.css',
    ].map((file) => new URL(file, import.meta.url)),
  );
  private readonly templates = compileTemplates();

  constructor(private readonly publicUrl: PublicUrl) {}

  /** The path before the paths of all pages: empty unless PUBLIC_URL has one. */
  get base(): string {
    return new URL(this.publicUrl.base).pathname.replace(/\/$/, '');
  }

  /** @throws Error for data or a text that the page uses and the view lacks */
  render(page: PageName, { locale, errors = [], nav = null, title }: PageOptions, view: object): string {
    const texts = TEXTS[locale];
    const root = { ...PASSWORD_FIELDS, ...view, ...this.shared(locale), nav };
    const found = errors.map(({ field, text, values = {} }) => ({
      field,
      message: fillText(texts[text], { ...root, ...values }),
    }));
    const fieldErrors = {
      name: null,
      email: null,
      password: null,
      currentPassword: null,
      address: null,
      addressPassword: null,
      emails: null,
      role: null,
      expiresIn: null,
      message: null,
      file: null,
      maxUses: null,
      permissions: null,
      confirmName: null,
      description: null,
      set: null,
      url: null,
      ...Object.fromEntries(found.map(({ field, message }) => [field, message])),
    };
    const own = title ?? fillText(textOf(texts, `${page}.title`), root);
    const whole = { ...root, errors: found, fieldErrors, title: own };
    const body = this.templateOf(page)(whole);
    const html = this.templateOf('layout')({ ...whole, body, hasPasswordField: body.includes('<password-field') });
    return nav ? drawnFor(nav.person.id, html) : html;
  }

  /** Renders a part of a page, for a script that puts it there. */
  renderPart(part: PartName, locale: Locale, view: object): string {
    return this.templateOf(part)({ ...view, ...this.shared(locale) });
  }

  /** The text of a computed key; undefined when there is none. */
  text(locale: Locale, key: string, view: object = {}): string | undefined {
    return key in TEXTS[locale] ? fillText(textOf(TEXTS[locale], key), view) : undefined;
  }

  /** The choices of a field that says how long an invitation or a link is valid. */
  windowChoices(locale: Locale, windows: readonly string[]) {
    return windows.map((window) => ({ value: window, label: this.text(locale, `window.${window}`) }));
  }

  private shared(locale: Locale): object {
    return {
      locale,
      texts: TEXTS[locale],
      base: this.base,
      stylesheetVersion: this.stylesheet.version,
      scriptVersion: SCRIPT.version,
      htmxVersion: HTMX.version,
    };
  }

  private templateOf(name: string): Template {
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
