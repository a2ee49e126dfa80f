import { typedAddresses } from './typed-addresses.js';

/** A text that is no address, and what a person wrote instead. */
export interface Mending {
  wrong: string;
  instead: string;
}

/**
 * The text of the addresses, with each wrong one replaced. An empty replacement takes it out. A wrong text that is no
 * longer there was mended in the text itself. Without a change the text stays as it was typed.
 */
export function mendedAddresses(text: string, mendings: readonly Mending[]): string {
  const instead = new Map(
    mendings.filter(({ wrong, instead: by }) => by.trim() !== wrong).map(({ wrong, instead: by }) => [wrong, by]),
  );
  if (instead.size === 0) return text;
  const found = typedAddresses(text).map(({ email }) => email);
  if (!found.some((email) => instead.has(email))) return text;
  return found
    .map((email) => instead.get(email) ?? email)
    .filter((email) => email.trim() !== '')
    .join('\n');
}
