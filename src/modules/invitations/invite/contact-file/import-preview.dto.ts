import { ApiProperty } from '@nestjs/swagger';
import { RECIPIENT_OUTCOMES, type RecipientOutcome } from '../recipients.js';
import { DescribedOutcome } from '../grant-view.dto.js';
import { PROBLEM_REASONS, type ProblemReason } from './read-contact-file.js';

class PreviewedRecipient extends DescribedOutcome {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Line of the file where the row starts, counted from 1' })
  line: number;
  @ApiProperty({ type: String, description: 'Address as the file has it, without name and brackets' })
  email: string;
  @ApiProperty({
    type: String,
    enum: RECIPIENT_OUTCOMES.filter((outcome) => outcome !== 'invalid-email'),
    description: 'Outcome of an invitation at this moment',
  })
  outcome: RecipientOutcome;
}

class RowProblem {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Line of the file where the row starts, counted from 1' })
  line: number;
  @ApiProperty({
    type: String,
    maxLength: 200,
    description: 'Text of the cell, or of the row if the cell is empty; up to 200 characters',
  })
  text: string;
  @ApiProperty({
    type: String,
    enum: PROBLEM_REASONS,
    description:
      '`no-address`: the row has no `@`. `invalid-address`: the text with the `@` is not an address. `unreadable-row`: the quotation marks of the row do not match.',
  })
  reason: ProblemReason;
}

class ColumnLeftOut {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Number of the column, counted from 1' })
  column: number;
  @ApiProperty({ type: String, maxLength: 200, description: 'Header of the column' })
  title: string;
}

/** The preview of an import. Source: docs/domain.md §12 */
export class ImportPreviewView {
  @ApiProperty({
    type: [PreviewedRecipient],
    description: 'Every address in the order of the file, including duplicates',
  })
  recipients: PreviewedRecipient[];
  @ApiProperty({ type: [RowProblem], description: 'Every row that gave no valid address' })
  problems: RowProblem[];
  @ApiProperty({
    type: [ColumnLeftOut],
    required: false,
    description:
      'Address columns that were left out, because their headers name others: managers, assistants, emergency contacts, account recovery',
  })
  columnsLeftOut?: ColumnLeftOut[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Number of addresses by outcome',
  })
  summary: Record<RecipientOutcome, number>;
}
