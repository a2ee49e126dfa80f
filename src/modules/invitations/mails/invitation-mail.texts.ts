import type { Locale } from '../../../shared/mail/locales.js';
import type { Texts } from '../../../shared/mail/texts.js';

/** Texts that every invitation mail has. */
export const INVITATION_MAIL_TEXTS = {
  en: {
    messageFrom: '{{#if inviterName}}{{inviterName}} writes:{{else}}Message:{{/if}}',
    organisation: 'Organisation',
    inviter: 'Invited by',
    expires: 'Open until',
    open: 'Open the invitation',
    personal: 'The link is yours alone: please do not forward this mail. Opening it commits you to nothing.',
    unexpected:
      'You did not expect this? Then ignore this mail, or open the invitation and decline it. Without you nothing happens.',
  },
  de: {
    messageFrom: '{{#if inviterName}}{{inviterName}} schreibt:{{else}}Nachricht:{{/if}}',
    organisation: 'Organisation',
    inviter: 'Eingeladen von',
    expires: 'Gültig bis',
    open: 'Einladung öffnen',
    personal:
      'Der Link gilt nur für Sie: Bitte leiten Sie diese Nachricht nicht weiter. Ihn zu öffnen verpflichtet Sie zu nichts.',
    unexpected:
      'Sie haben das nicht erwartet? Dann ignorieren Sie diese Nachricht, oder öffnen Sie die Einladung und lehnen Sie ab. Ohne Sie geschieht nichts.',
  },
} satisfies Readonly<Record<Locale, Texts>>;
