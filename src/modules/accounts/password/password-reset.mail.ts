import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** The link to a new password, for a person who has an account. */
export const passwordResetMail: MailTemplate = {
  body: new URL('password-reset.hbs', import.meta.url),
  texts: {
    en: {
      subject: 'Choose a new password',
      preheader: 'This link works once, for one hour.',
      text: 'Somebody asked for a new password for the account with this address.',
      open: 'Choose a new password',
      until: 'The link works once, until',
      notYou: 'Was it not you? Then you need not do anything: your password stays as it is.',
    },
    de: {
      subject: 'Neues Passwort wählen',
      preheader: 'Dieser Link gilt einmal und eine Stunde lang.',
      text: 'Für das Konto mit dieser Adresse wurde ein neues Passwort angefordert.',
      open: 'Neues Passwort wählen',
      until: 'Der Link gilt einmal, bis',
      notYou: 'Waren Sie das nicht? Dann brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.',
    },
  },
};
