/** What other modules may use of invitations. */
export { type Accepted, AcceptInvitation, type NewAccount } from './respond/accept-invitation.command.js';
export { AcceptOwnInvitation } from './respond/accept-own-invitation.command.js';
export { ImportPreview, IMPORT_PREVIEW_CODES } from './invite/contact-file/import-preview.js';
export { ImportPreviewView } from './invite/contact-file/import-preview.dto.js';
export { DeclineInvitation } from './respond/decline-invitation.command.js';
export { DeclineOwnInvitation } from './respond/decline-own-invitation.command.js';
export { GetInvitation } from './manage/get-invitation.query.js';
export {
  type Identifying,
  identifyingStaff,
  InvitationAccess,
  type InvitationSeers,
  type SeenPlace,
} from './policy/invitation-access.js';
export {
  type GrantDescription,
  type InvitationPolicy,
  InvitationPolicies,
  type PlacedGrant,
} from './policy/invitation-policy.js';
export { InvitationLinks, type ResolvedInvitation } from './links/invitation-links.js';
export {
  invitationListProjection,
  type InvitationRow,
  type InvitationTables,
} from './manage/invitation-list.projection.js';
export { InvitationLocator } from './manage/invitation-locator.js';
export type { InvitationView } from './manage/invitation-view.js';
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
} from './manage/invitation.dto.js';
export { type AuthoriseInvitation, type InvitationAnswer, InvitePeople, optionsFrom } from './invite/invite-people.js';
export { LinkTokens } from './links/link-token.js';
export { ListInvitations } from './manage/list-invitations.query.js';
export { ListOwnInvitations, type OwnInvitationView } from './respond/list-own-invitations.query.js';
export { MailboxProof } from './respond/mailbox-proof.js';
export { invitationOf, lastIssueIn, membershipStream, pendingOf } from './domain/membership-stream.js';
export { type LinkView, ReadLink } from './links/read-link.query.js';
export type { OutboxTables } from './mails/outbox-table.js';
export { ReadUnsubscribeLink } from './subscriptions/read-unsubscribe-link.query.js';
export type { PickedPerson } from './invite/recipients.js';
export { ResendInvitation } from './manage/resend-invitation.command.js';
export { RevokeInvitation } from './manage/revoke-invitation.command.js';
export { ListOwnUnsubscriptions } from './subscriptions/list-own-unsubscriptions.query.js';
export { Subscriptions } from './subscriptions/subscriptions.js';
export { SwitchMailsBack } from './subscriptions/switch-mails-back.command.js';
export { Unsubscribe } from './subscriptions/unsubscribe.command.js';
