import { yieldToEventLoop } from '../../../../shared/resilience/event-loop.js';
import { addressesIn } from './addresses-in-cell.js';

const MAX_TITLE = 200;
/** Words of many languages for e-mail, without accents and hyphens. */
const EMAIL_WORD =
  /^(?!voice)[a-z]*e?mail(?:s|id|ad+res+[a-z]*)?$|^courriels?$|^correos?$|^messagerie$|^epost[a-z]*$|^sahkoposti[a-z]*$|^pec$/;
/** Words of columns that describe an address: Outlook's and Google's type, label and display name. */
const ABOUT_WORD =
  /^(?:types?|typ|tipo|labels?|bezeichnung|libelle|etiqueta|etichetta|display|displayname|anzeigename|angezeigter|complet|status|verified|date)$/;

/**
 * Words for other people whose addresses a row may hold: managers, assistants, emergency contacts, recovery addresses.
 */
const OTHERS_WORD = new RegExp(
  '^(?:' +
    [
      'manager',
      'supervisor',
      'vorgesetzt',
      'fuhrungskraft',
      'superieur',
      'assistant',
      'assistent',
      'assistenz',
      'asistente',
    ].join('|') +
    '|' +
    [
      'emergency',
      'notfall',
      'urgence',
      'emergencia',
      'emergenza',
      'recovery',
      'wiederherstell',
      'recuperation',
      'recuperacion',
      'recupero',
    ].join('|') +
    ')',
);

/** A column that is not read, because it holds addresses of people other than the row's person. */
export interface LeftOutColumn {
  /** Counted from 1. */
  column: number;
  /** Its header, cut to 200 characters. */
  title: string;
}

/**
 * Columns of other people, by their header. None if every titled column is one, because the file is then a list of
 * them. Yields to the event loop as `emailColumns` does.
 */
async function othersColumns(header: readonly string[]): Promise<ReadonlySet<number>> {
  const yieldIfDue = yieldToEventLoop();
  const columns = new Set<number>();
  let titled = 0;
  for (const [column, title] of header.entries()) {
    await yieldIfDue();
    if (title.trim() !== '') titled += 1;
    if (wordsOf(title.slice(0, MAX_TITLE)).some((word) => OTHERS_WORD.test(word))) columns.add(column);
  }
  return columns.size < titled ? columns : new Set();
}

/**
 * The columns whose header names e-mail addresses, in their order. Yields to the event loop, because a header may have
 * a hundred thousand columns.
 */
async function emailColumns(header: readonly string[]): Promise<number[]> {
  const yieldIfDue = yieldToEventLoop();
  const columns: number[] = [];
  for (const [column, title] of header.entries()) {
    await yieldIfDue();
    if (readsLikeEmail(title)) columns.push(column);
  }
  return columns;
}

function readsLikeEmail(title: string): boolean {
  const words = wordsOf(title.slice(0, MAX_TITLE));
  return words.some((word) => EMAIL_WORD.test(word)) && !words.some((word) => ABOUT_WORD.test(word));
}

/** `E-Mail-Adresse (Büro)` → email, adresse, buro. */
function wordsOf(title: string): string[] {
  return title
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/\be[-_. \u2010-\u2015]?(mail|post)/g, 'e$1')
    .split(/[^\p{L}]+/u)
    .filter(Boolean);
}

/** Enough rows to tell which column holds the addresses. */
export const ROWS_LOOKED_AT = 20;
/**
 * Address books have fewer columns, and fewer addresses in a cell. The search for the address column ignores the rest.
 */
const COLUMNS_LOOKED_AT = 500;
const ADDRESSES_LOOKED_AT = 10;

/**
 * Selects the cells of a row that hold its addresses. A header that names e-mail columns decides. Otherwise the first
 * column is read, or the first that holds addresses in the first rows. A row with nothing but addresses is read whole.
 * Columns of other people are left out.
 */
export class AddressCells {
  private readonly seen = new Set<number>();

  private constructor(
    private readonly header: readonly string[],
    private readonly others: ReadonlySet<number>,
    private readonly named: readonly number[],
    private readonly column: number,
  ) {}

  /** @param header cells of the header, if there is one @param rows the first rows after it */
  static async of(header: readonly string[], rows: readonly (readonly string[])[]): Promise<AddressCells> {
    const others = await othersColumns(header);
    const named = (await emailColumns(header)).filter((column) => !others.has(column));
    return new AddressCells(
      header,
      others,
      named,
      await addressColumn(rows.slice(0, ROWS_LOOKED_AT).map((cells) => without(cells, others))),
    );
  }

  in(row: readonly string[]): string[] {
    for (const column of this.others) if (row[column]?.includes('@')) this.seen.add(column);
    if (this.named.length > 0) return this.named.flatMap((column) => row[column] ?? []);
    const cells = without(row, this.others);
    const filled = cells.filter((cell) => cell.trim() !== '');
    return filled.every((cell) => cell.includes('@')) ? filled : [cells[this.column] ?? ''];
  }

  /** Left-out columns that held addresses in the rows read so far. */
  get leftOut(): LeftOutColumn[] {
    return [...this.seen]
      .sort((one, other) => one - other)
      .map((column) => ({ column: column + 1, title: (this.header[column] ?? '').trim().slice(0, MAX_TITLE) }));
  }
}

function without(cells: readonly string[], others: ReadonlySet<number>): readonly string[] {
  return others.size === 0 ? cells : cells.map((cell, column) => (others.has(column) ? '' : cell));
}

async function addressColumn(rows: readonly (readonly string[])[]): Promise<number> {
  const counts: number[] = [];
  const yieldIfDue = yieldToEventLoop();
  for (const cells of rows) {
    for (const [column, cell] of cells.slice(0, COLUMNS_LOOKED_AT).entries()) {
      await yieldIfDue();
      counts[column] = (counts[column] ?? 0) + (holdsAddress(cell) ? 1 : 0);
    }
  }
  if (counts[0]) return 0;
  // The column needs half as many addresses as the fullest one, because notes sometimes mention an address.
  const enough = counts.reduce((most, count) => Math.max(most, count), 1) / 2;
  return Math.max(
    0,
    counts.findIndex((count) => count >= enough),
  );
}

function holdsAddress(cell: string): boolean {
  let looked = 0;
  for (const { address } of addressesIn(cell)) {
    if (address) return true;
    looked += 1;
    if (looked === ADDRESSES_LOOKED_AT) break;
  }
  return false;
}
