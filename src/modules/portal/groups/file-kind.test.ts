import { kindOf, sizeText } from './file-kind.js';

it.each([
  [null, 'groups.kind.link'],
  ['application/pdf', 'groups.kind.pdf'],
  ['Application/PDF; charset=binary', 'groups.kind.pdf'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'groups.kind.document'],
  ['text/csv', 'groups.kind.table'],
  ['text/plain', 'groups.kind.text'],
  ['image/png', 'groups.kind.image'],
  ['constructor', 'groups.kind.file'],
  ['', 'groups.kind.file'],
])('the kind of %j is %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1_000, '1 kB'],
  [1_500, '1.5 kB'],
  [182_044, '182 kB'],
  [20_480_000, '20 MB'],
  [Number.MAX_SAFE_INTEGER, '9,007 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes, 'en')).toBe(text);
});
