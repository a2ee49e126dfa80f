import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** To the mailbox before the change. It doesn't name the new address, because the mailbox may be read by others by now. */
export const addressChangedMail: MailTemplate = {
  body: new URL('address-changed.hbs', import.meta.url),
  texts: {
    en: {
      subject: 'The e-mail address of your account was changed',
      preheader: 'Was it not you? You can undo this for 7 days.',
      text: 'Your account has another e-mail address now. For 7 days you can also sign in with this one.',
      notYou: 'Was it not you? Undo the change. You then choose a new password and are signed out everywhere.',
      open: 'Undo this change',
      until: 'You can undo it until',
      itWasYou: 'Was it you? Then you need not do anything.',
    },
    de: {
      subject: 'Die E-Mail-Adresse Ihres Kontos wurde geändert',
      preheader: 'Waren Sie das nicht? 7 Tage lang können Sie es rückgängig machen.',
      text: 'Ihr Konto hat jetzt eine andere E-Mail-Adresse. 7 Tage lang können Sie sich auch mit dieser noch anmelden.',
      notYou:
        'Waren Sie das nicht? Machen Sie die Änderung rückgängig. Sie wählen dann ein neues Passwort und sind überall abgemeldet.',
      open: 'Änderung rückgängig machen',
      until: 'Das geht bis',
      itWasYou: 'Waren Sie es selbst? Dann brauchen Sie nichts zu tun.',
    },
  },
};
