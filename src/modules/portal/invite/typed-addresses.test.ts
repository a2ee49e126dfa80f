import { typedAddresses } from './typed-addresses.js';

const goods = (...names: string[]) => names.map((name) => [`${name}@example.org`, true]);

it.each([
  ['', []],
  [' \n, ;\t', []],
  ['ann@example.org, bo@example.org;cy@example.org\ndi@example.org\r\n', goods('ann', 'bo', 'cy', 'di')],
  ['ann@example.org bo@example.org', goods('ann', 'bo')],
  ['Ann Example <ann@example.org>, Bo (bo@example.org)', goods('ann', 'bo')],
  ['ann@@example (Ann), bo@example.org', [['ann@@example (Ann)', false], ...goods('bo')]],
  ['ann@, nobody, bo@example.org', [['ann@', false], ['nobody', false], ...goods('bo')]],
])('%j has the addresses %j', (text, addresses) => {
  expect(typedAddresses(text).map(({ email, isAddress }) => [email, isAddress])).toEqual(addresses);
});
