import { RuleBroken } from '../../../../shared/problems/problem-codes.js';
import type { EmailAddress } from '../../../../shared/mail/email-address.js';
import { addressesIn, type WrittenAddress } from './addresses-in-cell.js';
import { MAX_ADDRESSES, MAX_ROWS } from './contact-file-limits.js';
import { contactRows, type ContactRow } from './contact-rows.js';
import { AddressCells, ROWS_LOOKED_AT, type LeftOutColumn } from './email-columns.js';
import { textOf } from './file-text.js';
import { yieldToEventLoop } from '../../../../shared/resilience/event-loop.js';

export const PROBLEM_REASONS = ['no-address', 'invalid-address', 'unreadable-row'] as const;
/** Why a row gave no address: nothing with an `@`; only invalid addresses; its quotation marks don't match. */
export type ProblemReason = (typeof PROBLEM_REASONS)[number];

export interface ContactAddress {
  /** The line where its row starts, counted from 1. */
  line: number;
  /** As it was written, without name and brackets. */
  email: string;
  address: EmailAddress;
}

export interface ContactProblem {
  line: number;
  /** The cell, or the row when the cell is empty; at most 200 characters. */
  text: string;
  reason: ProblemReason;
}

const MAX_TEXT = 200;

/**
 * Reads a contact file as it arrives, yields to the event loop, and holds one row at a time. Yields each address or
 * problem in the file's order. Source: docs/domain.md §12
 * @param leftOut gets, at the end, the columns that were not read because they hold addresses of others
 * @throws RuleBroken `not-a-contact-file`, `too-many-rows`, `invalid-input` for an empty file
 */
export async function* readContactFile(
  bytes: AsyncIterable<Uint8Array>,
  leftOut: LeftOutColumn[] = [],
): AsyncGenerator<ContactAddress | ContactProblem> {
  const yieldIfDue = yieldToEventLoop();
  const rows = contactRows(textOf(bytes));
  const { header, first } = await startOf(rows);
  const addressCells = await AddressCells.of(
    header,
    first.map(({ cells }) => cells),
  );
  const counts = { rows: 0, addresses: 0, refused: 0 };
  for await (const row of joined(first, rows)) {
    await yieldIfDue();
    const before = counts.addresses;
    const cells = addressCells.in(row.cells);
    for (const { email, address } of inAll(cells)) {
      await yieldIfDue();
      if (address) counts.addresses += 1;
      else counts.refused += 1;
      if (Math.max(counts.addresses, counts.refused) > MAX_ADDRESSES) throw new RuleBroken('too-many-rows');
      if (address) yield { line: row.line, email, address };
    }
    if (counts.addresses === before) yield problemOf(row, cells);
    counts.rows += 1;
    if (counts.rows > MAX_ROWS) throw new RuleBroken('too-many-rows');
  }
  leftOut.push(...addressCells.leftOut);
}

/** A first row without `@` is a header. */
async function startOf(rows: AsyncGenerator<ContactRow>): Promise<{ header: readonly string[]; first: ContactRow[] }> {
  const first: ContactRow[] = [];
  while (first.length <= ROWS_LOOKED_AT) {
    const next = await rows.next();
    if (next.done === true) break;
    first.push(next.value);
  }
  const header = first[0] && !first[0].text.includes('@') ? first.shift() : undefined;
  return { header: header?.cells ?? [], first };
}

async function* joined(first: readonly ContactRow[], rest: AsyncGenerator<ContactRow>): AsyncGenerator<ContactRow> {
  yield* first;
  yield* rest;
}

function* inAll(cells: readonly string[]): Generator<WrittenAddress> {
  for (const cell of cells) yield* addressesIn(cell);
}

function problemOf(row: ContactRow, cells: readonly string[]): ContactProblem {
  const written = cells.filter((cell) => cell.trim() !== '').join(' ');
  const reason = row.broken ? 'unreadable-row' : written.includes('@') ? 'invalid-address' : 'no-address';
  return { line: row.line, text: shortened(row.broken || written === '' ? row.text : written), reason };
}

function shortened(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= MAX_TEXT) return trimmed;
  // The cut may leave the first half of a surrogate pair.
  return `${trimmed.slice(0, MAX_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
