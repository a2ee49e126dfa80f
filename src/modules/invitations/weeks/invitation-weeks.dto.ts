import { ApiProperty } from '@nestjs/swagger';
import { EnumField, IntegerField } from '../../../shared/http/fields.js';

const MAX_WEEKS = 53;
const DEFAULT_WEEKS = 12;
const KINDS = ['staff', 'patient'] as const;

export class InvitationWeeksDto {
  @EnumField({ description: 'Type of the invitations', of: KINDS, example: 'staff' })
  kind: (typeof KINDS)[number];
  @IntegerField({
    description: `Number of weeks, with the present one; default ${String(DEFAULT_WEEKS)}`,
    min: 1,
    max: MAX_WEEKS,
    optional: true,
    example: DEFAULT_WEEKS,
  })
  weeks: number = DEFAULT_WEEKS;
}

/** The invitations of one week. */
export class InvitationWeekView {
  @ApiProperty({ type: String, format: 'date', description: 'Monday of the week. A week begins at 0:00 UTC.' })
  week: string;
  @ApiProperty({ type: 'integer', description: 'Number of invitations that were sent; a resend counts as none' })
  sent: number;
  @ApiProperty({ type: 'integer', description: 'Number of invitations that were accepted' })
  accepted: number;
  @ApiProperty({ type: 'integer', description: 'Number of times that an invitation expired' })
  expired: number;
}

export class InvitationWeeksView {
  @ApiProperty({
    type: [InvitationWeekView],
    description: 'Every week, oldest first; the last one is the present week',
  })
  items: InvitationWeekView[];
}
