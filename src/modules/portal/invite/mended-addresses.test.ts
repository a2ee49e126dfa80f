import { mendedAddresses } from './mended-addresses.js';

const TYPED = 'Ann <ann@example.org>, bo@, nobody; bo@example.org';

it.each([
  ['nothing, when nothing is mended', [], TYPED],
  ['nothing, when a wrong one stays', [['bo@', 'bo@']], TYPED],
  ['only the whole text', [['bo@', 'bob@example.org']], 'ann@example.org\nbob@example.org\nnobody\nbo@example.org'],
  [
    'one by two',
    [['nobody', 'x@example.org, y@example.org']],
    'ann@example.org\nbo@\nx@example.org, y@example.org\nbo@example.org',
  ],
  ['one by nothing', [['nobody', ' ']], 'ann@example.org\nbo@\nbo@example.org'],
  ['nothing, when it was mended in the text', [['gone@', 'gone@example.org']], TYPED],
])('a mending replaces %s', (_, pairs, text) => {
  const mendings = pairs.map(([wrong, instead]) => ({ wrong: wrong!, instead: instead! }));
  expect(mendedAddresses(TYPED, mendings)).toBe(text);
});
