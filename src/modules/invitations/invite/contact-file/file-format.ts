import { notAContactFile } from './contact-file-limits.js';

/** `file-text.ts` tells UTF-8 and Windows-1252 apart line by line. */
export type FileEncoding = 'utf-16le' | 'utf-16be' | 'utf-8 or windows-1252';

/** Other file formats, by their first bytes. The reader refuses such a file without parsing it. */
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
];

/**
 * Other formats of text, by how they begin after blank lines, comments and line folds. Case and blanks don't matter.
 */
const OTHER_TEXTS: readonly (readonly [start: RegExp, what: string])[] = [
  [/^(?:[\w-]+\.)?begin\s*:\s*vcard\b/i, 'is a vCard file'],
  [/^(?:version\s*:\s*\d|dn\s*::?|include\s*:\s*<)/i, 'is an LDIF file'],
];

/**
 * The encoding of a file's text, by its first bytes.
 * @throws RuleBroken `not-a-contact-file` for another file format
 */
export function recogniseEncoding(head: Buffer): FileEncoding {
  const start = head.toString('latin1', 0, 16);
  const other = OTHER_FORMATS.find(([magic]) => start.startsWith(magic));
  if (other) refuse(other[1]);
  const encoding = encodingOf(head, start);
  const text = beginningOf(new TextDecoder(encoding === 'utf-8 or windows-1252' ? 'utf-8' : encoding).decode(head));
  const otherText = OTHER_TEXTS.find(([pattern]) => pattern.test(text));
  if (otherText) refuse(otherText[1]);
  return encoding;
}

function refuse(what: string): never {
  throw notAContactFile(`${what}: save it as CSV and send that`);
}

/**
 * The first line with text that is no comment. A line that begins with a blank continues the line before, even within a
 * word.
 */
function beginningOf(text: string): string {
  const lines = text
    .replace(/^[\s\uFEFF]+/, '')
    .replace(/(?:\r\n?|\n)[ \t]/g, '')
    .split(/\r\n?|\n/);
  return lines.find((line) => line.trim() !== '' && !line.startsWith('#'))?.trimStart() ?? '';
}

function encodingOf(head: Buffer, start: string): FileEncoding {
  if (start.startsWith('\xFF\xFE')) return 'utf-16le';
  if (start.startsWith('\xFE\xFF')) return 'utf-16be';
  return withoutMark(head);
}

/** In UTF-16, every second byte of Latin text is zero, and no other byte is. */
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
