import type { InvitationMailTexts } from '../../invitations/invitations.contract.js';

/** The texts of mails that invite staff. */
export const STAFF_INVITATION_TEXTS: InvitationMailTexts = {
  invitation: {
    en: {
      subject: '{{#if inviterName}}{{inviterName}} invites you to {{place}}{{else}}You are invited to {{place}}{{/if}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}.',
      intro:
        'You are invited to join the staff with the role {{roleName}}. Open the invitation to read what it offers; then accept or decline it.',
    },
    de: {
      subject: '{{#if inviterName}}{{inviterName}} lädt Sie zu {{place}} ein{{else}}Einladung zu {{place}}{{/if}}',
      preheader: 'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab.',
      intro:
        'Sie sind eingeladen, mit der Rolle {{roleName}} im Team mitzuarbeiten. Öffnen Sie die Einladung, um zu lesen, was sie bietet; danach nehmen Sie an oder lehnen ab.',
    },
  },
  reminder: {
    en: {
      subject: 'Reminder: your invitation to {{place}} is open until {{day expiresAt}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}; after that the link no longer works.',
      intro:
        'You were invited to join the staff with the role {{roleName}}, and have not answered yet. The invitation and its link are the same as before; accept or decline while it is open.',
    },
    de: {
      subject: 'Erinnerung: Ihre Einladung zu {{place}} gilt bis {{day expiresAt}}',
      preheader:
        'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab; danach funktioniert der Link nicht mehr.',
      intro:
        'Sie wurden eingeladen, mit der Rolle {{roleName}} im Team mitzuarbeiten, und haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor; nehmen Sie an oder lehnen Sie ab, solange sie gilt.',
    },
  },
};
