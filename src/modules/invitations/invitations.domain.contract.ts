/** What other modules may use of invitations in their own deciders: plain TypeScript. */
export { CONTACT_FILE } from './invite/contact-file/contact-file-limits.js';
export { expiryOf, type ExpiryWindow, isPast } from './domain/expiry-windows.js';
export { INVITATION_MAIL_TEXTS } from './mails/invitation-mail.texts.js';
export {
  type Grant,
  INVITATION_EVENT_TYPES,
  type InvitationDomainEvents,
  isInvitationEvent,
} from './domain/invitation.events.js';
export { type Issued, mustBeCurrent, revokeInvitation } from './domain/invitation.js';
