import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { NamedOrganisation, NamedScope } from '../../access/access.contract.js';
import type { Permission } from '../../access/access.domain.contract.js';
import { NewPassword } from '../../accounts/accounts.contract.js';
import { NamedPerson } from '../../people/people.contract.js';
import { LargeBody } from '../../../shared/http/sizes/body-limits.js';
import {
  EnumField,
  BooleanField,
  IdListField,
  IntegerField,
  MultilineField,
  RoleKeyField,
  TextsField,
} from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { CountedPageDto, countedPageOf, pageOf } from '../../../shared/http/lists/page.dto.js';
import { LOCALES, type Locale } from '../../../shared/mail/texts.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import { INVITATION_SORTS, type InvitationSort } from './list-invitations.query.js';
import { RECIPIENT_OUTCOMES, type RecipientOutcome } from '../invite/recipients.js';
import { DescribedOutcome, GrantView } from '../invite/grant-view.dto.js';

/** Addresses in one call. Source: docs/domain.md §6.2 */
export const MAX_RECIPIENTS = 10_000;
const MAX_MESSAGE = 2000;
/** Enough for `MAX_RECIPIENTS` addresses and the call's other fields. */
const MAX_CALL_BYTES = 4 * 1024 * 1024;
/**
 * The use case refuses calls that are a little too large. The reader of bodies refuses those that are much too large.
 */
const MAX_CALL_VALUES = 25_000;
const TERMS_NUMBER = 'Number of these terms; a change of the invitation adds one. Send it with the acceptance.';
const STATES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const;
const MAIL_STATES = ['pending', 'sent', 'failed', 'dropped', 'address-invalid', 'unsubscribed'] as const;

/** Allows a route the large body of an invitation call. */
export function TakesRecipients(): MethodDecorator {
  return LargeBody({ maxBytes: MAX_CALL_BYTES, maxValues: MAX_CALL_VALUES, tooMany: 'too-many-recipients' });
}

/** The options of every invitation call. */
export class InvitationOptionsDto {
  @MultilineField({
    description: 'Personal message, shown as text in the mail',
    example: 'We look forward to working with you.',
    max: MAX_MESSAGE,
    optional: true,
  })
  message?: string;
  @EnumField({ description: 'Language of the mail', of: LOCALES, optional: true })
  locale?: Locale;
  @EnumField({
    description: '`partial` (the default) invites the good addresses; `atomic` invites nobody if one address is bad',
    of: ['partial', 'atomic'],
    optional: true,
  })
  mode?: 'partial' | 'atomic';
  @BooleanField({ description: 'Gives the same answer, but stores and sends nothing', optional: true })
  dryRun?: boolean;
}

/** The checked fields of every invitation call. Types add their own fields. */
export type InvitationCallDto = InvitationOptionsDto & { emails?: string[]; expiresIn?: ExpiryWindow };

const EMAILS = {
  maxItems: MAX_RECIPIENTS,
  description: `1 to ${String(MAX_RECIPIENTS)} addresses to invite. A malformed address is an outcome, not an error.`,
  example: ['ann@example.org'],
};

/** An invitation call that names its recipients by their addresses. */
export class InvitePeopleDto extends InvitationOptionsDto {
  @TextsField(EMAILS)
  emails: string[];
}

/** The options with the windows of a type. */
export function withWindows<Base extends Type<InvitationOptionsDto>, Window extends ExpiryWindow>(
  base: Base,
  of: readonly Window[],
  defaultWindow: Window,
): Base & Type<{ expiresIn?: Window }> {
  class WithWindows extends (base as Type<InvitationOptionsDto>) {
    @EnumField({
      description: `How long the invitation is open; default \`${defaultWindow}\``,
      example: defaultWindow,
      of,
      optional: true,
    })
    expiresIn?: Window;
  }
  return WithWindows as unknown as Base & Type<{ expiresIn?: Window }>;
}

/** The body of a resend, with the windows of a type. @param name the name of its schema */
export function resendDto(name: string, of: readonly ExpiryWindow[]): Type<{ expiresIn?: ExpiryWindow }> {
  class ResendDto {
    @EnumField({
      description: 'How long the invitation is open; default: as long as before',
      example: of.at(-1),
      of,
      optional: true,
    })
    expiresIn?: ExpiryWindow;
  }
  return Object.defineProperty(ResendDto, 'name', { value: name });
}

/** The checked fields of every change. Types add their own fields. */
export interface InvitationChangeDto {
  expiresIn?: ExpiryWindow;
}

/** The body of a change, with the windows of a type. */
export function changeDto(
  { body, fields }: { body: string; fields?: Type },
  of: readonly ExpiryWindow[],
): Type<InvitationChangeDto> {
  class ChangeDto extends (fields ?? Object) implements InvitationChangeDto {
    @EnumField({
      description: 'How long the invitation is open from now on; default: until the same moment',
      example: of.at(-1),
      of,
      optional: true,
    })
    expiresIn?: ExpiryWindow;
  }
  return Object.defineProperty(ChangeDto, 'name', { value: body });
}

/** An invitation call that may also pick people by their ids. */
export class PickPeopleDto extends InvitationOptionsDto {
  @TextsField({ ...EMAILS, minItems: 0, optional: true })
  emails?: string[];
  @IdListField({
    maxItems: MAX_RECIPIENTS,
    description: 'People to invite, by the `personId` of other answers',
    optional: true,
  })
  personIds?: string[];
}

