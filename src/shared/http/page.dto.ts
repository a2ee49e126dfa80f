import { Paragraphs, WholeNumber } from './fields.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './pagination.js';

/** Query of every list. */
export class PageDto {
  @WholeNumber({ description: 'Items on a page', min: 1, max: MAX_LIMIT, optional: true, example: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
  @Paragraphs({ description: '`nextCursor` of the page before', max: 1000, optional: true })
  cursor?: string;
}
