import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** The link that confirms a new address. It names nobody, because the mailbox may be a stranger's. */
export const addressChangeMail: MailTemplate = {
  body: new URL('address-change.hbs', import.meta.url),
  texts: {
    en: {
      subject: 'Confirm your new e-mail address',
      preheader: 'This link works once, for one hour.',
      text: 'Somebody wants to use this address for their account. If it was you, open the link and confirm.',
      open: 'Confirm this address',
      until: 'The link works once, until',
      notYou: 'Was it not you? Then do not confirm. Without that nothing changes.',
    },
    de: {
      subject: 'Neue E-Mail-Adresse bestätigen',
      preheader: 'Dieser Link gilt einmal und eine Stunde lang.',
      text: 'Jemand möchte diese Adresse für ein Konto verwenden. Wenn Sie das waren, öffnen Sie den Link und bestätigen Sie.',
      open: 'Diese Adresse bestätigen',
      until: 'Der Link gilt einmal, bis',
      notYou: 'Waren Sie das nicht? Dann bestätigen Sie nicht. Ohne Bestätigung ändert sich nichts.',
    },
  },
};
