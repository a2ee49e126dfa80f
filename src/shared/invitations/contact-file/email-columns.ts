/** Words of many languages for e-mail, without accents and hyphens. */
const EMAIL_WORD = /^(?!voice)[a-z]*e?mail(?:s|id|ad+res+[a-z]*)?$|^courriels?$|^correos?$|^messagerie$|^epost[a-z]*$|^sahkoposti[a-z]*$|^pec$/;
/** Columns about an address, not of addresses: Outlook's and Google's type, label and display name. */
const ABOUT_WORD = /^(?:types?|typ|tipo|labels?|bezeichnung|libelle|etiqueta|etichetta|display|displayname|anzeigename|angezeigter|complet|status|verified|date)$/;

/** The columns whose header reads like one of e-mail addresses, in their order. Source: DOMAIN §5 */
export function emailColumns(header: readonly string[]): number[] {
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

/**
 * Which cells of a row hold its addresses. With a header that names e-mail columns: those. Without: the first column that
 * held an address; a row of nothing but addresses is a list of them.
 */
export class AddressCells {
  private column: number | null = null;

  constructor(private readonly named: readonly number[]) {}

  of(cells: readonly string[]): string[] {
    if (this.named.length > 0) return this.named.flatMap((column) => cells[column] ?? []);
    const filled = cells.filter((cell) => cell.trim() !== '');
    if (this.column === null) {
      const found = cells.findIndex((cell) => cell.includes('@'));
      this.column = found === -1 ? null : found;
    }
    if (filled.every((cell) => cell.includes('@'))) return filled;
    return [cells[this.column ?? 0] ?? ''];
  }
}
