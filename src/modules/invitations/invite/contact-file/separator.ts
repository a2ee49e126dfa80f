import { parse } from 'csv-parse/sync';

/** The characters that text holds least often come first. */
const SEPARATORS = ['\t', '|', ';', ','] as const;
/** Text holds this one now and then, so it separates only when every row has it. */
const IN_EVERY_ROW = '|';
/** No text holds this character, so the file has one column, whose cells may hold commas. */
const NONE = '\u001F';
const ROWS_LOOKED_AT = 20;
const CHARACTERS_LOOKED_AT = 16 * 1024;
/** Excel's own first line. */
const HINT = /^"?sep=[,;|\t]"?\n/i;

/** The character that separates a file's cells, by its first rows. @param start text of whole lines */
export function separatorOf(start: string): string {
  const sample = start.slice(0, CHARACTERS_LOOKED_AT);
  let best: { separator: string; score: number } = { separator: NONE, score: 0 };
  for (const separator of SEPARATORS) {
    const score = scoreOf(sample, separator);
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

/** Whether a file's first line only names the separator. */
export function isSeparatorHint(line: string): boolean {
  return HINT.test(line);
}

/** How many cells the separator makes of the first row, and in how many rows the same number. */
function scoreOf(sample: string, separator: string): number {
  const rows = parse(sample, {
    delimiter: separator,
    record_delimiter: '\n',
    relax_quotes: true,
    relax_column_count: true,
    skip_records_with_error: true,
    to: ROWS_LOOKED_AT,
  }).filter((cells) => cells.some((cell) => cell.trim() !== ''));
  // The last row may be cut off.
  const whole = sample.length === CHARACTERS_LOOKED_AT ? rows.slice(0, -1) : rows;
  if (separator === IN_EVERY_ROW && whole.some((row) => row.length === 1)) return 0;
  const cells = rows[0]?.length ?? 1;
  return (cells - 1) * (rows.filter((row) => row.length === cells).length / rows.length);
}
