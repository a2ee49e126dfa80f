import { pipeline, Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';
import { RuleBroken } from '../../../../shared/problems/problem-codes.js';
import { MAX_CELL, MAX_ROW, MAX_ROWS, notAContactFile } from './contact-file-limits.js';
import { yieldToEventLoop } from '../../../../shared/resilience/event-loop.js';
import { isSeparatorHint, separatorOf } from './separator.js';

export interface ContactRow {
  /** The line where the row starts, counted from 1 as an editor shows it. */
  line: number;
  cells: readonly string[];
  /** As it stands in the file. */
  text: string;
  /** Whether the row's quotation marks don't match. Then its cells hold them as plain characters. */
  broken: boolean;
}

/** The parser reads one slice in a few milliseconds. */
const SLICE_BYTES = 8 * 1024;
const SAMPLE = 4096;

/**
 * The rows of a file without blank ones.
 * @param text blocks of whole lines that end with LF
 * @throws RuleBroken `not-a-contact-file`, `too-many-rows`
 */
export async function* contactRows(text: AsyncGenerator<string>): AsyncGenerator<ContactRow> {
  const start = await startOf(text);
  const separator = separatorOf(start);
  const unclosed: string[] = [];
  const parser = parse({
    delimiter: separator,
    record_delimiter: '\n',
    relax_column_count: true,
    max_record_size: MAX_ROW,
    relax_quotes: true,
    raw: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined, raw: string | undefined) => {
      if (error?.code !== 'CSV_QUOTE_NOT_CLOSED')
        throw notAContactFile('has a row without end, perhaps after a lone quotation mark');
      unclosed.push(raw ?? '');
      return undefined;
    },
  });
  // The callback ignores errors, because the loop below gets them from the parser.
  pipeline(Readable.from(slicesOf(start, text), { objectMode: false }), parser, () => undefined);
  const yieldIfDue = yieldToEventLoop();
  let line = 1;
  let blank = 0;
  for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
    await yieldIfDue();
    if (isBlank(record)) blank += 1;
    else if (line > 1 || !isSeparatorHint(raw)) yield* rowsOf(line, record, raw, separator);
    if (blank > MAX_ROWS) throw new RuleBroken('too-many-rows');
    line += lineBreaksIn(raw);
  }
  for (const raw of unclosed) yield* withoutQuotes(line, raw, separator);
}

async function startOf(text: AsyncGenerator<string>): Promise<string> {
  let start = '';
  while (start.length < SAMPLE) {
    const next = await text.next();
    if (next.done === true) break;
    start += next.value;
  }
  return start;
}

/** Gives the parser one slice at a time and yields to the event loop between them, because the parser reads ahead. */
async function* slicesOf(start: string, text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const yieldIfDue = yieldToEventLoop();
  for await (const block of joined(start, text)) {
    for (const slice of inSlices(block)) {
      await yieldIfDue();
      yield slice;
    }
  }
}

async function* joined(start: string, text: AsyncIterable<string>): AsyncGenerator<string> {
  yield start;
  yield* text;
}

function* inSlices(block: string): Generator<Buffer> {
  const bytes = Buffer.from(block);
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

function* rowsOf(line: number, cells: string[], raw: string, separator: string): Generator<ContactRow> {
  if (cells.some((cell) => cell.length > MAX_CELL))
    throw notAContactFile(`line ${String(line)} has a cell of more than ${String(MAX_CELL)} characters`);
  if (ranOn(cells, raw)) yield* withoutQuotes(line, raw, separator);
  else yield { line, cells, text: raw.replace(/\n$/, ''), broken: false };
}

/**
 * Whether the parser took lines into a cell because of a lone quotation mark. A correct cell doubles its inner marks.
 * Reads the row once.
 */
function ranOn(cells: readonly string[], raw: string): boolean {
  let from = 0;
  for (const cell of cells) {
    if (!cell.startsWith('"') || !cell.includes('\n')) continue;
    const quoted = `"${cell.replaceAll('"', '""')}"`;
    const at = raw.indexOf(quoted, from);
    if (at === -1) return true;
    from = at + quoted.length;
  }
  return false;
}

function* withoutQuotes(firstLine: number, raw: string, separator: string): Generator<ContactRow> {
  for (const [n, text] of raw.replace(/\n$/, '').split('\n').entries()) {
    const cells = text.split(separator);
    if (!isBlank(cells)) yield { line: firstLine + n, cells, text, broken: true };
  }
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

function lineBreaksIn(text: string): number {
  let breaks = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
