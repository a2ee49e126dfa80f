import fc from 'fast-check';
import { addressParts, normaliseEmail } from '../../../src/shared/privacy/email-address.js';
import { check } from '../../support/check.js';

const ADDRESSES: [what: string, typed: string, normalised: string][] = [
  ['an address', 'ann@example.org', 'ann@example.org'],
  ['blanks around it', ' \t ann@example.org\n', 'ann@example.org'],
  ['what nobody sees around it', '\u200b\ufeffann@example.org\u202c', 'ann@example.org'],
  ['capitals', 'Ann.Smith@Example.ORG', 'ann.smith@example.org'],
  ['capitals beyond ASCII', 'JÜRGEN@example.org', 'jürgen@example.org'],
  ['a letter and its accent apart', 'ju\u0308rgen@example.org', 'j\u00fcrgen@example.org'],
  ['the Kelvin sign', '\u212aarl@example.org', 'karl@example.org'],
  ['an internationalised domain', 'jürgen@köln.example', 'jürgen@xn--kln-sna.example'],
  ['the same domain in capitals and apart', 'ann@KO\u0308LN.example', 'ann@xn--kln-sna.example'],
  ['the same domain in punycode', 'ann@xn--kln-sna.example', 'ann@xn--kln-sna.example'],
  ['a domain in full-width letters', 'ann@ｅｘａｍｐｌｅ.org', 'ann@example.org'],
  ['a domain with an ideographic full stop', 'ann@例え。jp', 'ann@xn--r8jz45g.jp'],
  ['an invisible hyphen in the domain', 'ann@exam\u00adple.org', 'ann@example.org'],
  ['a tag', 'ann+work@example.org', 'ann+work@example.org'],
  ['an apostrophe', "o'neil@example.org", "o'neil@example.org"],
  ['a name in another script', '用户@例子.测试', '用户@xn--fsqu00a.xn--0zwm56d'],
  ['64 characters before the @', `${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
];

const GARBAGE: [what: string, typed: string][] = [
  ['nothing', ''],
  ['blanks', '   '],
  ['no @', 'ann.example.org'],
  ['nobody', '@example.org'],
  ['nowhere', 'ann@'],
  ['only an @', '@'],
  ['a host without a dot', 'ann@localhost'],
  ['two addresses', 'ann@example.org, bob@example.org'],
  ['two addresses in one', 'ann@example.org@example.com'],
  ['a name around it', 'Ann <ann@example.org>'],
  ['a blank inside', 'ann smith@example.org'],
  ['a blank in the domain', 'ann@exam ple.org'],
  ['a line break inside', 'ann@example.org\nbcc: bob@example.org'],
  ['a tab in the domain', 'ann@exam\tple.org'],
  ['what nobody sees inside', 'an\u200bn@example.org'],
  ['a mark that turns the direction round', 'a\u202enn@example.org'],
  ['a joiner of letters that is none', 'an\u034fn@example.org'],
  ['a blank that is a letter', 'an\u3164n@example.org'],
  ['a line separator', 'a\u2028nn@example.org'],
  ['a NUL', 'ann\u0000@example.org'],
  ['two dots', 'ann..smith@example.org'],
  ['a dot at the end of the name', 'ann.@example.org'],
  ['two dots in the domain', 'ann@example..org'],
  ['a dot at the end of the domain', 'ann@example.org.'],
  ['a path after the domain', 'ann@example.org/x'],
  ['a query after the domain', 'ann@example.org?subject=x'],
  ['a fragment after the domain', 'ann@example.org#x'],
  ['a backslash after the domain', 'ann@example.org\\x'],
  ['an escape in the domain', 'ann@ex%61mple.org'],
  ['a port', 'ann@example.org:25'],
  ['a number for an address', 'ann@127.0.0.1'],
  ['an address literal', 'ann@[127.0.0.1]'],
  ['punycode that is none', 'ann@xn--\u{1f600}.org'],
  ['65 characters before the @', `${'a'.repeat(65)}@example.org`],
  ['65 letters before the @ that fill 130 bytes', `${'ü'.repeat(65)}@example.org`],
  ['255 characters', `ann@${'a23456789.'.repeat(25)}b`],
  ['a link', 'mailto:ann@example.org?x'],
];

describe('an e-mail address', () => {
  it.each(ADDRESSES)('with %s is normalised', (_, typed, normalised) => {
    expect(normaliseEmail(typed)).toBe(normalised);
    expect(normaliseEmail(normalised)).toBe(normalised);
  });

  it.each(GARBAGE)('is not %s', (_, typed) => {
    expect(normaliseEmail(typed)).toBeNull();
  });

  it('of 254 characters is the longest', () => {
    const domain = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(57)}.org`;
    const longest = `${'n'.repeat(64)}@${domain}`;
    expect(longest).toHaveLength(254);
    expect(normaliseEmail(longest)).toBe(longest);
    expect(normaliseEmail(longest.replace('.org', 'c.org'))).toBeNull();
  });

  it('is measured as it is stored, in punycode', () => {
    const longInPunycode = `ann@${Array.from({ length: 6 }, () => 'ü'.repeat(38)).join('.')}.example`;
    expect(longInPunycode.length).toBeLessThan(254);
    expect(normaliseEmail(longInPunycode)).toBeNull();
  });

  it('is normalised once and for all, whatever was typed', () => {
    const part = fc.string({ unit: fc.constantFrom(...Array.from('abzÄßıİΣςǅ\u0308\u0301.-+_\'ﬁK\u200d例')), minLength: 1, maxLength: 12 });
    const typed = fc.oneof(fc.string(), fc.tuple(part, part, fc.constantFrom('.org', '.example', '.ÖRG')).map(([name, host, end]) => `${name}@${host}${end}`));
    let addresses = 0;
    check('e-mail addresses', fc.property(typed, (text) => {
      const once = normaliseEmail(text);
      if (once === null) return;
      addresses += 1;
      expect(normaliseEmail(once)).toBe(once);
      expect(once).toBe(once.trim().normalize('NFC').toLowerCase());
      expect(normaliseEmail(` ${text.toUpperCase().toLowerCase()}`)).toBe(normaliseEmail(text.toUpperCase()));
    }), 2000);
    expect(addresses).toBeGreaterThan(50);
  });
});

describe('part of an address', () => {
  it.each([
    ['ann', ['ann'], false],
    [' ANN@Example\u200b ', ['ann@example'], false],
    ['köln', ['köln', 'xn--kln-sna'], true],
    ['ju\u0308rgen@KÖLN.example', ['jürgen@köln.example', 'jürgen@xn--kln-sna.example'], true],
    ['a/b', ['a/b'], false],
  ])('%j is found as it is stored', (typed, parts, isInJuergen) => {
    expect(addressParts(typed)).toEqual(parts);
    expect(parts.some((part) => (normaliseEmail('jürgen@köln.example') as string).includes(part))).toBe(isInJuergen);
  });
});
