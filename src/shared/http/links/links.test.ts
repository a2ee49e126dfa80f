import { isWebAddress } from './links.js';

describe('a web address', () => {
  it.each([
    'https://example.org',
    'https://example.org/a?b=c#d',
    'HTTPS://köln.example/x@y',
    'https://localhost:8443/',
    'https://example.org?user@host',
  ])('is %s', (text) => {
    expect(isWebAddress(text, ['https:'])).toBe(true);
  });

  it.each([
    'http://example.org',
    'https:example.org',
    'https:/example.org',
    'https:///example.org',
    '//example.org',
    'example.org',
    'https://user@example.org',
    'https://user:secret@example.org',
    'https://good.example\\@evil.example',
    'https://good.example\\x',
    'https://@example.org',
    'https://exa mple.org',
    'https://',
    'ftp://example.org',
    'javascript:alert(1)',
    'data:text/html,x',
    ' https://example.org',
    `https://example.org/${'x'.repeat(2000)}`,
  ])('is not %s if https is required', (text) => {
    expect(isWebAddress(text, ['https:'])).toBe(false);
  });
});
