import { contentDisposition } from './content-disposition.js';

it.each([
  ['Minutes.pdf', 'filename="Minutes.pdf"; filename*=UTF-8\'\'Minutes.pdf'],
  ['Übersicht März.pdf', 'filename="_bersicht M_rz.pdf"; filename*=UTF-8\'\'%C3%9Cbersicht%20M%C3%A4rz.pdf'],
  ['a"b\\c/d.pdf', 'filename="a_b_c_d.pdf"; filename*=UTF-8\'\'a%22b%5Cc%2Fd.pdf'],
  ["it's (1)*.pdf", "filename=\"it's (1)*.pdf\"; filename*=UTF-8''it%27s%20%281%29%2A.pdf"],
  ['100%41.pdf', 'filename="100_41.pdf"; filename*=UTF-8\'\'100%2541.pdf'],
  ['\r\nSet-Cookie: a=b', 'filename="__Set-Cookie: a=b"; filename*=UTF-8\'\'%0D%0ASet-Cookie%3A%20a%3Db'],
  ['\u{1F600}\ud800', 'filename="__"; filename*=UTF-8\'\'%F0%9F%98%80%EF%BF%BD'],
])('names the file %j', (name, expected) => {
  expect(contentDisposition('attachment', name)).toBe(`attachment; ${expected}`);
});
