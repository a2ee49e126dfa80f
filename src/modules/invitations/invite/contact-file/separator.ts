import { parse } from 'csv-parse/sync';

/** The rarer a character is in text, the earlier it comes. */
const SEPARATORS = ['\t', '|', ';', ','] as const;
/** Text sometimes holds this character, so it is a separator only when every row has it. */
const IN_EVERY_ROW = '|';
/** No text holds this character, so the file has one column, whose cells may hold commas. */
const NONE = '\u001F';
const ROWS_LOOKED_AT = 20;
const CHARACTERS_LOOKED_AT = 16 * 1024;
/** Excel writes this first line to name the separator. */
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

/** Rises with the cells that the separator makes of the first row, and with the share of rows that have as many. */
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
