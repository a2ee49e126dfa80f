/** What other modules may use of invitations. */
export { type Accepted, AcceptInvitation, type NewAccount } from './accept-invitation.command.js';
export { AcceptOwnInvitation } from './accept-own-invitation.command.js';
export { ContactFileReviewing, REVIEW_CODES } from './contact-file/contact-file-reviewing.js';
export { ContactFileReview } from './contact-file/contact-file.dto.js';
export { DeclineInvitation } from './decline-invitation.command.js';
export { DeclineOwnInvitation } from './decline-own-invitation.command.js';
export { GetInvitation } from './get-invitation.query.js';
export {
  type Identifying,
  identifyingStaff,
  InvitationAccess,
  type InvitationSeers,
  type SeenPlace,
} from './invitation-access.js';
export {
  type GrantDescription,
  type InvitationContext,
  InvitationContexts,
  type PlacedGrant,
} from './invitation-context.js';
export { InvitationLinks, type OpenedLink } from './invitation-links.js';
export { invitationListProjection, type InvitationRow, type InvitationTables } from './invitation-list.projection.js';
export { InvitationLocator } from './invitation-locator.js';
export type { InvitationView } from './invitation-view.js';
export {
  AcceptInvitationDto,
  InvitationAnswerView,
  InvitationDto,
  InvitationListDto,
  InvitationPage,
  InvitePeopleDto,
  MAX_RECIPIENTS,
  PickPeopleDto,
  TakesRecipients,
} from './invitation.dto.js';
export { type AllowInvitation, type InvitationAnswer, Inviting, termsOf } from './inviting.js';
export { LinkTokens } from './link-token.js';
export { ListInvitations } from './list-invitations.query.js';
export { ListOwnInvitations, type OwnInvitationView } from './list-own-invitations.query.js';
export { MailboxProof } from './mailbox-proof.js';
export { invitationOf, lastIssueIn, membershipStream, pendingOf } from './membership-stream.js';
export { type LinkView, ReadLink } from './read-link.query.js';
export { ReadUnsubscribeLink } from './read-unsubscribe-link.query.js';
export type { PickedPerson } from './recipients.js';
export { ResendInvitation } from './resend-invitation.command.js';
export { RevokeInvitation } from './revoke-invitation.command.js';
export { ListOwnUnsubscriptions } from './subscriptions/list-own-unsubscriptions.query.js';
export { Subscriptions } from './subscriptions/subscriptions.js';
export { SwitchMailsBack } from './subscriptions/switch-mails-back.command.js';
export { Unsubscribe } from './unsubscribe.command.js';
