/** These characters are invisible, and pasted texts carry them at their ends. */
const BLANK = /[\s\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
/** Most addresses are typed without anything around them, so nothing has to be removed. */
const PLAIN_END = /[a-z0-9]/i;
const QUOTE = /\p{Quotation_Mark}/u;

/**
 * Returns the address in a pasted text, without blanks and pairs of quotation marks around it. In `Name <a@b>` and `Ann
 * (a@b)` it is in the brackets.
 * Returns null when another address stands beside it, because either could be meant.
 */
export function bareAddress(text: string): string | null {
  if (PLAIN_END.test(text.charAt(0)) && PLAIN_END.test(text.charAt(text.length - 1))) return text;
  const bare = unwrapped(text);
  const opening = { '>': '<', ')': '(' }[bare.at(-1) ?? ''];
  const open = opening === undefined ? -1 : bare.lastIndexOf(opening);
  if (open === -1) return bare;
  const inside = unwrapped(bare.slice(open + 1, -1));
  const name = bare.slice(0, open);
  return name.includes('@') && unwrapped(name).toLowerCase() !== inside.toLowerCase() ? null : inside;
}

/** Removes blanks and pairs of quotation marks around a text. Looks at each character once. */
function unwrapped(text: string): string {
  let start = 0;
  let end = text.length;
  for (;;) {
    start = inkFrom(text, start, end);
    end = inkUntil(text, start, end);
    if (end - start < 2 || !QUOTE.test(text.charAt(start)) || !QUOTE.test(text.charAt(end - 1)))
      return text.slice(start, end);
    start += 1;
    end -= 1;
  }
}

function inkFrom(text: string, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (!BLANK.test(character)) break;
    at += character.length;
  }
  return at;
}

function inkUntil(text: string, start: number, end: number): number {
  let at = end;
  while (at > start) {
    // The second half of a surrogate pair alone can't be classified.
    const isPair = at - start > 1 && /[\uDC00-\uDFFF]/.test(text.charAt(at - 1));
    const before = at - (isPair ? 2 : 1);
    if (!BLANK.test(text.slice(before, at))) break;
    at = before;
  }
  return at;
}
