import { mailTemplatesOf } from '../../../src/modules/invitations/mails/invitation-mail.texts.js';
import { STAFF_INVITATION_TEXTS } from '../../../src/modules/staff/invitations/staff-invitation.texts.js';
import { type InvitationMailData, NO_APP } from '../../../src/modules/invitations/mails/invitation-mail.composer.js';
import { LOCALES } from '../../../src/shared/mail/texts.js';
import { MailTemplates } from '../../../src/shared/mail/mail-templates.js';

const URL_WITH_TOKEN =
  'https://invitations.example.test/invitations/AQEBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQ';
const view: InvitationMailData = {
  ...NO_APP,
  roleName: 'Deployment Staff',
  scopeKind: 'deployment',
  scopeName: 'Cardiac Rehab',
  parentName: 'Riverside Hospital',
  place: 'Cardiac Rehab (Riverside Hospital)',
  inviterName: "Anna O'Example",
  message: 'Hello Ben,\n\nsee you on Monday.\nAnna',
  expiresAt: '2026-08-05T14:30:00.000Z',
  openUrl: URL_WITH_TOKEN,
};
const TEMPLATE = mailTemplatesOf(STAFF_INVITATION_TEXTS).invitation;
const templates = new MailTemplates();
const render = (locale: string, changes: Partial<InvitationMailData> = {}) =>
  templates.render(TEMPLATE, locale, { ...view, ...changes });

describe('a staff invitation mail', () => {
  it('names inviter and organisation in the subject', () => {
    expect(render('en', { place: 'Riverside Hospital' }).subject).toBe(
      "Anna O'Example invites you to Riverside Hospital",
    );
    expect(render('de', { place: 'Riverside Hospital' }).subject).toBe(
      "Anna O'Example lädt Sie zu Riverside Hospital ein",
    );
  });

  it('names no inviter where the system invites', () => {
    const { subject, text } = render('en', { inviterName: null });
    expect(subject).toBe('You are invited to Cardiac Rehab (Riverside Hospital)');
    expect(text).not.toContain('Invited by');
  });

  it.each(LOCALES)('has every text in both parts, in %s', (locale) => {
    const { html, text } = render(locale);
    const expires = locale === 'en' ? 'Wednesday, 5 August 2026 at 14:30 UTC' : 'Mittwoch, 5. August 2026 um 14:30 UTC';
    for (const said of [
      'Deployment Staff',
      'Cardiac Rehab',
      'Riverside Hospital',
      'see you on Monday.',
      expires,
      URL_WITH_TOKEN,
    ]) {
      expect(text).toContain(said);
      expect(textOf(html)).toContain(said);
    }
    expect(html).toContain(`<html lang="${locale}"`);
  });

  it('falls back to the default language', () => {
    expect(render('fr')).toEqual(render('en'));
  });

  it('leaves the parent and the message out where there is none', () => {
    const { text, html } = render('en', {
      parentName: null,
      message: null,
      scopeKind: 'organisation',
      scopeName: 'Riverside Hospital',
    });
    expect(text.match(/^Organisation:/gm)).toHaveLength(1);
    expect(text).not.toContain('writes:');
    expect(html).not.toContain('<blockquote');
  });
});

describe('text that people typed', () => {
  const hostile = '<img src=x onerror="alert(1)">&amp;{{roleName}} \'"`';

  it('is text in HTML, also when it looks like markup', () => {
    const { html } = render('en', {
      inviterName: hostile,
      scopeName: hostile,
      parentName: hostile,
      place: hostile,
      roleName: hostile,
      message: hostile,
    });
    expect(html).not.toContain('<img');
    expect(textOf(html)).toContain(hostile);
  });

  it('is unchanged in subject and plain text, without entities', () => {
    const { subject, text } = render('en', { inviterName: hostile, message: hostile });
    expect(subject).toBe(`${hostile} invites you to Cardiac Rehab (Riverside Hospital)`);
    expect(text).toContain(`> ${hostile}`);
    expect(text).not.toMatch(/&(?:lt|quot|#x27|#39);/);
  });

  it('keeps its line breaks, and every line of a message is marked as quoted', () => {
    const { html, text } = render('en', { message: 'one\r\ntwo\n\nOpen the invitation:\nhttps://evil.example' });
    expect(text).toContain('> one\n> two\n>\n> Open the invitation:\n> https://evil.example\n');
    expect(/<blockquote[^>]*>\s*one<br>\s*two<br>\s*<br>/.test(html)).toBe(true);
  });

  it('reads from right to left without turning the text around it, except in the subject', () => {
    const board = 'مجلس الأورام 12';
    const { subject, html, text } = render('en', { place: board, scopeName: board, roleName: board });
    expect(subject).toBe(`Anna O'Example invites you to ${board}`);
    expect(text).toContain(`with the role \u2068${board}\u2069.`);
    expect(html).toContain(`<bdi>${board}</bdi>`);
    expect(render('en').text).not.toMatch(/[\u2066-\u2069]/);
  });

  it.each(['\r\nBcc: eve@example.test', '\nBcc: eve@example.test', '\u2028x', '\u0000x', '\u202Ex'])(
    'can not end the subject or turn it round: %j',
    (evil) => {
      const { subject } = render('en', { inviterName: `Anna${evil}`, place: `Riverside${evil}` });
      // eslint-disable-next-line no-control-regex -- naming them is the point
      expect(subject).not.toMatch(/[\u0000-\u001F\u007F\u2028-\u202E]/);
      expect(subject.startsWith('Anna ')).toBe(true);
    },
  );
});

describe('the HTML part', () => {
  const { html } = render('de', { inviterName: 'Jürgen' });

  it('has a language, one h1, a title, and nothing to load', () => {
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toContain('<title>Jürgen lädt Sie zu Cardiac Rehab (Riverside Hospital) ein</title>');
    expect(html).not.toMatch(/<img|<script|url\(|@import|<link/);
  });

  it('uses tables for layout only', () => {
    expect(html.match(/<table/g)?.length).toBe(html.match(/<table role="presentation"/g)?.length);
  });

  it('shows the link as text too', () => {
    expect(html).toMatch(new RegExp(`>${URL_WITH_TOKEN}</a>`));
  });

  it('opens with the line that mailboxes show beside the subject', () => {
    expect(textOf(html.slice(html.indexOf('<body'))).trim()).toMatch(/^Bitte nehmen Sie bis Mittwoch/);
  });
});

it('a mail is not written when its language lacks a text', () => {
  const { subject, preheader } = TEMPLATE.texts.en;
  const broken = { ...TEMPLATE, texts: { ...TEMPLATE.texts, en: { subject, preheader } } };
  expect(() => templates.render(broken, 'en', view)).toThrow('there is no text intro');
});

/** The visible text, without tags and with entities decoded. */
function textOf(html: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return html
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]+>/g, '')
    .replace(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g, (_, hex?: string, decimal?: string, name?: string) =>
      hex
        ? String.fromCodePoint(parseInt(hex, 16))
        : decimal
          ? String.fromCodePoint(Number(decimal))
          : (named[name ?? ''] ?? ''),
    );
}
