import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

@Injectable()
export class MailTemplates {
  private readonly compiled = new Map<string, HandlebarsTemplateDelegate>();

  render(template: URL, locale: string, view: object): RenderedMail {
    let compiled = this.compiled.get(template.href);
    if (!compiled) {
      compiled = Handlebars.compile(readFileSync(template, 'utf8'), { strict: true });
      this.compiled.set(template.href, compiled);
    }
    const html = compiled({ ...view, locale });
    return { subject: 'Invitation', html, text: html };
  }
}
