import type { Locale, Texts } from '../../../shared/mail/texts.js';
import type { MailTemplate, MailTexts } from '../../../shared/mail/mail-templates.js';

/**
 * The texts of one type's mails. Every type has its own `intro`. Its other texts replace the common ones. A reminder
 * lists only the texts that differ from the invitation.
 */
export interface InvitationMailTexts {
  invitation: Readonly<Record<Locale, MailTexts & { readonly intro: string }>>;
  reminder: Readonly<Record<Locale, Texts & { readonly subject: string; readonly intro: string }>>;
}

export type InvitationMailTemplates = Readonly<Record<'invitation' | 'reminder', MailTemplate>>;

const BODY = new URL('invitation.hbs', import.meta.url);

/** Texts of every invitation mail, unless its type replaces them. */
const COMMON = {
  en: {
    messageFrom: '{{#if inviterName}}{{inviterName}} writes:{{else}}Message:{{/if}}',
    role: 'Role',
    grant: '{{roleName}}',
    platform: 'Where',
    organisation: 'Organisation',
    deployment: 'Deployment',
    group: 'Group',
    inviter: 'Invited by',
    expires: 'Open until',
    stepApp: 'Step 1: get the app',
    appStore: 'Download on the App Store',
    playStore: 'Get it on Google Play',
    stepAccount: 'Step 2: open the invitation and create your account, or sign in if you have one',
    open: 'Open the invitation',
    openHere: 'No app on this device? Open it in the browser',
    personal: 'The link is personal: please do not forward this mail. Opening it commits you to nothing.',
    unexpected:
      'You did not expect this mail? Ignore it, or open the invitation and decline it. Nothing happens unless you accept.',
  },
  de: {
    messageFrom: '{{#if inviterName}}{{inviterName}} schreibt:{{else}}Nachricht:{{/if}}',
    role: 'Rolle',
    grant: '{{roleName}}',
    platform: 'Wo',
    organisation: 'Organisation',
    deployment: 'Programm',
    group: 'Gruppe',
    inviter: 'Eingeladen von',
    expires: 'Gültig bis',
    stepApp: 'Schritt 1: die App laden',
    appStore: 'Im App Store laden',
    playStore: 'Bei Google Play laden',
    stepAccount: 'Schritt 2: die Einladung öffnen und ein Konto anlegen, oder sich anmelden, wenn Sie eines haben',
    open: 'Einladung öffnen',
    openHere: 'Keine App auf diesem Gerät? Im Browser öffnen',
    personal:
      'Der Link gilt nur für Sie: Bitte leiten Sie diese Nachricht nicht weiter. Ihn zu öffnen verpflichtet Sie zu nichts.',
    unexpected:
      'Sie haben diese Nachricht nicht erwartet? Ignorieren Sie sie, oder öffnen Sie die Einladung und lehnen Sie ab. Ohne Ihre Zusage geschieht nichts.',
  },
} satisfies Readonly<Record<Locale, Texts>>;

/** The two mails of a type: the common body with the type's texts. */
export function mailTemplatesOf({ invitation, reminder }: InvitationMailTexts): InvitationMailTemplates {
  const textsWith = (more: Readonly<Record<Locale, Texts>>): MailTemplate['texts'] => ({
    en: { ...COMMON.en, ...invitation.en, ...more.en },
    de: { ...COMMON.de, ...invitation.de, ...more.de },
  });
  return {
    invitation: { body: BODY, texts: textsWith({ en: {}, de: {} }) },
    reminder: { body: BODY, texts: textsWith(reminder) },
  };
}
