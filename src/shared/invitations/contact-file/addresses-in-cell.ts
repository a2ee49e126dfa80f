import { MAX_TYPED, normaliseEmail, type EmailAddress } from '../../privacy/email-address.js';

export interface WrittenAddress {
  /** As it stands in the cell, without name and brackets. */
  email: string;
  /** Null when it only looks like one. */
  address: EmailAddress | null;
}

/** What stands between several addresses in one cell; ` ::: ` is Google's. */
const BETWEEN = /[,;\t\n]|:::/;
const IN_BRACKETS = /<([^<>]*)>/g;
const AROUND = /^(?:mailto:|['"([\s\p{Cf}])+|['")\].\s\p{Cf}]+$/giu;

/** Everything in a cell that has an `@`: `a@b.org`, `Name <a@b.org>`, several of them. Lazy: a cell may hold thousands. */
export function* addressesIn(cell: string): Generator<WrittenAddress> {
  if (!cell.includes('@')) return;
  const whole = read(cell);
  if (whole.address) {
    yield whole;
    return;
  }
  for (const piece of cell.split(BETWEEN)) {
    if (piece.includes('@')) for (const written of writtenIn(piece)) yield read(written);
  }
}

function read(written: string): WrittenAddress {
  if (written.length > MAX_TYPED) return { email: written, address: null };
  const email = written.replace(AROUND, '');
  return { email, address: normaliseEmail(email) };
}

/** Of `john doe@b.org` nobody knows whose address is meant: only words that all have an `@` are several addresses. */
function writtenIn(piece: string): string[] {
  const bracketed = [...piece.matchAll(IN_BRACKETS)].flatMap(([, inside]) => (inside?.includes('@') ? [inside] : []));
  if (bracketed.length > 0) return bracketed;
  const words = piece.trim().split(/\s+/);
  return words.every((word) => word.includes('@')) ? words : [piece];
}
