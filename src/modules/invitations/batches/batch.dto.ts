import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { NamedPerson } from '../../people/people.contract.js';
import { IntegerField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';

/** A page of batches has at most so many, because each counts up to 10,000 invitations. */
const MAX_BATCHES = 50;
const DEFAULT_BATCHES = 20;

export class BatchListDto extends PageDto {
  @IntegerField({
    description: 'Most items on a page',
    min: 1,
    max: MAX_BATCHES,
    optional: true,
    example: DEFAULT_BATCHES,
  })
  override limit: number = DEFAULT_BATCHES;
}

class OutcomeCounts {
  @ApiProperty({ type: 'integer' })
  invited: number;
  @ApiProperty({ type: 'integer' })
  'already-pending': number;
  @ApiProperty({ type: 'integer' })
  'already-member': number;
  @ApiProperty({ type: 'integer' })
  'invalid-email': number;
  @ApiProperty({ type: 'integer' })
  'duplicate-in-request': number;
  @ApiProperty({ type: 'integer' })
  'not-allowed': number;
}

class StateCounts {
  @ApiProperty({ type: 'integer' })
  pending: number;
  @ApiProperty({ type: 'integer' })
  accepted: number;
  @ApiProperty({ type: 'integer' })
  declined: number;
  @ApiProperty({ type: 'integer' })
  revoked: number;
  @ApiProperty({ type: 'integer' })
  expired: number;
}

class MailCounts {
  @ApiProperty({ type: 'integer', description: 'Not sent yet' })
  waiting: number;
  @ApiProperty({ type: 'integer' })
  sent: number;
  @ApiProperty({ type: 'integer', description: 'Given up, or no mail can be sent to the address' })
  failed: number;
  @ApiProperty({ type: 'integer', description: 'Not sent, because the invitee unsubscribed' })
  unsubscribed: number;
  @ApiProperty({ type: 'integer', description: 'Not sent, because the mail was no longer needed' })
  dropped: number;
}

/** One invitation call. */
export class InvitationBatchView {
  @ApiProperty({ type: String, format: 'uuid', description: '`batchId` of the answer of the call' })
  id: string;
  @ApiProperty({ type: String, example: 'staff', description: 'Type of the invitations' })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: NamedPerson })
  invitedBy: NamedPerson;
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
  @ApiProperty({ type: 'integer', description: 'Number of addresses and picked people in the call' })
  recipients: number;
  @ApiProperty({
    type: Boolean,
    description: 'False while the call runs, and after it ended without an answer. Then only `invited` is known.',
  })
  finished: boolean;
  @ApiProperty({ type: OutcomeCounts, description: 'Number of recipients by outcome' })
  outcomes: OutcomeCounts;
  @ApiProperty({ type: 'integer', description: 'Number of recipients that a call which stopped did not reach' })
  notReached: number;
  @ApiProperty({ type: StateCounts, description: 'Number of its invitations by their state at this moment' })
  invitations: StateCounts;
  @ApiProperty({ type: MailCounts, description: 'Number of mails of the newest issues by state' })
  mails: MailCounts;
}

export class InvitationBatchPage extends pageOf(InvitationBatchView) {}

/** What undoing came to, for each invitation of the batch. */
export class UndoneBatchView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description:
      'Number of invitations by outcome: `withdrawn` by this call, `revoked` before, `accepted`, `declined`, `replaced` by a newer invitation, `not-allowed` because you may not take its role',
  })
  summary: Record<string, number>;
}
