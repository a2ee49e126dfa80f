import { localPath } from './local-path.js';
import { acceptedLocale } from '../../shared/http/accepted-locale.js';

describe('the page after signing in', () => {
  it.each(['/mailbox', '/mailbox/0b6f1e0a-5c43-4bd5-9a43-5b8f6f1f0c11', '/mailbox?cursor=abc_-', '/'])(
    'is a path of this site: %s',
    (path) => {
      expect(localPath(path)).toBe(path);
    },
  );

  it.each([
    '',
    'mailbox',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/a//evil.example',
    'javascript:alert(1)',
    '/x\r\nSet-Cookie: a=b',
    ' //evil.example',
    '/@evil.example',
  ])('is the start page if a path may lead to another site: %j', (path) => {
    expect(localPath(path)).toBe('/');
  });
});

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['fr', 'en'],
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['fr, de;q=0.5', 'de'],
    ['en;q=0.3, de;q=0.8', 'de'],
    ['de;q=0', 'en'],
    ['de;q=oops', 'en'],
    ['*', 'en'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
  ])('for the header %j is %s', (header, locale) => {
    expect(acceptedLocale(header)).toBe(locale);
  });
});
