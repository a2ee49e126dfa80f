import { asciiDomain, mailDomain } from './email-domain.js';
import { bareAddress } from './written-address.js';

declare const normalised: unique symbol;
/**
 * An address in the only form that is compared, stored and sent to mail servers: lower case, NFC, domain in punycode.
 */
export type EmailAddress = string & { readonly [normalised]: true };

export interface ReadAddress {
  /** As it was written, without name, brackets and quotation marks. */
  written: string;
  address: EmailAddress;
}

/** RFC 5321 §4.5.3.1, in octets. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;
/** The most characters of an address with its name before normalisation. Longer text isn't examined. */
export const MAX_TYPED = 1000;
/**
 * An address with all accents as separate characters isn't longer. Normalising an endless row of marks would take long.
 */
const MAX_UNNORMALISED = 2 * MAX_ADDRESS;
/** Source: RFC 5322 §3.2.3, in small letters */
const ATEXT = String.raw`a-z0-9!#$%\&'*+\/=?\^_\`\{\|\}~\-`;
/**
 * The part of a local part between dots: ASCII's `atext`, and visible letters, digits and marks of any script. No
 * quotes and no blanks.
 */
const ATOM = new RegExp(
  String.raw`^[${ATEXT}[[\p{L}\p{Nd}]--\p{Default_Ignorable_Code_Point}]][${ATEXT}[[\p{L}\p{M}\p{Nd}]--\p{Default_Ignorable_Code_Point}]]*$`,
  'v',
);

/**
 * The form of most addresses. Its short limit covers the limits of all parts, so lists of people are read without the
 * full grammar.
 */
const PLAIN = /^[a-z0-9_+]+(?:[.-][a-z0-9_+]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/;

/**
 * Reads a typed or pasted address: `a@b`, `Name <a@b>` or `Ann (a@b)`; null when it is no e-mail address. Source:
 * docs/domain.md §2
 */
export function readAddress(text: string): ReadAddress | null {
  if (text.length <= MAX_LOCAL_PART && PLAIN.test(text)) return { written: text, address: text as EmailAddress };
  if (text.length > MAX_TYPED || !text.includes('@') || !text.isWellFormed()) return null;
  const written = bareAddress(text);
  if (written === null || written.length > MAX_UNNORMALISED) return null;
  const compared = asCompared(written);
  const at = compared.lastIndexOf('@');
  const local = compared.slice(0, Math.max(0, at));
  if (Buffer.byteLength(local) > MAX_LOCAL_PART || !local.split('.').every((atom) => ATOM.test(atom))) return null;
  const domain = mailDomain(compared.slice(at + 1));
  if (domain === null) return null;
  const address = `${local}@${domain}`;
  return Buffer.byteLength(address) > MAX_ADDRESS ? null : { written, address: address as EmailAddress };
}

/** Normalises a typed address; null when it is no e-mail address. */
export function normaliseEmail(text: string): EmailAddress | null {
  return readAddress(text)?.address ?? null;
}

/**
 * Tells whether mail can be sent to a stored address. Older versions stored some that a mail server would read as
 * another mailbox.
 */
export function isMailable(stored: string): stored is EmailAddress {
  return normaliseEmail(stored) === stored;
}

/**
 * Returns texts that a stored address contains when it contains the typed one: the text itself, and its domain in
 * punycode.
 */
export function addressParts(text: string): string[] {
  const typed = asCompared(bareAddress(text) ?? text);
  const at = typed.lastIndexOf('@');
  const domain = asciiDomain(typed.slice(at + 1));
  return [...new Set([typed, ...(domain === null ? [] : [typed.slice(0, at + 1) + domain])])];
}

function asCompared(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
