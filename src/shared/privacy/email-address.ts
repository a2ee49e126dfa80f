import { domainToASCII } from 'node:url';
import { isEmail } from 'class-validator';

declare const normalised: unique symbol;
/** An address in the one form that is compared and stored: trimmed, lower case, NFC, domain in punycode. */
export type EmailAddress = string & { readonly [normalised]: true };

/** What ends or changes a host name in a URL: `domainToASCII` would read `example.org/x` as `example.org`. */
// eslint-disable-next-line no-control-regex -- naming them is the point
const NOT_IN_DOMAINS = /[\u0000-\u0020\u007F#%/:<>?@[\\\]^|]/;
/** Nobody sees them, so two addresses that differ by one look the same. Pasted ones bring them along at their ends; in a domain they mean nothing. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const INVISIBLE_ENDS = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}]+|[\s\p{Cf}\p{Default_Ignorable_Code_Point}]+$/gu;
/** RFC 5321 §4.5.3.1.3 */
const MAX_LENGTH = 254;
/** Before normalisation: longer than any address. What is longer isn't even looked at, which also keeps patterns from long texts. */
export const MAX_TYPED = 1000;

/** Normalises what somebody typed; null when it is no e-mail address. Source: DOMAIN §1 */
export function normaliseEmail(text: string): EmailAddress | null {
  if (text.length > MAX_TYPED || !text.isWellFormed()) return null;
  const trimmed = asCompared(text);
  const at = trimmed.lastIndexOf('@');
  if (at < 1) return null;
  const typed = trimmed.slice(at + 1);
  const local = trimmed.slice(0, at);
  const domain = INVISIBLE.test(local) ? '' : punycode(typed);
  const address = `${local}@${domain}`.normalize('NFC');
  const ok = domain !== '' && address.length <= MAX_LENGTH && isEmail(address, { allow_utf8_local_part: true });
  return ok ? (address as EmailAddress) : null;
}

/** What an address that contains the typed text contains, in the form that is stored: the text itself, and its domain in punycode. */
export function addressParts(text: string): string[] {
  const typed = asCompared(text);
  const at = typed.lastIndexOf('@');
  const domain = punycode(typed.slice(at + 1));
  return [...new Set([typed, ...(domain === '' ? [] : [typed.slice(0, at + 1) + domain])])];
}

function asCompared(text: string): string {
  return text.replace(INVISIBLE_ENDS, '').normalize('NFC').toLowerCase();
}

/** Empty when it is no domain. */
function punycode(domain: string): string {
  return NOT_IN_DOMAINS.test(domain) ? '' : domainToASCII(domain);
}
