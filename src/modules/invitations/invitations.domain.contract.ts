/** What other modules may use of invitations in their own deciders: plain TypeScript. */
export { expiryOf, type ExpiryWindow, isPast } from './domain/expiry-windows.js';
export {
  type Grant,
  INVITATION_EVENT_TYPES,
  type InvitationDomainEvents,
  isInvitationEvent,
} from './domain/invitation.events.js';
export { type Issued, mustBeCurrent, revokeInvitation } from './domain/invitation.js';
