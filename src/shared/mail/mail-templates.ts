import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { DEFAULT_LOCALE, fillText, isLocale, type Locale, registerTexts, type Texts } from './texts.js';
import { HTML_PARTS, TEXT_PARTS } from './mail-parts.js';
import { LAYOUT_TEXTS } from './mail-layout.texts.js';

/** The template that a module provides for one of its mails. */
export interface MailTemplate {
  /** A Handlebars file made of the parts in mail-parts.ts. It is rendered twice, as HTML and as plain text. */
  body: URL;
  texts: Readonly<Record<Locale, MailTexts>>;
}

/**
 * Every mail has `subject` and `preheader`, the line that mailboxes show beside the subject. The other texts are the
 * template's.
 */
export type MailTexts = Texts & { readonly subject: string; readonly preheader: string };

export interface RenderedMail {
  /** A single line. */
  subject: string;
  html: string;
  text: string;
}

/** Writes every mail in the same layout, in HTML and in plain text, in the reader's language. */
@Injectable()
export class MailTemplates {
  private readonly html = new MailFormat(HTML_PARTS, new URL('layout.hbs', import.meta.url), false);
  private readonly text = new MailFormat(TEXT_PARTS, new URL('layout.text.hbs', import.meta.url), true);

  /**
   * @param locale an unknown one counts as the default
   * @throws Error for a name or text that the template uses and doesn't get
   */
  render(template: MailTemplate, locale: string, view: object): RenderedMail {
    const language = isLocale(locale) ? locale : DEFAULT_LOCALE;
    const own = template.texts[language];
    const root = { ...view, locale: language, texts: { ...LAYOUT_TEXTS[language], ...own } };
    const subject = oneLine(fillText(own.subject, root));
    const preheader = oneLine(fillText(own.preheader, root));
    const mail = { ...root, subject, preheader };
    return { subject, html: this.html.render(template.body, mail), text: tidy(this.text.render(template.body, mail)) };
  }
}

/** One format of a mail, HTML or plain text, with its own parts and layout. */
class MailFormat {
  private readonly handlebars = Handlebars.create();
  private readonly bodies = new Map<string, Handlebars.TemplateDelegate>();
  private readonly layout: Handlebars.TemplateDelegate;

  constructor(
    parts: Readonly<Record<string, string>>,
    layout: URL,
    private readonly noEscape: boolean,
  ) {
    registerTexts(this.handlebars);
    this.handlebars.registerHelper('lines', (text: string) => text.split(/\r\n|[\r\n\u2028\u2029]/));
    for (const [name, part] of Object.entries(parts)) this.handlebars.registerPartial(name, this.compile(part));
    this.layout = this.compile(readFileSync(layout, 'utf8'));
  }

  render(file: URL, view: object): string {
    let body = this.bodies.get(file.href);
    if (!body) {
      body = this.compile(readFileSync(file, 'utf8'));
      this.bodies.set(file.href, body);
    }
    return this.layout({ ...view, body: body(view) });
  }

  private compile(source: string): Handlebars.TemplateDelegate {
    return this.handlebars.compile(source, { noEscape: this.noEscape, strict: true, preventIndent: true });
  }
}

/** Removes line breaks, because one would end a header, and characters that change the reading direction. */
function oneLine(text: string): string {
  return (
    text
      .replace(/[\u2066-\u2069]/g, '')
      // eslint-disable-next-line no-control-regex -- naming them is the point
      .replace(/[\u0000-\u001F\u007F-\u009F\u2028-\u202E]+/g, ' ')
      .replace(/ {2,}/g, ' ')
      .trim()
  );
}

function tidy(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
