import { ApiProperty } from '@nestjs/swagger';
import { MAIL_FAILURE_REASONS } from '../../../shared/mail/mail-failures.js';
import { EnumField } from '../../../shared/http/fields.js';
import { CountedPageDto, countedPageOf } from '../../../shared/http/lists/page.dto.js';
import { UNSENT_STATES, type UnsentState } from '../../../shared/outbox/unsent.js';

export class OutboxListDto extends CountedPageDto {
  @EnumField({
    description:
      '`failed` (the default): dead letters. `retrying`: mails that failed and wait for another attempt. `waiting`: mails that are due. `scheduled`: mails that are due later, such as reminders.',
    of: UNSENT_STATES,
    optional: true,
  })
  state: UnsentState = 'failed';
}

/** A mail that wasn't sent. It names no address. */
export class OutboxEntryView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Key of the mail, which is also in its Message-ID' })
  key: string;
  @ApiProperty({ type: String, example: 'invitation' })
  kind: string;
  @ApiProperty({ type: String, enum: UNSENT_STATES })
  state: UnsentState;
  @ApiProperty({ type: 'integer', description: 'Number of attempts since it was queued or last retried' })
  attempts: number;
  @ApiProperty({ type: String, format: 'date-time', description: 'When it was or will be first due' })
  queuedAt: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Next attempt of a mail that is `retrying` or `scheduled`; null for any other',
  })
  nextTryAt: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    enum: [...MAIL_FAILURE_REASONS, 'not-written', 'address-invalid'],
    description:
      'Why the last attempt failed; null: none did, or an older version tried. `not-written`: the product could not write the mail. `address-invalid`: no mail can be sent to the stored address.',
  })
  error: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Code of the reply, or of the connection error' })
  errorCode: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'What to do about the error' })
  advice: string | null;
  @ApiProperty({ type: Boolean, description: 'Whether a retry can be asked for' })
  isRetryable: boolean;
}

export class OutboxPage extends countedPageOf(OutboxEntryView) {}
