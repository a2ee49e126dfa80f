import { addressesIn } from './addresses-in-cell.js';

/** Words of many languages for e-mail, without accents and hyphens. */
const EMAIL_WORD = /^(?!voice)[a-z]*e?mail(?:s|id|ad+res+[a-z]*)?$|^courriels?$|^correos?$|^messagerie$|^epost[a-z]*$|^sahkoposti[a-z]*$|^pec$/;
/** Columns about an address, not of addresses: Outlook's and Google's type, label and display name. */
const ABOUT_WORD = /^(?:types?|typ|tipo|labels?|bezeichnung|libelle|etiqueta|etichetta|display|displayname|anzeigename|angezeigter|complet|status|verified|date)$/;

/** The columns whose header reads like one of e-mail addresses, in their order. */
function emailColumns(header: readonly string[]): number[] {
  return header.flatMap((title, column) => (readsLikeEmail(title) ? [column] : []));
}

function readsLikeEmail(title: string): boolean {
  const words = wordsOf(title.slice(0, 200));
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

/** Rows enough to see which column holds the addresses. */
export const ROWS_LOOKED_AT = 20;

/**
 * Which cells of a row hold its addresses. With a header that names e-mail columns: those. Without: the first column; if it
 * holds none in the first rows, the first of those that do. A row of nothing but addresses is a list of them.
 */
export class AddressCells {
  private constructor(
    private readonly named: readonly number[],
    private readonly column: number,
  ) {}

  /** @param header cells of the header, if there is one @param rows the first ones behind it */
  static of(header: readonly string[], rows: readonly (readonly string[])[]): AddressCells {
    return new AddressCells(emailColumns(header), addressColumn(rows.slice(0, ROWS_LOOKED_AT)));
  }

  in(cells: readonly string[]): string[] {
    if (this.named.length > 0) return this.named.flatMap((column) => cells[column] ?? []);
    const filled = cells.filter((cell) => cell.trim() !== '');
    return filled.every((cell) => cell.includes('@')) ? filled : [cells[this.column] ?? ''];
  }
}

function addressColumn(rows: readonly (readonly string[])[]): number {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  const counts = Array.from({ length: width }, (_, column) => rows.filter((cells) => holdsAddress(cells[column] ?? '')).length);
  if (counts[0]) return 0;
  // Notes mention an address now and then.
  const enough = Math.max(1, ...counts) / 2;
  return Math.max(0, counts.findIndex((count) => count >= enough));
}

function holdsAddress(cell: string): boolean {
  for (const { address } of addressesIn(cell)) if (address) return true;
  return false;
}
