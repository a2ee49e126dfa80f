import { RuleBroken } from '../../../../shared/problems/problem-codes.js';

/** Larger files are refused with `payload-too-large`. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Rows besides the header; more are refused with `too-many-rows`. A file may have as many blank rows besides. */
export const MAX_ROWS = 50_000;
/** Addresses of all rows together, and as many words that only look like one; more are refused with `too-many-rows`. */
export const MAX_ADDRESSES = 100_000;
/** Characters in one cell; a longer one is refused with `not-a-contact-file`. */
export const MAX_CELL = 64 * 1024;
/** Characters in one row, and bytes in one line; a longer one is refused with `not-a-contact-file`. */
export const MAX_ROW = 256 * 1024;

/** The refusal of a whole file. `message` says what the file is, or what is wrong with it. */
export function notAContactFile(message: string): RuleBroken {
  return new RuleBroken('not-a-contact-file', { errors: [{ field: 'file', message }] });
}

/** The upload of a route that previews a contact file. */
export const CONTACT_FILE = {
  description: 'Contacts as CSV or text: addresses in the first column, or an export of Outlook or Google Contacts',
  maxBytes: MAX_FILE_BYTES,
};
