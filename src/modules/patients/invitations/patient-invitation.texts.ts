import type { InvitationMailTexts } from '../../invitations/invitations.contract.js';

/** The texts of mails that invite patients. Source: docs/domain.md §8.1 */
export const PATIENT_INVITATION_TEXTS: InvitationMailTexts = {
  invitation: {
    en: {
      subject: 'Your invitation to {{place}}',
      preheader: 'Create your account by {{dateTime expiresAt}}.',
      intro: 'Your care team invites you to take part in {{place}}.',
      deployment: 'Programme',
    },
    de: {
      subject: 'Ihre Einladung zu {{place}}',
      preheader: 'Bitte legen Sie Ihr Konto bis {{dateTime expiresAt}} an.',
      intro: 'Ihr Behandlungsteam lädt Sie ein, an {{place}} teilzunehmen.',
    },
  },
  reminder: {
    en: {
      subject: 'Reminder: your invitation to {{place}} is open until {{day expiresAt}}',
      intro:
        'Your care team invited you to take part in {{place}}, and you have not answered yet. The invitation and its link are the same as before.',
    },
    de: {
      subject: 'Erinnerung: Ihre Einladung zu {{place}} gilt bis {{day expiresAt}}',
      intro:
        'Ihr Behandlungsteam hat Sie eingeladen, an {{place}} teilzunehmen, und Sie haben noch nicht geantwortet. Einladung und Link sind dieselben wie zuvor.',
    },
  },
};
