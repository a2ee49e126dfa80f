/** Characters with which a spreadsheet begins a formula. */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * Writes rows as CSV (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe, because
 * the spreadsheet then shows it as text.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
