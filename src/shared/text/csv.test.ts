import { csvOf } from './csv.js';

it('CSV has one line for each row, and quotes every cell', () => {
  expect(
    csvOf([
      ['email', 'at'],
      ['ann@example.org', 'a "b", c'],
    ]),
  ).toBe('"email","at"\r\n"ann@example.org","a ""b"", c"\r\n');
  expect(csvOf([])).toBe('');
});

it.each(['=1+1', '+1', '-1', '@sum(a1)', '\tx', '\rx', '\n=x'])('CSV shows %j as text and not as a formula', (cell) => {
  expect(csvOf([[cell]])).toBe(`"'${cell}"\r\n`);
});
