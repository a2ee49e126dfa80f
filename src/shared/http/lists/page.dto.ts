import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { MultilineField, IntegerField } from '../fields.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './pagination.js';

/** Longer than a cursor with the longest name in the widest letters. */
const MAX_CURSOR = 8000;

/** The query parameters of every list. */
export class PageDto {
  @IntegerField({ description: 'Items on a page', min: 1, max: MAX_LIMIT, optional: true, example: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
  @MultilineField({ description: '`nextCursor` of the page before', max: MAX_CURSOR, optional: true })
  cursor?: string;
}

/** Makes the page class of a list for OpenAPI: `class OrderPage extends pageOf(OrderView) {}`. */
export function pageOf<Item>(item: Type<Item>) {
  class Page {
    @ApiProperty({ type: [item] })
    items: Item[];
    @ApiProperty({ type: String, nullable: true, description: '`cursor` of the next page; null on the last' })
    nextCursor: string | null;
  }
  return Page;
}
