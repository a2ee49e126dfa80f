/** One row of a file, and the entries that a preview gives for it. */
interface Row {
  /** The cells. Null stands for a blank line. */
  cells: readonly string[] | null;
  /** The addresses as written, each with the outcome of inviting it. */
  gives?: readonly (readonly [email: string, outcome: string])[];
  problem?: 'no-address' | 'invalid-address';
}

export interface LongContactFile {
  /** The file as text with this separator. Lines end with CRLF. */
  text(separator: string): string;
  /** The number of rows below the header, blank rows included. */
  rows: number;
  recipients: { line: number; email: string; outcome: string }[];
  problems: { line: number; reason: string }[];
}

const HEADER = ['Name', 'Notes', 'E-mail Address', 'E-mail 2 Address'];
const BLOCKS = 100;

/** A file that repeats the faults of the samples in fixtures/csv. In every 20 rows, 4 give 5 new addresses. */
export function longContactFile(known: { pending: string; member: string; own: string }): LongContactFile {
  const rows = Array.from({ length: BLOCKS }, (_, n) => block(n, known)).flat();
  const recipients = [];
  const problems = [];
  let line = 2;
  for (const { cells, gives = [], problem } of rows) {
    recipients.push(...gives.map(([email, outcome]) => ({ line, email, outcome })));
    if (problem) problems.push({ line, reason: problem });
    line += (cells ?? []).join('').split('\n').length;
  }
  const quoted = (cell: string, separator: string) =>
    cell.includes(separator) || /["\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return {
    text: (separator) =>
      [HEADER, ...rows.map(({ cells }) => cells ?? [])]
        .map((cells) => cells.map((cell) => quoted(cell, separator)).join(separator))
        .join('\n')
        .replaceAll('\n', '\r\n'),
    rows: rows.length,
    recipients,
    problems,
  };
}

function block(n: number, { pending, member, own }: { pending: string; member: string; own: string }): Row[] {
  const [ada, bea, cem, dag, jo] = ['ada', 'bea', 'cem', 'dag']
    .map((name) => `${name}-${String(n)}@clinic.example`)
    .concat(`jürgen-${String(n)}@köln.example`) as [string, string, string, string, string];
  const again = (email: string) => [email, 'duplicate-in-request'] as const;
  const fresh = (email: string) => [email, 'invited'] as const;
  /** The outcome of a known address. Later rows with it are duplicates. */
  const once = (email: string, outcome: string) => (n === 0 ? ([email, outcome] as const) : again(email));
  return [
    { cells: ['Ada', '', ada, ''], gives: [fresh(ada)] },
    { cells: ['Byron, Bea', 'a comma in the name', `"Byron, Bea" <${bea}>`, ''], gives: [fresh(bea)] },
    { cells: ['Cem and Dag', 'two in one cell', `${cem}; ${dag}`, ''], gives: [fresh(cem), fresh(dag)] },
    { cells: ['Jürgen', 'internationalised', jo, ''], gives: [fresh(jo)] },
    { cells: ['Ada', 'by case', ada.toUpperCase(), ''], gives: [again(ada.toUpperCase())] },
    { cells: ['Ada', 'blanks around', `  ${ada}  `, ''], gives: [again(ada)] },
    { cells: ['Cem and Dag', "Google's two", `${cem} ::: ${dag}`, ''], gives: [again(cem), again(dag)] },
    { cells: ['Ada', 'two columns', ada, bea], gives: [again(ada), again(bea)] },
    { cells: ['Bea', 'two lines\nof notes', bea, ''], gives: [again(bea)] },
    { cells: ['Pending', '', pending, ''], gives: [once(pending, 'already-pending')] },
    { cells: ['Member', '', member, ''], gives: [once(member, 'already-member')] },
    { cells: ['Myself', '', own, ''], gives: [once(own, 'not-allowed')] },
    { cells: ['No', 'a contact without an address', '', ''], problem: 'no-address' },
    { cells: ['No', '', 'ask at the desk', ''], problem: 'no-address' },
    { cells: ['No', 'no domain', 'ada@clinic', ''], problem: 'invalid-address' },
    { cells: ['No', 'nobody knows who', `${ada} ada`, ''], problem: 'invalid-address' },
    { cells: ['No', 'a formula', '=HYPERLINK("http://x.example","x")@clinic.example', ''], problem: 'invalid-address' },
    { cells: ['Twice no', '', 'not@an@address', 'nor this one'], problem: 'invalid-address' },
    { cells: null },
    { cells: ['', '', '', ''] },
  ];
}
