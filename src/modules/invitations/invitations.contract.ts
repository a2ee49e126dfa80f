/** What other modules may use of invitations. */
export { type Accepted, AcceptInvitation, type NewAccount } from './respond/accept-invitation.command.js';
export { AcceptOwnInvitation } from './respond/accept-own-invitation.command.js';
export { DeclineInvitation } from './respond/decline-invitation.command.js';
export { DeclineOwnInvitation } from './respond/decline-own-invitation.command.js';
export type { Identifying, SeenPlace } from './policy/invitation-access.js';
export {
  type GrantDescription,
  type HeldWithin,
  InvitationPolicy,
  InvitationPolicies,
  type PlacedGrant,
} from './policy/invitation-policy.js';
export { PermissionPolicy } from './policy/permission-policy.js';
export type { InvitationType, MembershipEnd, MembershipType } from './types/invitation-type.js';
export type { ListedMembers, MemberListCall } from './members/member-list.js';
export { GuestPlaceView } from './members/guest-place.dto.js';
export { ListOwnGuestPlaces } from './members/list-own-guest-places.query.js';
export { type OwnPlace, OwnPlaces } from './members/own-places.js';
export { MemberViews } from './members/member-views.js';
export { membershipColumns, membershipRow, type MembershipRow, membershipRowAfter } from './members/membership-row.js';
export type { InvitationMailTexts } from './mails/invitation-mail.texts.js';
export { InvitationLinks, type ResolvedInvitation } from './links/invitation-links.js';
export {
  invitationListProjection,
  type InvitationRow,
  type InvitationTables,
} from './manage/invitation-list.projection.js';
export { InvitationLocator } from './manage/invitation-locator.js';
export {
  AcceptInvitationDto,
  changeDto,
  type InvitationCallDto,
  type InvitationChangeDto,
  InvitationListDto,
  InvitePeopleDto,
  PickPeopleDto,
  withWindows,
} from './manage/invitation.dto.js';
export {
  type AuthorisedInvitation,
  type AuthoriseInvitation,
  type InvitationCall,
  InvitePeople,
} from './invite/invite-people.command.js';
export type { Inviter } from './invite/dry-run-preview.js';
export type { InvitationFilter } from './manage/list-invitations.query.js';
export { ListOwnInvitations, type OwnInvitationView } from './respond/list-own-invitations.query.js';
export { MailboxProof } from './respond/mailbox-proof.js';
export { invitationOf, lastIssueIn, membershipStream, pendingOf } from './domain/membership-stream.js';
export { type LinkView, ReadLink } from './links/read-link.query.js';
export type { OutboxTables } from './mails/outbox-table.js';
export { ReadUnsubscribeLink } from './subscriptions/read-unsubscribe-link.query.js';
export { BatchListDto, type InvitationBatchView } from './batches/batch.dto.js';
export { GetInvitationBatch } from './batches/get-invitation-batch.query.js';
export { ListPlaceBatches } from './batches/list-place-batches.query.js';
export { UndoInvitationBatch } from './batches/undo-invitation-batch.command.js';
export { addressesIn } from './invite/contact-file/addresses-in-cell.js';
export { CONTACT_FILE } from './invite/contact-file/contact-file-limits.js';
export { PreviewImport } from './invite/contact-file/import-preview.query.js';
export { SendInvitations } from './invite/invite-people.command.js';
export { TakesRecipients } from './manage/invitation.dto.js';
export { ChangeInvitation } from './manage/change-invitation.command.js';
export { GetInvitation } from './manage/get-invitation.query.js';
export type { WithinParameter } from './lists/within.dto.js';
export type { InvitationView } from './manage/invitation-view.js';
export { ListInvitations } from './manage/list-invitations.query.js';
export { ResendInvitation } from './manage/resend-invitation.command.js';
export { RevokeInvitation } from './manage/revoke-invitation.command.js';
export { EndMembership } from './members/end-membership.command.js';
export { GetMember } from './members/get-member.query.js';
export { ListMembers } from './members/list-members.query.js';
export type { PickedPerson } from './invite/recipients.js';
export { CountInvitationWeeks } from './weeks/count-invitation-weeks.query.js';
export { InvitationWeeksDto, type InvitationWeekView } from './weeks/invitation-weeks.dto.js';
export { ListOwnUnsubscriptions } from './subscriptions/list-own-unsubscriptions.query.js';
export { Subscriptions } from './subscriptions/subscriptions.js';
export { SwitchMailsBack } from './subscriptions/switch-mails-back.command.js';
export { Unsubscribe } from './subscriptions/unsubscribe.command.js';
