import { notAContactFile } from './contact-file-limits.js';

/** UTF-8 and Windows-1252 are told apart line by line. */
export type FileEncoding = 'utf-16le' | 'utf-16be' | 'utf-8 or windows-1252';

/** What people send instead, by its first bytes. It is refused by those, never opened. */
const OTHER_FORMATS: readonly (readonly [start: string, what: string])[] = [
  ['PK\x03\x04', 'is a workbook or an archive'],
  ['PK\x05\x06', 'is an archive'],
  ['PK\x07\x08', 'is an archive'],
  ['\xD0\xCF\x11\xE0', 'is a workbook'],
  ['\x1F\x8B', 'is an archive'],
  ['7z\xBC\xAF', 'is an archive'],
  ['Rar!', 'is an archive'],
  ['%PDF', 'is a PDF document'],
  ['\x89PNG', 'is a picture'],
  ['\xFF\xD8\xFF', 'is a picture'],
  ['GIF8', 'is a picture'],
  ['{\\rtf', 'is a text document'],
  ['BEGIN:VCARD', 'is a vCard file'],
];

/** How a file's text is written, by its first bytes. @throws RuleBroken `not-a-contact-file` */
export function recogniseEncoding(head: Buffer): FileEncoding {
  const start = head.toString('latin1', 0, 16);
  const other = OTHER_FORMATS.find(([magic]) => start.startsWith(magic));
  if (other) throw notAContactFile(`${other[1]}: save it as CSV and send that`);
  if (start.startsWith('\xFF\xFE')) return 'utf-16le';
  if (start.startsWith('\xFE\xFF')) return 'utf-16be';
  return withoutMark(head);
}

/** Every second byte of Latin text in UTF-16 is zero, and no other one. */
function withoutMark(head: Buffer): FileEncoding {
  let even = 0;
  let odd = 0;
  for (const [at, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  const many = head.length / 8;
  if (even === 0 && odd > many) return 'utf-16le';
  if (odd === 0 && even > many) return 'utf-16be';
  return 'utf-8 or windows-1252';
}
