import { domainToASCII, domainToUnicode } from 'node:url';

/** RFC 1035 §2.3.4, in octets. */
const MAX_LABEL = 63;
const MAX_DOMAIN = 253;
/** A label of small letters, digits and hyphens. */
const LDH = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const TOP_LEVEL = /^(?:[a-z]{2,}|xn--[a-z0-9-]+)$/;

/**
 * The code points that IDNA2008 permits in a label, some only in a context. Source: RFC 5892 §2 and §3.
 * It excludes what a mapping would change (wide forms, ligatures, circled digits), because `toASCII` would map it
 * silently.
 */
const PERMITTED = new RegExp(
  // eslint-disable-next-line no-misleading-character-class -- joiners and marks are listed one by one
  String.raw`^(?:[\-\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007\u200C\u200D\u00B7\u0375\u05F3\u05F4\u30FB]|[[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]--` +
    String.raw`[\p{Changes_When_NFKC_Casefolded}\p{Default_Ignorable_Code_Point}\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B` +
    String.raw`\u20D0-\u20FF\u{1D100}-\u{1D24F}\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]])+$`,
  'v',
);
/** A hyphen at an end, two where a prefix has them, or a mark without a letter before it. Source: RFC 5891 §4.2.3 */
const MISPLACED = /^-|-$|^..--|^\p{M}/u;
/** RFC 5892 appendix A.3 to A.9: each of these characters is only permitted beside certain others. */
const OUT_OF_CONTEXT = [
  /(?<!l)\u00B7|\u00B7(?!l)/u,
  /\u0375(?!\p{Script=Greek})/u,
  /(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u,
  /^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*\u30FB[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$/u,
  /[\u0660-\u0669].*[\u06F0-\u06F9]|[\u06F0-\u06F9].*[\u0660-\u0669]/u,
];
/** Input methods write these in place of letters, digits and full stops. They are read as meant. Source: RFC 5895 §2 */
const WIDE = /[\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A\uFF66-\uFF9F]+/g;
const FULL_STOPS = /[\u3002\uFF0E\uFF61]/g;

/**
 * Returns a domain for mail in punycode; null when it is none. Source: docs/domain.md §2, RFC 5890 to 5895
 * @param typed in small letters and NFC
 */
export function mailDomain(typed: string): string | null {
  const domain = asciiDomain(typed);
  if (domain === null || domain.length > MAX_DOMAIN) return null;
  const lastDot = domain.lastIndexOf('.');
  return lastDot > 0 && TOP_LEVEL.test(domain.slice(lastDot + 1)) ? domain : null;
}

/**
 * Returns the labels in punycode, also of a part of a domain; null when one can't be registered.
 * @param typed in small letters and NFC
 */
export function asciiDomain(typed: string): string | null {
  const labels: string[] = [];
  for (const label of asMeant(typed).split('.')) {
    const ascii = LDH.test(label) ? plainLabel(label) : unicodeLabel(label);
    if (ascii === null || ascii.length > MAX_LABEL) return null;
    labels.push(ascii);
  }
  return labels.join('.');
}

function asMeant(typed: string): string {
  return typed.replace(FULL_STOPS, '.').replace(WIDE, (wide) => wide.normalize('NFKC').toLowerCase());
}

/** Returns an ASCII label, or the punycode of a label that is itself permitted. */
function plainLabel(label: string): string | null {
  if (label.slice(2, 4) !== '--') return label;
  if (!label.startsWith('xn--') || label.length > MAX_LABEL) return null;
  return unicodeLabel(domainToUnicode(label)) === label ? label : null;
}

/** Node checks the rules of the reading direction and of joiners alone, so this function checks the others. */
function unicodeLabel(label: string): string | null {
  if (
    label.length > MAX_LABEL ||
    !PERMITTED.test(label) ||
    MISPLACED.test(label) ||
    OUT_OF_CONTEXT.some((pattern) => pattern.test(label))
  )
    return null;
  const ascii = domainToASCII(label);
  return ascii.startsWith('xn--') && domainToUnicode(ascii) === label ? ascii : null;
}
