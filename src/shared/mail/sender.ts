import { isIP } from 'node:net';
import { readAddress } from './email-address.js';

/** Whom mails come from, in two fields: nothing reads an address out of text again. */
export interface Sender {
  name: string;
  address: string;
}

/** They would end the header, or turn the reading direction round. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/u;
const EXAMPLE_SENDER = 'Rolecall <no-reply@rolecall.example>';
/** Source: RFC 5322 §3.2.4. Backtracks nowhere: no character fits both parts. */
const QUOTED_STRING = /^"(?:[^"\\]|\\.)*"$/;

/**
 * Reads `Name <address>` or an address alone; null when it is neither, as a group (`Team: a@b;`) and several addresses are. A name's `:`, `;` and `,`
 * mean nothing: the header quotes them.
 */
export function readSender(text: string): Sender | null {
  const found = readAddress(text);
  if (!found || UNPRINTABLE.test(text)) return null;
  const written = text.includes('<') ? text.slice(0, text.lastIndexOf('<')).trim() : '';
  const name = QUOTED_STRING.test(written) ? written.slice(1, -1).replace(/\\(.)/g, '$1') : written;
  // A quote that stands alone: what follows it would be read as part of the name.
  if (name === written && written.includes('"')) return null;
  return { name, address: found.address };
}

/** Whom mails come from when nobody says so: the installation's own domain, where PUBLIC_URL names one. @param publicUrl null or bad: it names none */
export function defaultSender(publicUrl: string | null): string {
  const host = publicUrl !== null && URL.canParse(publicUrl) ? new URL(publicUrl).hostname : '';
  const own = `Rolecall <no-reply@${host}>`;
  return host.includes('.') && isIP(host) === 0 && readSender(own) !== null ? own : EXAMPLE_SENDER;
}
