/**
 * A visible character: a letter, digit, punctuation mark or symbol. The empty Braille pattern is a symbol, but it is
 * blank.
 */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;
/** Mail programs make links of texts with these characters. */
const LINK = /:\/\/|www[.\u3002]/;

/**
 * Returns the form that is equal for names which people take for the same one. It ignores case, variants of form, and
 * invisible characters.
 */
export function comparableName(name: string): string {
  const folded = name.normalize('NFKC').toLowerCase().normalize('NFKC');
  return folded
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Tells whether a name has a visible character. */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/**
 * Tells whether a name holds `://` or `www.` in any form. Names must hold no link, because they stand in mails to other
 * people.
 */
export function holdsLink(name: string): boolean {
  return LINK.test(comparableName(name));
}
