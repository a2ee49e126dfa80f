import { MultilineField } from './fields.js';

/** A limit of this product, meant for a sentence or two. */
export const MAX_REASON = 1000;

export class ReasonDto {
  @MultilineField({ description: 'Why, for the history', max: MAX_REASON, optional: true })
  reason?: string;
}
