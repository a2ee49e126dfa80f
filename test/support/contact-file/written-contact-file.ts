/** A generated contact file: its format and its rows. `write` derives the entries that the reader must find. */
export interface WrittenFile {
  layout: Layout;
  encoding: Encoding;
  separator: ',' | ';' | '\t';
  lineEnd: '\n' | '\r\n' | '\r';
  quoteAll: boolean;
  endsWithLineEnd: boolean;
  rows: readonly WrittenRow[];
}

export interface WrittenRow {
  kind: keyof typeof CELLS;
  name: string;
  notes: string;
  /** Whether the row has a second address, if the layout has a column for it. */
  second: boolean;
}

export const LAYOUTS = {
  'first column': null,
  'first column, headed': ['Contact', 'Notes', 'Name', 'Second'],
  outlook: ['First Name', 'Notes', 'E-mail Address', 'E-mail Type', 'E-mail 2 Address'],
  'google old': ['Name', 'Notes', 'E-mail 1 - Type', 'E-mail 1 - Value', 'E-mail 2 - Type', 'E-mail 2 - Value'],
  'google new': ['First Name', 'Notes', 'E-mail 1 - Label', 'E-mail 1 - Value', 'E-mail 2 - Label', 'E-mail 2 - Value'],
  german: ['Name', 'Bemerkungen', 'E-Mail-Adresse', 'Straße'],
  french: ['Prénom', 'Remarques', 'Courriel', 'Ville'],
} as const;
export type Layout = keyof typeof LAYOUTS;
export const ENCODINGS = [
  'utf-8',
  'utf-8 marked',
  'utf-16le',
  'utf-16le marked',
  'utf-16be',
  'utf-16be marked',
  'windows-1252',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Contents of a cell for addresses, and the addresses in each. `bad` is the reason why there is none. */
export const CELLS = {
  plain: (n: number) => ({ cell: address(n), gives: [address(n)] }),
  padded: (n: number) => ({ cell: `  ${address(n)} `, gives: [address(n)] }),
  shouted: (n: number) => ({ cell: address(n).toUpperCase(), gives: [address(n).toUpperCase()] }),
  international: (n: number) => ({ cell: `jürgen${n}@köln.example`, gives: [`jürgen${n}@köln.example`] }),
  named: (n: number) => ({ cell: `Ada <${address(n)}>`, gives: [address(n)] }),
  'named with a comma': (n: number) => ({ cell: `"Byron, Ada" <${address(n)}>`, gives: [address(n)], asItIs: true }),
  'named in quotes': (n: number) => ({ cell: `"Byron, Ada" <${address(n)}>`, gives: [address(n)] }),
  two: (n: number) => ({ cell: `${address(n)}; ${address(n + 1)}`, gives: [address(n), address(n + 1)] }),
  "google's two": (n: number) => ({ cell: `${address(n)} ::: ${address(n + 1)}`, gives: [address(n), address(n + 1)] }),
  'two lines': (n: number) => ({ cell: `${address(n)}\n${address(n + 1)}`, gives: [address(n), address(n + 1)] }),
  none: () => ({ cell: 'ask at the desk', gives: [], bad: 'no-address' }),
  invalid: () => ({ cell: 'ada@clinic', gives: [], bad: 'invalid-address' }),
  'named without brackets': (n: number) => ({ cell: `Ada Byron\u00a0${address(n)}`, gives: [address(n)] }),
  guess: () => ({ cell: 'byron@clinic.example ada', gives: [], bad: 'invalid-address' }),
  empty: () => ({ cell: '', gives: [], bad: 'no-address' }),
  blank: () => ({ cell: null, gives: [] }),
} satisfies Record<string, (n: number) => { cell: string | null; gives: string[]; bad?: string; asItIs?: true }>;

function address(n: number): string {
  return `person-${n}@clinic.example`;
}

/** The bytes of a file, and the entries that the reader must find: `2 ada@clinic.example`, `3 no-address`. */
export function write(file: WrittenFile): { bytes: Buffer; gives: string[] } {
  const header = LAYOUTS[file.layout];
  const lines: string[] = header ? [header.map((title) => quoted(title, file)).join(file.separator)] : [];
  const gives: string[] = [];
  let line = header ? 2 : 1;
  for (const [n, row] of file.rows.entries()) {
    const { text, addresses, bad } = writeRow(row, 2 * n, file);
    gives.push(
      ...addresses.map((email) => `${line} ${email}`),
      ...(bad && addresses.length === 0 ? [`${line} ${bad}`] : []),
    );
    lines.push(text);
    line += text.split('\n').length;
  }
  const text = lines.join('\n') + (file.endsWithLineEnd ? '\n' : '');
  return { bytes: encoded(text.replaceAll('\n', file.lineEnd), file.encoding), gives };
}

function writeRow(
  { kind, name, notes, second }: WrittenRow,
  n: number,
  file: WrittenFile,
): { text: string; addresses: string[]; bad?: string } {
  const made: { cell: string | null; gives: string[]; bad?: string; asItIs?: true } = CELLS[kind](n);
  if (made.cell === null) return { text: '', addresses: [] };
  const header = LAYOUTS[file.layout];
  const main = made.asItIs && !file.quoteAll ? made.cell : quoted(made.cell, file);
  if (!header)
    return {
      text: [main, quoted(name, file)].join(file.separator),
      addresses: made.gives,
      ...(made.bad ? { bad: made.bad } : {}),
    };
  const emails = header.flatMap((title, column) =>
    /mail(?!.*(type|label))|courriel|contact/i.test(title) ? [column] : [],
  );
  const cells = header.map((_, column) => quoted(column === 1 ? notes : column === 0 ? name : 'x', file));
  cells[emails[0]!] = main;
  const extra = second && emails[1] !== undefined ? [`second-${n}@home.example`] : [];
  if (emails[1] !== undefined) cells[emails[1]] = quoted(extra[0] ?? '', file);
  return {
    text: cells.join(file.separator),
    addresses: [...made.gives, ...extra],
    ...(made.bad ? { bad: made.bad } : {}),
  };
}

function quoted(cell: string, { quoteAll, separator }: WrittenFile): string {
  return quoteAll || cell.includes(separator) || /["\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function encoded(text: string, encoding: Encoding): Buffer {
  const marked = encoding.endsWith('marked') ? `\uFEFF${text}` : text;
  if (encoding === 'windows-1252') return Buffer.from(text.replaceAll('€', '\x80').replaceAll('’', '\x92'), 'latin1');
  if (encoding.startsWith('utf-8')) return Buffer.from(marked);
  const little = Buffer.from(marked, 'utf16le');
  return encoding.startsWith('utf-16be') ? little.swap16() : little;
}
