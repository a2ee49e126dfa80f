/** A Markdown table in the form of the documents, whose empty cells are one space wide. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return ['', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** The cells of a Markdown table, without its head. */
export function cellsOf(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
