import { MAX_TYPED, readAddress, type EmailAddress } from '../../../../shared/mail/email-address.js';

export interface WrittenAddress {
  /** As it stands in the cell, without name and brackets. */
  email: string;
  /** Null when the text only looks like an address. */
  address: EmailAddress | null;
}

/** What separates several addresses in one cell; ` ::: ` is Google's. */
const BETWEEN = /[,;\t\n]|:::/;
const IN_BRACKETS = /<([^<>]*)>/g;
/** What a list or a sentence puts around an address, also on one side alone. */
const BEFORE = /^(?:mailto:|['"([\s\p{Cf}])+/iu;
const BEHIND = /['")\].\s\p{Cf}]/u;

/**
 * Everything in a cell that has an `@`: `a@b.org`, `Name <a@b.org>`, several of them. Lazy, because a cell may hold
 * thousands.
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

/** Goes back from the end character by character, because a pattern would start again at each one. */
function without(written: string): string {
  const text = written.replace(BEFORE, '');
  let end = text.length;
  while (end > 0 && BEHIND.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/**
 * When every word has an `@`, each is an address. When only the last has one, the words before it are a name. Anything
 * else is ambiguous and stays whole.
 */
function writtenIn(piece: string): string[] {
  const bracketed = [...piece.matchAll(IN_BRACKETS)].flatMap(([, inside]) => (inside?.includes('@') ? [inside] : []));
  if (bracketed.length > 0) return bracketed;
  const words = piece.trim().split(/\s+/);
  const first = words.findIndex((word) => word.includes('@'));
  if (first === words.length - 1) return words.slice(first);
  return words.every((word) => word.includes('@')) ? words : [piece];
}
