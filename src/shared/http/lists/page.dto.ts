import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { EnumField, MultilineField, IntegerField } from '../fields.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './pagination.js';
import { MOST_COUNTED } from './totals.js';

/** Longer than any cursor, even one with the longest name in the widest letters. */
const MAX_CURSOR = 8000;

/** The query parameters of every list. */
export class PageDto {
  @IntegerField({ description: 'Most items on a page', min: 1, max: MAX_LIMIT, optional: true, example: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
  @MultilineField({
    description: '`nextCursor` of the previous page; without it, the first page',
    max: MAX_CURSOR,
    optional: true,
  })
  cursor?: string;
}

/** The query parameters of a list that can say how many items it has. */
export class CountedPageDto extends PageDto {
  @EnumField({
    description: `\`true\`: the answer says how many items the list has with these filters, counted up to ${String(MOST_COUNTED)}`,
    of: ['true', 'false'],
    optional: true,
  })
  total?: 'true' | 'false';
}

/** Makes the page class of a list for OpenAPI: `class OrderPage extends pageOf(OrderView) {}`. */
export function pageOf<Item>(item: Type<Item>) {
  class Page {
    @ApiProperty({ type: [item] })
    items: Item[];
    @ApiProperty({ type: String, nullable: true, description: '`cursor` of the next page; null on the last page' })
    nextCursor: string | null;
  }
  return Page;
}

/** As `pageOf`, for a list that takes `total`. */
export function countedPageOf<Item>(item: Type<Item>) {
  class CountedPage extends pageOf(item) {
    @ApiProperty({
      type: 'integer',
      required: false,
      description: `Number of items with these filters that you may see, at most ${String(MOST_COUNTED)}; present when the call asks for it`,
    })
    total?: number;
    @ApiProperty({ type: Boolean, required: false, description: 'Whether there are more items than `total` says' })
    totalIsAtLeast?: boolean;
  }
  return CountedPage;
}
