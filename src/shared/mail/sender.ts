import { isIP } from 'node:net';
import { readAddress } from './email-address.js';

/** The sender in two fields, so that no code has to read the address out of text again. */
export interface Sender {
  name: string;
  address: string;
}

/** These characters would end the header or change the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/u;
const EXAMPLE_SENDER = 'Rolecall <no-reply@rolecall.example>';
/** Source: RFC 5322 §3.2.4. It never backtracks, because no character fits both parts. */
const QUOTED_STRING = /^"(?:[^"\\]|\\.)*"$/;

/**
 * Reads `Name <address>` or an address alone; null for anything else, such as a group (`Team: a@b;`) or several
 * addresses.
 * A name may hold `:`, `;` and `,`, because the header quotes them.
 */
export function readSender(text: string): Sender | null {
  const found = readAddress(text);
  if (!found || UNPRINTABLE.test(text)) return null;
  const written = text.includes('<') ? text.slice(0, text.lastIndexOf('<')).trim() : '';
  const name = QUOTED_STRING.test(written) ? written.slice(1, -1).replace(/\\(.)/g, '$1') : written;
  // After a single quote the rest of the header would be read as part of the name.
  if (name === written && written.includes('"')) return null;
  return { name, address: found.address };
}

/**
 * Returns the default sender: in the installation's own domain if PUBLIC_URL names one, else an example.
 * @param publicUrl null or bad: it names no domain
 */
export function defaultSender(publicUrl: string | null): string {
  const host = publicUrl !== null && URL.canParse(publicUrl) ? new URL(publicUrl).hostname : '';
  const own = `Rolecall <no-reply@${host}>`;
  return host.includes('.') && isIP(host) === 0 && readSender(own) !== null ? own : EXAMPLE_SENDER;
}
