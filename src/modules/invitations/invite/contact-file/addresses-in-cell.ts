import { MAX_TYPED, readAddress, type EmailAddress } from '../../../../shared/mail/email-address.js';

export interface WrittenAddress {
  /** As it stands in the cell, without name and brackets. */
  email: string;
  /** Null when the text only looks like an address. */
  address: EmailAddress | null;
}

/** Separators of several addresses in one cell. Google Contacts writes ` ::: `. */
const BETWEEN = /[,;\t\n]|:::/;
const IN_BRACKETS = /<([^<>]*)>/g;
/** Characters that a list or a sentence puts before an address, after it, or on both sides. */
const BEFORE = /^(?:mailto:|['"([\s\p{Cf}])+/iu;
const BEHIND = /['")\].\s\p{Cf}]/u;

/**
 * Yields each text in a cell that has an `@`: `a@b.org`, `Name <a@b.org>`, or several of them. It is lazy, because a
 * cell may hold thousands.
 */
export function* addressesIn(cell: string): Generator<WrittenAddress> {
  if (!cell.includes('@')) return;
  const whole = read(cell);
  if (whole.address) {
    yield whole;
    return;
  }
  for (const piece of cell.split(BETWEEN)) {
    if (piece.includes('@')) yield* inPiece(piece);
  }
}

function* inPiece(piece: string): Generator<WrittenAddress> {
  const whole = read(piece);
  if (whole.address) {
    yield whole;
    return;
  }
  for (const written of writtenIn(piece)) yield written === piece ? whole : read(written);
}

function read(written: string): WrittenAddress {
  if (written.length > MAX_TYPED) return { email: written, address: null };
  const email = without(written);
  const found = readAddress(email) ?? (email === written ? null : readAddress(written));
  return found ? { email: found.written, address: found.address } : { email, address: null };
}

/** Shortens the text character by character, because a regular expression would try again from each character. */
function without(written: string): string {
  const text = written.replace(BEFORE, '');
  let end = text.length;
  while (end > 0 && BEHIND.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/**
 * When every word has an `@`, each is an address. When only the last has one, the words before it are a name. Any other
 * text is ambiguous and stays whole.
 */
function writtenIn(piece: string): string[] {
  const bracketed = [...piece.matchAll(IN_BRACKETS)].flatMap(([, inside]) => (inside?.includes('@') ? [inside] : []));
  if (bracketed.length > 0) return bracketed;
  const words = piece.trim().split(/\s+/);
  const first = words.findIndex((word) => word.includes('@'));
  if (first === words.length - 1) return words.slice(first);
  return words.every((word) => word.includes('@')) ? words : [piece];
}
