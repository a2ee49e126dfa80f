import type { MailTemplate } from '../../../shared/mail/mail-templates.js';

/** To a mailbox whose address somebody else wanted for their own account. It doesn't say who. */
export const addressTakenMail: MailTemplate = {
  body: new URL('address-taken.hbs', import.meta.url),
  texts: {
    en: {
      subject: 'Somebody wanted to use your e-mail address',
      preheader: 'Nothing has changed.',
      text: 'Somebody wanted to use this address for another account. It belongs to you already, by an account or an invitation, so nothing has changed.',
      nothing: 'You need not do anything. If it was you: sign in with this address, or open your invitation.',
    },
    de: {
      subject: 'Jemand wollte Ihre E-Mail-Adresse verwenden',
      preheader: 'Es hat sich nichts geändert.',
      text: 'Jemand wollte diese Adresse für ein anderes Konto verwenden. Sie gehört durch ein Konto oder eine Einladung schon Ihnen. Es hat sich nichts geändert.',
      nothing:
        'Sie brauchen nichts zu tun. Wenn Sie das waren: Melden Sie sich mit dieser Adresse an, oder öffnen Sie Ihre Einladung.',
    },
  },
};
