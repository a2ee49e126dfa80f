import { MultilineField } from './fields.js';

/** Maximum length of a reason, which is a sentence or two. */
export const MAX_REASON = 1000;

export class ReasonDto {
  @MultilineField({
    description: 'Reason, kept in the history',
    example: 'Moved to another site',
    max: MAX_REASON,
    optional: true,
  })
  reason?: string;
}
