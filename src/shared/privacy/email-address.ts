import { domainToASCII } from 'node:url';
import { isEmail } from 'class-validator';

declare const normalised: unique symbol;
/** An address in the one form that is compared and stored: trimmed, lower case, NFC, domain in punycode. */
export type EmailAddress = string & { readonly [normalised]: true };

/** What ends or changes a host name in a URL: `domainToASCII` would read `example.org/x` as `example.org`. */
// eslint-disable-next-line no-control-regex -- naming them is the point
const NOT_IN_DOMAINS = /[\u0000-\u0020\u007F#%/:<>?@[\\\]^|]/;
/** RFC 5321 §4.5.3.1.3 */
const MAX_LENGTH = 254;

/** Normalises what somebody typed; null when it is no e-mail address. Source: DOMAIN §1 */
export function normaliseEmail(text: string): EmailAddress | null {
  if (!text.isWellFormed()) return null;
  const trimmed = text.trim().normalize('NFC').toLowerCase();
  const at = trimmed.lastIndexOf('@');
  if (at < 1) return null;
  const typed = trimmed.slice(at + 1);
  const domain = NOT_IN_DOMAINS.test(typed) ? '' : domainToASCII(typed);
  const address = `${trimmed.slice(0, at)}@${domain}`.normalize('NFC');
  const ok = domain !== '' && address.length <= MAX_LENGTH && isEmail(address, { allow_utf8_local_part: true });
  return ok ? (address as EmailAddress) : null;
}
