import type { InvitationMailTexts } from '../../invitations/invitations.contract.js';

/** The texts of mails that invite to a group. */
export const GROUP_INVITATION_TEXTS: InvitationMailTexts = {
  invitation: {
    en: {
      subject:
        '{{#if inviterName}}{{inviterName}} invites you to the group {{scopeName}}{{else}}You are invited to the group {{scopeName}}{{/if}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}.',
      intro:
        'You are invited to join the group {{place}}. Open the invitation to read what it offers; then accept or decline it.',
      role: 'You may',
      grant:
        'view and download{{#if contentCreator}}; create, edit and upload{{/if}}{{#if administrator}}; invite and manage members{{/if}}',
    },
    de: {
      subject:
        '{{#if inviterName}}{{inviterName}} lädt Sie in die Gruppe {{scopeName}} ein{{else}}Einladung in die Gruppe {{scopeName}}{{/if}}',
      preheader: 'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab.',
      intro:
        'Sie sind eingeladen, in der Gruppe {{place}} mitzuarbeiten. Öffnen Sie die Einladung, um zu lesen, was sie bietet; danach nehmen Sie an oder lehnen ab.',
      role: 'Sie dürfen',
      grant:
        'ansehen und herunterladen{{#if contentCreator}}; anlegen, bearbeiten und hochladen{{/if}}{{#if administrator}}; Mitglieder einladen und verwalten{{/if}}',
    },
  },
  reminder: {
    en: {
      subject: 'Reminder: your invitation to the group {{scopeName}} is open until {{day expiresAt}}',
      preheader: 'Accept or decline by {{dateTime expiresAt}}; after that the link no longer works.',
      intro:
        'You were invited to join the group {{place}}, and have not answered yet. The invitation and its link are the same as before; accept or decline while it is open.',
    },
    de: {
      subject: 'Erinnerung: Ihre Einladung in die Gruppe {{scopeName}} gilt bis {{day expiresAt}}',
      preheader:
        'Bitte nehmen Sie bis {{dateTime expiresAt}} an, oder lehnen Sie ab; danach funktioniert der Link nicht mehr.',
      intro:
        'Sie wurden eingeladen, in der Gruppe {{place}} mitzuarbeiten, und haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor; nehmen Sie an oder lehnen Sie ab, solange sie gilt.',
    },
  },
};
