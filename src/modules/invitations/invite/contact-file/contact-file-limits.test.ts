import { MAX_ADDRESSES, MAX_CELL, MAX_ROWS } from './contact-file-limits.js';
import { entriesOf, inChunks, refusalOf } from '../../../../../test/support/contact-file/contact-file-support.js';

const A = 'ada@clinic.example';
const PIECE = Buffer.alloc(64 * 1024, 'x');

/** A body that never ends. `taken` counts the bytes that the reader took. */
function endless(start: string | Buffer, piece = PIECE): { bytes: AsyncGenerator<Buffer>; taken: () => number } {
  let taken = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Promise.resolve(Buffer.from(start as string));
    for (;;) {
      taken += piece.length;
      yield piece;
    }
  }
  return { bytes: bytes(), taken: () => taken };
}

describe('a contact file', () => {
  it.each([
    ['an .xlsx, or any zip', Buffer.from('PK\x03\x04\x14\0\x06\0', 'latin1'), 'is a workbook or an archive'],
    ['an .xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'is a workbook'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'is an archive'],
    ['a PDF', Buffer.from(`%PDF-1.7\n${A}`), 'is a PDF document'],
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), 'is a picture'],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'is a picture'],
    ['a vCard', Buffer.from(`BEGIN:VCARD\r\nEMAIL:${A}\r\n`), 'is a vCard file'],
    ['rich text', Buffer.from(`{\\rtf1 ${A}}`), 'is a text document'],
    ['text with a zero byte', Buffer.from(`${A}\n\0\n`), 'is not text'],
    ['text with a zero byte far from its start', Buffer.from(`${`${A}\n`.repeat(20_000)}\0`), 'is not text'],
  ])('is refused if it is %s, with advice', async (_, bytes, what) => {
    expect(await refusalOf(inChunks(bytes))).toBe(`not-a-contact-file: file ${what}: save it as CSV and send that`);
    expect(await refusalOf(inChunks(bytes, 1))).toMatch(/^not-a-contact-file/);
  });

  const CARD = `VERSION:4.0\r\nEMAIL:${A}\r\nEND:VCARD\r\n`;
  const ENTRY = `cn: Ada\nmail: ${A}\n`;
  it.each<[string, string, string]>([
    ...[
      'BEGIN:VCARD\r\n',
      'begin:vcard\r\n',
      'Begin:vCard\n',
      'BEGIN:VCARD\r',
      '\r\n\r\n \t\nBEGIN:VCARD\r\n',
      'BEGIN : VCARD \r\n',
      'BEGIN:\tVCARD\r\n',
      '  BEGIN:VCARD\n',
      'BEGIN:VC\r\n ARD\r\n',
      'BEG\n IN:\n\tVCARD\n',
      'item1.BEGIN:VCARD\n',
    ].map((start): [string, string, string] => ['a vCard', start + CARD, 'is a vCard file']),
    ...[
      'dn: cn=Ada,dc=clinic,dc=example\n',
      'DN:cn=Ada\n',
      'dn:: Y249QWRh\n',
      'version: 1\n\ndn: cn=Ada\n',
      'VERSION:1\ndn: cn=Ada\n',
      '# exported\n#\n\nversion: 1\n',
      '# a comment that\n goes on\ndn: cn=Ada\n',
      '\n\n  \ndn: cn=Ada\n',
      'd\n n: cn=Ada\n',
    ].map((start): [string, string, string] => ['LDIF', start + ENTRY, 'is an LDIF file']),
  ])('is refused if it is %s, in each spelling and encoding: %j', async (_, text, what) => {
    const encoded = [text, `\uFEFF${text}`].flatMap((spelled) => [
      Buffer.from(spelled),
      Buffer.from(spelled, 'utf16le'),
      Buffer.from(spelled, 'utf16le').swap16(),
    ]);
    const refused = `not-a-contact-file: file ${what}: save it as CSV and send that`;
    for (const bytes of encoded)
      expect([await refusalOf(inChunks(bytes)), await refusalOf(inChunks(bytes, 1))]).toEqual([refused, refused]);
  });

  it.each([
    'Begin,E-mail\n',
    'Vcard,E-mail\n',
    'dn,E-mail\n',
    'Version,E-mail\n',
    '# dn: x\nName,E-mail\n',
    'BEGIN:VCARDS\n',
  ])('is not refused if it only resembles those: %j', async (start) => {
    expect((await entriesOf(`${start}x,${A}\n`)).filter((entry) => 'email' in entry)).toHaveLength(1);
  });

  it('is refused if it is empty', async () => {
    expect(await refusalOf(inChunks(Buffer.alloc(0)))).toBe('invalid-input: file must not be empty');
  });

  it.each([
    ['a line', A, PIECE],
    ['a line of separators', A, Buffer.alloc(64 * 1024, ',')],
    ['a quoted cell', `${A}\n"`, Buffer.from('some words\n'.repeat(5000))],
    ['a line in UTF-16', Buffer.from([0xff, 0xfe]), PIECE],
    ['a line of zero bytes', A, Buffer.alloc(64 * 1024)],
  ])('is refused if it has %s without end, before the reader took 1 MiB', async (_, start, piece) => {
    const { bytes, taken } = endless(start, piece);
    expect(await refusalOf(bytes)).toMatch(/^not-a-contact-file: file has a (line|row) without end/);
    expect(taken()).toBeLessThan(1024 * 1024);
  });

  it(`is refused if it has a cell of more than ${MAX_CELL} characters`, async () => {
    expect(await refusalOf(inChunks(Buffer.from(`${A}\n${'x'.repeat(MAX_CELL + 1)}\n`)))).toBe(
      `not-a-contact-file: file line 2 has a cell of more than ${MAX_CELL} characters`,
    );
    expect(await entriesOf(`${A}\n${'x'.repeat(MAX_CELL)}\n`)).toHaveLength(2);
  });

  it(`is refused if it has more than ${MAX_ROWS} rows, besides the header`, async () => {
    const most = `E-mail\n${`${A}\n`.repeat(MAX_ROWS)}`;
    expect(await entriesOf(most)).toHaveLength(MAX_ROWS);
    expect(await refusalOf(inChunks(Buffer.from(`${most}x\n`)))).toBe('too-many-rows');
    expect(await refusalOf(endless(`${A}\n`, Buffer.from('x\n'.repeat(30_000))).bytes)).toBe('too-many-rows');
    expect(await refusalOf(endless(`${A}\n`, Buffer.alloc(60_000, '\n')).bytes)).toBe('too-many-rows');
  });

  it(`is refused if it has more than ${MAX_ADDRESSES} addresses`, async () => {
    const row = `${Array.from({ length: 1000 }, () => A).join(' ')}\n`;
    expect(await refusalOf(inChunks(Buffer.from(row.repeat(MAX_ADDRESSES / 1000))))).toBe('not refused');
    expect(await refusalOf(inChunks(Buffer.from(`${row.repeat(MAX_ADDRESSES / 1000)}${A}\n`)))).toBe('too-many-rows');
  });

  it(`is refused if it has more than ${MAX_ADDRESSES} words that only look like addresses`, async () => {
    const row = `E-mail,${Array.from({ length: 1000 }, () => 'x@y').join(' ')}\n`;
    expect(await refusalOf(inChunks(Buffer.from(`Name,E-mail\n${row.repeat(MAX_ADDRESSES / 1000)}`)))).toBe(
      'not refused',
    );
    expect(await refusalOf(inChunks(Buffer.from(`Name,E-mail\n${row.repeat(MAX_ADDRESSES / 1000)}Ada,x@y\n`)))).toBe(
      'too-many-rows',
    );
  });
});
