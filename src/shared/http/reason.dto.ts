import { MultilineField } from './fields.js';

/** Source of the limit: ours; a sentence or two is meant. */
export const MAX_REASON = 1000;

export class ReasonDto {
  @MultilineField({ description: 'Why, for the history', max: MAX_REASON, optional: true })
  reason?: string;
}
