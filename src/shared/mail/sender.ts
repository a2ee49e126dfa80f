import { readAddress } from '../privacy/email-address.js';

/** Whom mails come from, in two fields: nothing reads an address out of text again. */
export interface Sender {
  name: string;
  address: string;
}

/** Reads `Name <address>` or an address alone; null when it is neither. */
export function readSender(text: string): Sender | null {
  const found = readAddress(text);
  if (!found || /[\r\n]/.test(text)) return null;
  const name = text.includes('<') ? text.slice(0, text.lastIndexOf('<')).trim() : '';
  return { name: name.replace(/^"([^"]*)"$/, '$1'), address: found.address };
}
