import { Inspection } from './inspection.js';

function typeOf(...chunks: (string | Buffer)[]): string {
  const inspection = new Inspection();
  for (const chunk of chunks) inspection.update(Buffer.from(chunk as string));
  return inspection.finish().type;
}
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
/** The local header of an archive's entry. */
const entry = (name: string, content = ''): Buffer =>
  Buffer.concat([latin1('PK\x03\x04'), Buffer.alloc(26), latin1(name + content)]);

describe('the type of a file by its bytes', () => {
  it.each([
    ['image/png', latin1('\x89PNG\r\n\x1a\nIHDR')],
    ['image/jpeg', latin1('\xff\xd8\xff\xe0')],
    ['image/gif', latin1('GIF89a')],
    ['image/webp', latin1('RIFF\x24\0\0\0WEBPVP8 ')],
    ['application/pdf', latin1('%PDF-1.7\n\0')],
    ['application/zip', entry('a.txt')],
    [
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      Buffer.concat([entry('[Content_Types].xml'), entry('word/document.xml')]),
    ],
    ['application/vnd.oasis.opendocument.text', entry('mimetype', 'application/vnd.oasis.opendocument.textPK')],
    ['application/octet-stream', latin1('MZ\x90\0')],
  ])('is %s', (type, bytes) => {
    expect(typeOf(bytes)).toBe(type);
  });

  it('is text for UTF-8 without control characters alone', () => {
    for (const text of ['', 'a\tb\r\nc\f', '<script>alert(1)</script>', '<svg xmlns="…"/>', 'Größe 😀'])
      expect(typeOf(text)).toBe('text/plain');
    for (const other of [latin1('Gr\xf6\xdfe'), 'a\0b', 'a\x1b[31mb', latin1('\xed\xa0\x80'), 'a\x7f'])
      expect(typeOf(other)).toBe('application/octet-stream');
  });

  it('looks at all bytes of a text, and at characters between two chunks', () => {
    const [first, second] = [Buffer.from('😀').subarray(0, 2), Buffer.from('😀').subarray(2)];
    expect(typeOf('a'.repeat(100_000), first, second)).toBe('text/plain');
    expect(typeOf('a'.repeat(100_000), first)).toBe('application/octet-stream');
    expect(typeOf('a'.repeat(100_000), '\0')).toBe('application/octet-stream');
  });

  it('is the same in chunks of every size', () => {
    const [good, bad] = [Buffer.from('aé€😀b'.repeat(20)), Buffer.from('aé€😀b'.repeat(20)).subarray(0, -2)];
    for (let size = 1; size <= 12; size += 1) {
      const inChunks = (bytes: Buffer): Buffer[] =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
      expect(typeOf(...inChunks(good))).toBe('text/plain');
      for (const wrong of [bad, Buffer.concat([good, latin1('\x80')]), Buffer.concat([latin1('\xe2\x82'), good])])
        expect(typeOf(...inChunks(wrong))).toBe('application/octet-stream');
    }
  });

  it('sees a signature that arrives byte by byte', () => {
    expect(typeOf(...Array.from('%PDF-1.7'))).toBe('application/pdf');
  });
});

it('the hash and the size are those of all bytes', () => {
  const inspection = new Inspection();
  for (const chunk of ['a', 'b', 'c']) inspection.update(Buffer.from(chunk));
  expect(inspection.finish()).toEqual({
    size: 3,
    type: 'text/plain',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
