import type { InvitationMailTexts } from '../invitations/invitations.contract.js';

/** The texts of mails that invite observers. */
export const OBSERVER_INVITATION_TEXTS: InvitationMailTexts = {
  invitation: {
    en: {
      subject:
        '{{#if inviterName}}{{inviterName}} invites you to observe {{place}}{{else}}You are invited to observe {{place}}{{/if}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}.',
      intro:
        'You are invited to observe {{place}}. Observers see the deployment, not the people in it. Open the invitation to read what it offers; then accept or decline it.',
    },
    de: {
      subject:
        '{{#if inviterName}}{{inviterName}} lädt Sie ein, {{place}} zu beobachten{{else}}Einladung, {{place}} zu beobachten{{/if}}',
      preheader: 'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab.',
      intro:
        'Sie sind eingeladen, {{place}} zu beobachten. Sie sehen dann das Programm, nicht die Menschen darin. Öffnen Sie die Einladung, um zu lesen, was sie bietet; danach nehmen Sie an oder lehnen ab.',
    },
  },
  reminder: {
    en: {
      subject: 'Reminder: your invitation to observe {{place}} is open until {{day expiresAt}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}; after that the link no longer works.',
      intro:
        'You were invited to observe {{place}}, and have not answered yet. The invitation and its link are the same as before; accept or decline while it is open.',
    },
    de: {
      subject: 'Erinnerung: Ihre Einladung, {{place}} zu beobachten, gilt bis {{day expiresAt}}',
      preheader:
        'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab; danach funktioniert der Link nicht mehr.',
      intro:
        'Sie wurden eingeladen, {{place}} zu beobachten, und haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor; nehmen Sie an oder lehnen Sie ab, solange sie gilt.',
    },
  },
};
