import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

const body = new URL('patient-status.hbs', import.meta.url);
const en = { deployment: 'Programme', organisation: 'Organisation', open: 'Sign in' };
const de = { deployment: 'Programm', organisation: 'Organisation', open: 'Anmelden' };

/**
 * Tells a patient that they are no longer enrolled. It leaves out the reason, because others may read the mail. The
 * patient can read it after signing in.
 */
export const offboardedMail: MailTemplate = {
  body,
  texts: {
    en: {
      ...en,
      subject: 'Your participation in {{place}} has ended',
      preheader: 'Sign in to read why.',
      text: 'Your care team has ended your participation in {{place}}. Your account is still there: sign in to read the reason.',
    },
    de: {
      ...de,
      subject: 'Ihre Teilnahme an {{place}} ist beendet',
      preheader: 'Melden Sie sich an, um den Grund zu lesen.',
      text: 'Ihr Behandlungsteam hat Ihre Teilnahme an {{place}} beendet. Ihr Konto besteht weiter: Melden Sie sich an, um den Grund zu lesen.',
    },
  },
};

/** Tells a patient that they are enrolled again. */
export const reactivatedMail: MailTemplate = {
  body,
  texts: {
    en: {
      ...en,
      subject: 'You take part in {{place}} again',
      preheader: 'Sign in with the account you have.',
      text: 'Your care team has enrolled you in {{place}} again. Sign in with the account you have.',
    },
    de: {
      ...de,
      subject: 'Sie nehmen wieder an {{place}} teil',
      preheader: 'Melden Sie sich mit Ihrem Konto an.',
      text: 'Ihr Behandlungsteam hat Sie wieder in {{place}} aufgenommen. Melden Sie sich mit Ihrem Konto an.',
    },
  },
};
