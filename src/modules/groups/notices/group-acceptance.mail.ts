import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** Tells an administrator or owner that a person joined a group. */
export const groupAcceptanceMail: MailTemplate = {
  body: new URL('group-acceptance.hbs', import.meta.url),
  texts: {
    en: {
      subject: '{{who}} has joined the group {{scopeName}}',
      preheader: 'The invitation was accepted.',
      text: '{{who}} has accepted the invitation to the group {{place}} and is a member now.',
      group: 'Group',
      organisation: 'Organisation',
      open: 'Sign in',
      why: 'You get this mail because you switched on notices about groups; you can switch them off again.',
    },
    de: {
      subject: '{{who}} ist der Gruppe {{scopeName}} beigetreten',
      preheader: 'Die Einladung wurde angenommen.',
      text: '{{who}} hat die Einladung in die Gruppe {{place}} angenommen und ist jetzt Mitglied.',
      group: 'Gruppe',
      organisation: 'Organisation',
      open: 'Anmelden',
      why: 'Sie erhalten diese Nachricht, weil Sie Hinweise zu Gruppen eingeschaltet haben; Sie können sie wieder ausschalten.',
    },
  },
};