export class InvitationListDto extends CountedPageDto {
  @EnumField({ description: 'Lists invitations in this state at this moment', of: STATES, optional: true })
  state?: (typeof STATES)[number];
  @RoleKeyField({ description: 'Lists invitations to this role', optional: true })
  role?: string;
  @EnumField({
    description:
      '`failed`: lists invitations whose newest mail failed for good, or failed and waits for another attempt',
    of: ['failed'],
    optional: true,
  })
  mail?: 'failed';
  @MultilineField({ description: 'Text that the address contains', max: 254, optional: true })
  q?: string;
  @EnumField({
    description: 'Default `-invitedAt`: newest first. A cursor works only with the order that it came from.',
    of: INVITATION_SORTS,
    optional: true,
  })
  sort: InvitationSort = '-invitedAt';
}

const TERMS = {
  description: 'Number of the terms that the invitee read; another number is refused with `invitation-changed`',
  min: 1,
  max: 1_000_000,
  example: 1,
  optional: true,
};

export class AcceptInvitationDto {
  @NameField({ description: 'Name for a new account', example: 'Ann Example', optional: true })
  name?: string;
  @NewPassword({
    description: 'Password for a new account: no common password, and not the address of the account',
    optional: true,
  })
  password?: string;
  @IntegerField(TERMS)
  terms?: number;
}

/** The body of an acceptance without a link. */
export class AcceptOwnInvitationDto {
  @IntegerField(TERMS)
  terms?: number;
}

class InvitationResultView extends DescribedOutcome {
  @ApiProperty({
    type: String,
    required: false,
    description: 'Address as the call gave it; absent for a `personId` that you may not identify',
  })
  email?: string;
  @ApiProperty({ type: String, required: false, format: 'uuid', description: 'Id that the call picked' })
  personId?: string;
  @ApiProperty({ type: String, enum: RECIPIENT_OUTCOMES })
  outcome: RecipientOutcome;
}

export class InvitationAnswerView {
  @ApiProperty({ type: [InvitationResultView], description: 'In the order of the call' })
  results: InvitationResultView[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Number of addresses by outcome',
  })
  summary: Record<RecipientOutcome, number>;
  @ApiProperty({
    type: String,
    format: 'uuid',
    required: false,
    description: 'Id of this call at `/v1/invitation-batches/:id`; absent if the call recorded nothing',
  })
  batchId?: string;
}

class MailView {
  @ApiProperty({
    type: String,
    enum: MAIL_STATES,
    description:
      '`dropped`: the mail was no longer needed. `address-invalid`: no mail can be sent to the stored address. `unsubscribed`: the invitee unsubscribed from the invitation mails of the organisation.',
  })
  state: (typeof MAIL_STATES)[number];
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    description: 'Next attempt to send a mail that failed; absent unless one is planned',
  })
  nextTryAt?: string;
}

export class InvitationDto extends GrantView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the invitation; an alias for readers who may not identify the invitee',
  })
  id: string;
  @ApiProperty({ type: String, nullable: true, required: false, description: 'Absent for readers who may not see it' })
  email?: string | null;
  @ApiProperty({
    type: String,
    required: false,
    description:
      'Pseudonym of the invitee, instead of the address; constant for this reader within the organisation, or within the scope',
    example: 'P-7ZK3M0QW4T9X',
  })
  pseudonym?: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the invitee; an alias for readers who may not identify the invitee',
  })
  personId: string;
  @ApiProperty({ type: String, enum: STATES })
  state: (typeof STATES)[number];
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({
    type: NamedPerson,
    description:
      'Sender of the newest link; `system` for the first super-admin and for invitations through a patient link',
  })
  invitedBy: NamedPerson;
  @ApiProperty({ type: String, format: 'date-time' })
  invitedAt: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'The invitation expires at this moment' })
  expiresAt: string;
  @ApiProperty({ type: Number, description: 'Number of the newest link; each new link adds one' })
  issue: number;
  @ApiProperty({ type: MailView, description: 'Mail of the newest issue' })
  mail: MailView;
}

export class InvitationPage extends countedPageOf(InvitationDto) {}

/** An invitation that the caller can accept or decline. */
class OwnInvitationDto extends InvitationDto {
  @ApiProperty({ type: String, example: 'staff' })
  kind: string;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: String, required: false })
  message?: string;
  @ApiProperty({ type: 'integer', description: TERMS_NUMBER })
  terms: number;
}

export class OwnInvitationPage extends pageOf(OwnInvitationDto) {}

class InviterName {
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}

export class LinkDto extends GrantView {
  @ApiProperty({
    type: [String],
    example: ['patients.view'],
    required: false,
    description: 'What the role may do; absent for grants without permissions',
  })
  permissions?: readonly Permission[];
  @ApiProperty({ type: String, nullable: true, description: 'Address of the privacy policy that holds there' })
  privacyPolicyUrl: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Address of the terms of use that hold there' })
  termsUrl: string | null;
  @ApiProperty({ type: String, example: 'staff' })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: String })
  email: string;
  @ApiProperty({ type: InviterName })
  invitedBy: InviterName;
  @ApiProperty({ type: String, required: false })
  message?: string;
  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt: string;
  @ApiProperty({ type: 'integer', description: TERMS_NUMBER })
  terms: number;
  @ApiProperty({ type: String, enum: ['none', 'exists'], description: 'Whether there is an account for the address' })
  account: 'none' | 'exists';
  @ApiProperty({
    type: String,
    enum: ['inviter-lost-authority'],
    required: false,
    description:
      'Code that refuses every acceptance at this moment. Show the reason instead of asking for a name and a password.',
  })
  refusal?: 'inviter-lost-authority';
}

export class AcceptedDto {
  @ApiProperty({ type: String, example: 'staff' })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, format: 'uuid' })
  membershipId: string;
  @ApiProperty({ type: String, required: false, description: 'Session token of a new account' })
  token?: string;
}
