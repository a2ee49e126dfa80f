import { initialsOf } from './shell.js';

it.each([
  ['Ann Example', 'AE'],
  ['  ann  van der Berg ', 'AB'],
  ['Ann', 'A'],
  ['ann@example.org', 'A'],
  ['ann.example+ward@example.org', 'AW'],
  ['Émilie Ölmez', 'ÉÖ'],
  ['李 小龍', '李小'],
  ['Ann (she) 🦊', 'A'],
  ['', ''],
  [null, ''],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
