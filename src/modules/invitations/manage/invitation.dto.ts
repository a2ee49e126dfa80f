import { ApiProperty } from '@nestjs/swagger';
import { NamedOrganisation, NamedScope } from '../../access/access.contract.js';
import { NewPassword } from '../../accounts/accounts.contract.js';
import { NamedPerson } from '../../people/people.contract.js';
import { LargeBody } from '../../../shared/http/sizes/body-limits.js';
import {
  EnumField,
  BooleanField,
  IdListField,
  MultilineField,
  RoleKeyField,
  TextsField,
} from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { LOCALES, type Locale } from '../../../shared/mail/locales.js';
import { INVITATION_SORTS, type InvitationSort } from './list-invitations.query.js';
import { RECIPIENT_OUTCOMES, type RecipientOutcome } from '../invite/recipients.js';
import { DescribedOutcome } from '../invite/described-outcome.dto.js';

/** Addresses in one call. Source: docs/domain.md §6.2 */
export const MAX_RECIPIENTS = 10_000;
const MAX_MESSAGE = 2000;
/** Room for that many addresses and the call's other fields. */
const MAX_CALL_BYTES = 4 * 1024 * 1024;
/** The use case counts somewhat more addresses than a call may have. A body of many more isn't even read. */
const MAX_CALL_VALUES = 25_000;
const STATES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const;
const MAIL_STATES = ['pending', 'sent', 'failed', 'dropped', 'address-invalid', 'unsubscribed'] as const;

/** The route takes the body of an invitation call. */
export function TakesRecipients(): MethodDecorator {
  return LargeBody({ maxBytes: MAX_CALL_BYTES, maxValues: MAX_CALL_VALUES, tooMany: 'too-many-recipients' });
}

/** The options of every invitation call. */
export class InvitationOptionsDto {
  @MultilineField({ description: 'Personal message, shown as text in the mail', max: MAX_MESSAGE, optional: true })
  message?: string;
  @EnumField({ description: 'Language of the mail', of: LOCALES, optional: true })
  locale?: Locale;
  @EnumField({
    description: '`partial` sends the good ones; `atomic` sends nothing if one is bad',
    of: ['partial', 'atomic'],
    optional: true,
  })
  mode?: 'partial' | 'atomic';
  @BooleanField({ description: 'Answer the same, store and send nothing', optional: true })
  dryRun?: boolean;
}

const EMAILS = {
  maxItems: MAX_RECIPIENTS,
  description: `Whom to invite: 1 to ${String(MAX_RECIPIENTS)} addresses. What is none is an outcome, not an error`,
  example: ['ann@example.org'],
};

/** An invitation call that names its recipients by their addresses. */
export class InvitePeopleDto extends InvitationOptionsDto {
  @TextsField(EMAILS)
  emails: string[];
}

/** An invitation call that may also pick people by their ids. */
export class PickPeopleDto extends InvitationOptionsDto {
  @TextsField({ ...EMAILS, minItems: 0, optional: true })
  emails?: string[];
  @IdListField({
    maxItems: MAX_RECIPIENTS,
    description: 'People to invite, as `personId` in other answers',
    optional: true,
  })
  personIds?: string[];
}

export class InvitationListDto extends PageDto {
  @EnumField({ description: 'Only in this state, as the clock has it', of: STATES, optional: true })
  state?: (typeof STATES)[number];
  @RoleKeyField({ description: 'Only with this role', optional: true })
  role?: string;
  @MultilineField({ description: 'The address contains this', max: 254, optional: true })
  q?: string;
  @EnumField({
    description: '`-invitedAt` unless given: newest first. A cursor is good for its own order alone',
    of: INVITATION_SORTS,
    optional: true,
  })
  sort: InvitationSort = '-invitedAt';
}

export class AcceptInvitationDto {
  @NameField({ description: 'Name, for a new account', example: 'Ann Example', optional: true })
  name?: string;
  @NewPassword({
    description: 'Password, for a new account: none of the most common, and not the own address',
    optional: true,
  })
  password?: string;
}

class InvitationResultView extends DescribedOutcome {
  @ApiProperty({
    type: String,
    required: false,
    description: 'As it was given; absent for a personId that is not yours to see',
  })
  email?: string;
  @ApiProperty({ type: String, required: false, format: 'uuid', description: 'Of who was picked by it' })
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
    description: 'How many addresses came to each outcome',
  })
  summary: Record<RecipientOutcome, number>;
}

class MailView {
  @ApiProperty({
    type: String,
    enum: MAIL_STATES,
    description:
      '`dropped`: no longer wanted when its turn came; `address-invalid`: no mail can be sent to the stored address; `unsubscribed`: its owner wants no invitations of the organisation by mail',
  })
  state: (typeof MAIL_STATES)[number];
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
}

export class InvitationDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'An alias, good for this reader, where they may not see who is invited',
  })
  id: string;
  @ApiProperty({ type: String, nullable: true, required: false, description: 'Absent for readers who may not see it' })
  email?: string | null;
  @ApiProperty({
    type: String,
    required: false,
    description:
      'In its place: the same for a person in all that this reader sees of the organisation, or of this scope',
    example: 'P-7ZK3M0QW4T9X',
  })
  pseudonym?: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Who is invited; an alias where the reader may not see that',
  })
  personId: string;
  @ApiProperty({
    type: String,
    required: false,
    description: 'Absent where no role is given: to patients. To a group: the permission set',
  })
  role?: string;
  @ApiProperty({ type: String, required: false })
  roleName?: string;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the permission set is an administrator's",
  })
  administrator?: boolean;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the permission set is a content creator's",
  })
  contentCreator?: boolean;
  @ApiProperty({ type: String, enum: STATES })
  state: (typeof STATES)[number];
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({
    type: NamedPerson,
    description: 'Whoever issued it last; `system` for the first super-admin and for who asked through a link',
  })
  invitedBy: NamedPerson;
  @ApiProperty({ type: String, format: 'date-time' })
  invitedAt: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'Exclusive' })
  expiresAt: string;
  @ApiProperty({ type: Number, description: 'Rises with every link that is sent' })
  issue: number;
  @ApiProperty({ type: MailView, description: "The newest issue's mail" })
  mail: MailView;
}

export class InvitationPage extends pageOf(InvitationDto) {}

/** An invitation that the caller can accept or decline. */
class OwnInvitationDto extends InvitationDto {
  @ApiProperty({ type: String, example: 'staff' })
  kind: string;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: String, required: false })
  message?: string;
}

export class OwnInvitationPage extends pageOf(OwnInvitationDto) {}

class InviterName {
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}

export class LinkDto {
  @ApiProperty({ type: String, example: 'staff' })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: String, required: false })
  role?: string;
  @ApiProperty({ type: String, required: false })
  roleName?: string;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the permission set is an administrator's",
  })
  administrator?: boolean;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the permission set is a content creator's",
  })
  contentCreator?: boolean;
  @ApiProperty({ type: String })
  email: string;
  @ApiProperty({ type: InviterName })
  invitedBy: InviterName;
  @ApiProperty({ type: String, required: false })
  message?: string;
  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt: string;
  @ApiProperty({ type: String, enum: ['none', 'exists'], description: 'Whether there is an account for the address' })
  account: 'none' | 'exists';
  @ApiProperty({
    type: String,
    enum: ['inviter-lost-authority'],
    required: false,
    description:
      'The code that accepting would be refused with now, whoever does it: say so instead of asking for a name and a password',
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
  @ApiProperty({ type: String, required: false, description: 'A session, for a new account' })
  token?: string;
}
