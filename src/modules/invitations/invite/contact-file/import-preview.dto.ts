import { ApiProperty } from '@nestjs/swagger';
import { RECIPIENT_OUTCOMES, type RecipientOutcome } from '../recipients.js';
import { DescribedOutcome } from '../described-outcome.dto.js';
import { PROBLEM_REASONS, type ProblemReason } from './read-contact-file.js';

class PreviewedRecipient extends DescribedOutcome {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Line of the file where the row starts, counted from 1' })
  line: number;
  @ApiProperty({ type: String, description: 'As it was written, without name and brackets' })
  email: string;
  @ApiProperty({
    type: String,
    enum: RECIPIENT_OUTCOMES.filter((outcome) => outcome !== 'invalid-email'),
    description: 'What inviting it now would come to',
  })
  outcome: RecipientOutcome;
}

class RowProblem {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Line of the file where the row starts, counted from 1' })
  line: number;
  @ApiProperty({
    type: String,
    maxLength: 200,
    description: 'The cell, or the row when the cell is empty; cut to 200 characters',
  })
  text: string;
  @ApiProperty({
    type: String,
    enum: PROBLEM_REASONS,
    description:
      "`no-address`: nothing with an `@`; `invalid-address`: what has one is no address; `unreadable-row`: the row's quotation marks don't match",
  })
  reason: ProblemReason;
}

class ColumnLeftOut {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Counted from 1' })
  column: number;
  @ApiProperty({ type: String, maxLength: 200, description: 'Its header' })
  title: string;
}

/** The preview of an import. Source: docs/domain.md §12 */
export class ImportPreviewView {
  @ApiProperty({ type: [PreviewedRecipient], description: "Every address, in the file's order; duplicates too" })
  recipients: PreviewedRecipient[];
  @ApiProperty({ type: [RowProblem], description: 'Every row that gave no valid address' })
  problems: RowProblem[];
  @ApiProperty({
    type: [ColumnLeftOut],
    required: false,
    description:
      'Columns with addresses that were not read, because their headers name others: managers, assistants, emergency contacts, addresses to recover an account by',
  })
  columnsLeftOut?: ColumnLeftOut[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'How many addresses came to each outcome',
  })
  summary: Record<RecipientOutcome, number>;
}
