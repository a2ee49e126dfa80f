import type { MailTemplate } from '../../shared/mail/mail-templates.js';

/** The mail that invites a patient, in two steps: get the app, then create the account. Source: DOMAIN §4 */
export const patientInvitationMail: MailTemplate = {
  body: new URL('patient-invitation.hbs', import.meta.url),
  texts: {
    en: {
      subject: 'Your invitation to {{place}}',
      preheader: 'Create your account by {{dateTime expiresAt}}.',
      intro: 'Your care team invites you to take part in {{place}}.',
      messageFrom: '{{#if inviterName}}{{inviterName}} writes:{{else}}Message:{{/if}}',
      stepApp: 'Step 1: get the app',
      appStore: 'Download on the App Store',
      playStore: 'Get it on Google Play',
      stepAccount: 'Step 2: create your account',
      open: 'Open the invitation',
      openHere: 'No app on this device? Open it in the browser',
      deployment: 'Programme',
      organisation: 'Organisation',
      inviter: 'Invited by',
      expires: 'Open until',
      personal: 'The link is yours alone: please do not forward this mail. Opening it commits you to nothing.',
      unexpected: 'You did not expect this? Then ignore this mail, or open the invitation and decline it. Without you nothing happens.',
    },
    de: {
      subject: 'Ihre Einladung zu {{place}}',
      preheader: 'Bitte legen Sie Ihr Konto bis {{dateTime expiresAt}} an.',
      intro: 'Ihr Behandlungsteam lädt Sie ein, an {{place}} teilzunehmen.',
      messageFrom: '{{#if inviterName}}{{inviterName}} schreibt:{{else}}Nachricht:{{/if}}',
      stepApp: 'Schritt 1: die App laden',
      appStore: 'Im App Store laden',
      playStore: 'Bei Google Play laden',
      stepAccount: 'Schritt 2: das Konto anlegen',
      open: 'Einladung öffnen',
      openHere: 'Keine App auf diesem Gerät? Im Browser öffnen',
      deployment: 'Programm',
      organisation: 'Organisation',
      inviter: 'Eingeladen von',
      expires: 'Gültig bis',
      personal: 'Der Link gilt nur für Sie: Bitte leiten Sie diese Nachricht nicht weiter. Ihn zu öffnen verpflichtet Sie zu nichts.',
      unexpected: 'Sie haben das nicht erwartet? Dann ignorieren Sie diese Nachricht, oder öffnen Sie die Einladung und lehnen Sie ab. Ohne Sie geschieht nichts.',
    },
  },
};

const { body, texts } = patientInvitationMail;

/** The same mail and the same link, two days before the end. */
export const patientReminderMail: MailTemplate = {
  body,
  texts: {
    en: {
      ...texts.en,
      subject: 'Reminder: your invitation to {{place}} is open until {{day expiresAt}}',
      intro: 'Your care team invited you to take part in {{place}}, and you have not answered yet. The invitation and its link are the same as before.',
    },
    de: {
      ...texts.de,
      subject: 'Erinnerung: Ihre Einladung zu {{place}} gilt bis {{day expiresAt}}',
      intro: 'Ihr Behandlungsteam hat Sie eingeladen, an {{place}} teilzunehmen, und Sie haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor.',
    },
  },
};
