import { INVITATION_MAIL_TEXTS } from '../../invitations/invitations.domain.contract.js';
import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** The mail that invites a patient, in two steps: get the app, then create the account. Source: docs/domain.md §8.1 */
export const patientInvitationMail: MailTemplate = {
  body: new URL('patient-invitation.hbs', import.meta.url),
  texts: {
    en: {
      ...INVITATION_MAIL_TEXTS.en,
      subject: 'Your invitation to {{place}}',
      preheader: 'Create your account by {{dateTime expiresAt}}.',
      intro: 'Your care team invites you to take part in {{place}}.',
      stepApp: 'Step 1: get the app',
      appStore: 'Download on the App Store',
      playStore: 'Get it on Google Play',
      stepAccount: 'Step 2: open the invitation and create your account, or sign in if you have one',
      openHere: 'No app on this device? Open it in the browser',
      deployment: 'Programme',
    },
    de: {
      ...INVITATION_MAIL_TEXTS.de,
      subject: 'Ihre Einladung zu {{place}}',
      preheader: 'Bitte legen Sie Ihr Konto bis {{dateTime expiresAt}} an.',
      intro: 'Ihr Behandlungsteam lädt Sie ein, an {{place}} teilzunehmen.',
      stepApp: 'Schritt 1: die App laden',
      appStore: 'Im App Store laden',
      playStore: 'Bei Google Play laden',
      stepAccount: 'Schritt 2: die Einladung öffnen und ein Konto anlegen, oder sich anmelden, wenn Sie eines haben',
      openHere: 'Keine App auf diesem Gerät? Im Browser öffnen',
      deployment: 'Programm',
    },
  },
};

const { body, texts } = patientInvitationMail;

/** The reminder two days before the end, with the same link. */
export const patientReminderMail: MailTemplate = {
  body,
  texts: {
    en: {
      ...texts.en,
      subject: 'Reminder: your invitation to {{place}} is open until {{day expiresAt}}',
      intro:
        'Your care team invited you to take part in {{place}}, and you have not answered yet. The invitation and its link are the same as before.',
    },
    de: {
      ...texts.de,
      subject: 'Erinnerung: Ihre Einladung zu {{place}} gilt bis {{day expiresAt}}',
      intro:
        'Ihr Behandlungsteam hat Sie eingeladen, an {{place}} teilzunehmen, und Sie haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor.',
    },
  },
};
