/** What can be seen: a letter, digit, punctuation mark or symbol. The empty Braille pattern is a symbol and a blank. */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;
/** Mail programs make links of these. */
const LINK = /:\/\/|www[.\u3002]/;

/** What two names that people take for the same one have in common: no case, no variants of form, and nothing that cannot be seen. */
export function comparableName(name: string): string {
  const folded = name.normalize('NFKC').toLowerCase().normalize('NFKC');
  return folded
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Whether a name has a character that can be seen. */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/** Whether a name holds `://` or `www.`, in any form: names stand in mails, and nobody's mail may carry somebody else's link. */
export function holdsLink(name: string): boolean {
  return LINK.test(comparableName(name));
}
