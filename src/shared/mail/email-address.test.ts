import fc from 'fast-check';
import { addressParts, isMailable, normaliseEmail, readAddress } from './email-address.js';
import { check } from '../../../test/support/check.js';

const ADDRESSES: [what: string, typed: string, normalised: string][] = [
  ['an address', 'ann@example.org', 'ann@example.org'],
  ['blanks around it', ' \t ann@example.org\n', 'ann@example.org'],
  ['invisible characters around it', '\u200b\ufeffann@example.org\u202c', 'ann@example.org'],
  ['capitals', 'Ann.Smith@Example.ORG', 'ann.smith@example.org'],
  ['capitals beyond ASCII', 'JÜRGEN@example.org', 'jürgen@example.org'],
  ['a decomposed letter', 'ju\u0308rgen@example.org', 'j\u00fcrgen@example.org'],
  ['the Kelvin sign', '\u212aarl@example.org', 'karl@example.org'],
  ['an internationalised domain', 'jürgen@köln.example', 'jürgen@xn--kln-sna.example'],
  ['the same domain in capitals and decomposed', 'ann@KO\u0308LN.example', 'ann@xn--kln-sna.example'],
  ['the same domain in punycode', 'ann@xn--kln-sna.example', 'ann@xn--kln-sna.example'],
  ['a domain in full-width letters', 'ann@ｅｘａｍｐｌｅ.org', 'ann@example.org'],
  ['a domain with an ideographic full stop', 'ann@例え。jp', 'ann@xn--r8jz45g.jp'],
  ['a tag', 'ann+work@example.org', 'ann+work@example.org'],
  ['an apostrophe', "o'neil@example.org", "o'neil@example.org"],
  ['a name in another script', '用户@例子.测试', '用户@xn--fsqu00a.xn--0zwm56d'],
  ['letters beyond the first plane', '\u{20bb7}@example.org', '\u{20bb7}@example.org'],
  ['a sharp s in the domain, which is no ss', 'ann@straße.example', 'ann@xn--strae-oqa.example'],
  ['a joiner in the domain that its script needs', 'ann@نامه\u200cای.example', 'ann@xn--mgba3gch31f060k.example'],
  ['a middle dot between two l', 'ann@l·l.example', 'ann@xn--ll-0ea.example'],
  ['straight quotes around it', '"ann@example.org"', 'ann@example.org'],
  ['typographic quotes around it', '\u201eann@example.org\u201c', 'ann@example.org'],
  ['corner brackets around it', '\u300cann@example.org\u300d', 'ann@example.org'],
  ['guillemets and blanks around it', '« ann@example.org\u00a0»', 'ann@example.org'],
  ['quotes in quotes around it', `"'ann@example.org'"`, 'ann@example.org'],
  ['a name before it', 'Ann Example <ann@example.org>', 'ann@example.org'],
  ['a quoted name with a comma before it', '"Example, Ann" <ann@example.org>', 'ann@example.org'],
  ['itself as its name', "'Ann@Example.org' <ann@example.org>", 'ann@example.org'],
  ['only its brackets', '<ann@example.org>', 'ann@example.org'],
  ['a name before its round brackets', 'Ann (ann@example.org)', 'ann@example.org'],
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
  ['a name behind it', 'ann@example.org (Ann)'],
  ['another address before it', 'bob@example.org, Ann <ann@example.org>'],
  ['a name without brackets', 'Ann ann@example.org'],
  ['a quoted name', '"ann"@example.org'],
  ['a quoted name with a blank', '"ann smith"@example.org'],
  ['a quotation mark on one side', '"ann@example.org'],
  ['a typographic apostrophe in the name', 'ann\u2019s@example.org'],
  ['typographic quotes around the name', '\u201cann\u201d@example.org'],
  ['a picture in the name', '\u{1f600}@example.org'],
  ['a mark that no letter carries', '\u0301ann@example.org'],
  ['a mark that no letter of its part carries', 'ann.\u0301x@example.org'],
  ['an invisible variation selector', 'ann\ufe0f@example.org'],
  ['an invisible hyphen in the domain', 'ann@exam\u00adple.org'],
  ['a ligature in the domain', 'ann@\ufb01rm.org'],
  ['a circled digit in the domain', 'ann@\u2460.org'],
  ['a wide hyphen in the domain', 'ann@ex\uff0dample.org'],
  ['a typographic hyphen in the domain', 'ann@ex\u2010ample.org'],
  ['a non-breaking hyphen in the domain', 'ann@ex\u2011ample.org'],
  ['a minus sign in the domain', 'ann@ex\u2212ample.org'],
  ['typographic quotes in the domain', 'ann@\u201cexample\u201d.org'],
  ['a typographic apostrophe in the domain', 'ann@o\u2019neil.org'],
  ['a picture in the domain', 'ann@\u{1f600}.org'],
  ['a picture in the domain, in punycode', 'ann@xn--e28h.org'],
  ['a joiner in the domain that joins nothing', 'ann@a\u200cb.org'],
  ['a joiner alone, in punycode', 'ann@xn--1ug.org'],
  ['a middle dot between others', 'ann@a·b.org'],
  ['a middle dot between others, in punycode', 'ann@xn--ab-0ea.org'],
  ['digits of two kinds in a label', 'ann@٠۰.org'],
  ['letters of both reading directions in a label', 'ann@aא.org'],
  ['a hyphen at the start of a label', 'ann@-example.org'],
  ['a hyphen at the end of a label', 'ann@example-.org'],
  ['a prefix that means nothing', 'ann@ab--cd.org'],
  ['punycode of a label that needs none', 'ann@xn--example-.org'],
  ['a label of 64 characters', `ann@${'a'.repeat(64)}.org`],
  ['a top-level domain of one letter', 'ann@example.o'],
  ['a top-level domain of digits', 'ann@example.12'],
  ['128 letters of two bytes', `${'ü'.repeat(33)}@example.org`],
  ['a blank inside', 'ann smith@example.org'],
  ['a blank in the domain', 'ann@exam ple.org'],
  ['a line break inside', 'ann@example.org\nbcc: bob@example.org'],
  ['a tab in the domain', 'ann@exam\tple.org'],
  ['an invisible character inside', 'an\u200bn@example.org'],
  ['a mark that reverses the direction of reading', 'a\u202enn@example.org'],
  ['a grapheme joiner', 'an\u034fn@example.org'],
  ['a blank that Unicode counts as a letter', 'an\u3164n@example.org'],
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
  ['an IP address as its domain', 'ann@127.0.0.1'],
  ['an address literal', 'ann@[127.0.0.1]'],
  ['invalid punycode', 'ann@xn--\u{1f600}.org'],
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

  it('has at most 254 characters', () => {
    const domain = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(57)}.org`;
    const longest = `${'n'.repeat(64)}@${domain}`;
    expect(longest).toHaveLength(254);
    expect(normaliseEmail(longest)).toBe(longest);
    expect(normaliseEmail(longest.replace('.org', 'c.org'))).toBeNull();
  });

  it('is measured in punycode, as it is stored', () => {
    const longInPunycode = `ann@${Array.from({ length: 6 }, () => 'ü'.repeat(38)).join('.')}.example`;
    expect(longInPunycode.length).toBeLessThan(254);
    expect(normaliseEmail(longInPunycode)).toBeNull();
  });

  it('stays the same when it is normalised again, for every text', () => {
    const part = fc.string({
      unit: fc.constantFrom(...Array.from("abzÄßıİΣςǅ\u0308\u0301.-+_'ﬁK\u200d例")),
      minLength: 1,
      maxLength: 12,
    });
    const typed = fc.oneof(
      fc.string(),
      fc
        .tuple(part, part, fc.constantFrom('.org', '.example', '.ÖRG'))
        .map(([name, host, end]) => `${name}@${host}${end}`),
    );
    let addresses = 0;
    check(
      'e-mail addresses',
      fc.property(typed, (text) => {
        const once = normaliseEmail(text);
        if (once === null) return;
        addresses += 1;
        expect(normaliseEmail(once)).toBe(once);
        expect(once).toBe(once.trim().normalize('NFC').toLowerCase());
        expect(normaliseEmail(` ${text.toUpperCase().toLowerCase()}`)).toBe(normaliseEmail(text.toUpperCase()));
      }),
      2000,
    );
    expect(addresses).toBeGreaterThan(50);
  });
});

/**
 * Characters that end an atom, a header or a command, that are a blank in some script, or that are invisible. LETTERS
 * holds letters, digits and accents of some scripts.
 */
const ODD = Array.from(
  ' \t\r\n\0\x7f\x85\xa0\u1680\u2003\u2028\u202e\u202f\u3000\u200b\u200d\u00ad\ufeff\u3164\u034f\u2800"\'`´“”«»‚「」<>()[],;:\\@.%!…‐−',
);
const LETTERS = Array.from('abzÄßıİΣςǅ\u0308\u0301-+_ﬁK例א٣é\u{20bb7}');

describe('two spellings', () => {
  const part = fc.string({
    unit: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...LETTERS) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD) },
    ),
    minLength: 1,
    maxLength: 8,
  });
  const domain = fc.oneof(
    fc.constantFrom('example.org', 'köln.example', 'xn--kln-sna.example'),
    part.map((host) => `${host}.org`),
  );

  it('that are read as an address hold only letters, digits, marks and the atoms of ASCII', () => {
    let addresses = 0;
    check(
      'spellings',
      fc.property(part, domain, (local, host) => {
        const address = normaliseEmail(`${local}@${host}`);
        if (address === null) return;
        addresses += 1;
        expect(address).toMatch(/^[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+$/u);
        expect(address).not.toMatch(/[\p{Default_Ignorable_Code_Point}\s\p{C}]/u);
        expect(isMailable(address)).toBe(true);
      }),
      3000,
    );
    expect(addresses).toBeGreaterThan(50);
  });

  it('of one mailbox are one address if a name, quotes or blanks surround them', () => {
    const around = fc.constantFrom<[string, string]>(
      ['', ''],
      [' ', '\u3000'],
      ['"', '"'],
      ['„', '“'],
      ['Ann <', '>'],
      ['Ann (', ') '],
      ["'Ann, B' < ", ' >'],
      ['\u200b«\u00a0', '»'],
    );
    check(
      'surroundings',
      fc.property(part, domain, around, (local, host, [before, behind]) => {
        const address = normaliseEmail(`${local}@${host}`);
        if (address !== null) expect(normaliseEmail(`${before}${address}${behind}`)).toBe(address);
      }),
      1000,
    );
  });

  it('of plain characters are one address, with a blank before it or not', () => {
    const plain = fc.string({ unit: fc.constantFrom(...Array.from('ab09_+.-')), minLength: 1, maxLength: 12 });
    const host = fc.string({ unit: fc.constantFrom(...Array.from('ab0.-')), minLength: 1, maxLength: 20 });
    let addresses = 0;
    check(
      'plain spellings',
      fc.property(plain, host, fc.constantFrom('org', 'a', '12', 'xn--p1ai', 'o1'), (local, name, top) => {
        const address = normaliseEmail(`${local}@${name}.${top}`);
        if (address !== null) addresses += 1;
        expect(normaliseEmail(` ${local}@${name}.${top}`)).toBe(address);
      }),
      3000,
    );
    expect(addresses).toBeGreaterThan(100);
  });

  it('keep the written address, without what surrounds it', () => {
    expect(readAddress(' "Ann" <Ann@KÖLN.example> ')).toEqual({
      written: 'Ann@KÖLN.example',
      address: 'ann@xn--kln-sna.example',
    });
  });
});

describe('a stored address', () => {
  it.each([
    'x\u3000ann@example.org',
    '"ann"@example.org',
    'ann\u0000@example.org',
    'Ann@example.org',
    'ann@köln.example',
    '',
    'ann',
  ])('%j cannot be mailed', (stored) => {
    expect(isMailable(stored)).toBe(false);
  });

  it('in normalised form can be mailed', () => {
    expect(isMailable('jürgen@xn--kln-sna.example')).toBe(true);
  });
});

/** Texts of a length in characters, at each character of which a pattern could start another attempt. */
const BAD_SHAPES: [what: string, text: (length: number) => string][] = [
  ['blanks', (n) => `a@b.de${' '.repeat(n)}x`],
  ['invisible characters', (n) => `\u200b${'\u200b'.repeat(n)}x@b.de`],
  ['quotation marks', (n) => `${'"'.repeat(n)}a@b.de`],
  ['quotation marks on both sides', (n) => `${'"'.repeat(n / 2)}a@b.de${'"'.repeat(n / 2)}`],
  ['@', (n) => '@'.repeat(n)],
  ['near-addresses', (n) => 'a@b.'.repeat(n / 4)],
  ['brackets', (n) => `${'<'.repeat(n)}a@b.de>`],
  ['round brackets', (n) => `${'(a@b'.repeat(n / 4)})`],
  ['dots', (n) => `a@${'.'.repeat(n)}`],
  ['letters', (n) => `${'a'.repeat(n)}@b.de`],
  ['marks', (n) => `a${'\u0301\u0316'.repeat(n / 2)}@b.de`],
  ['labels', (n) => `a@${'b.'.repeat(n / 2)}de`],
  ['hyphens', (n) => `a@b${'-'.repeat(n)}.de`],
  ['punycode', (n) => `a@${'xn--a.'.repeat(n / 6)}de`],
];

function cpuMs(text: string, times: number): number {
  const before = process.threadCpuUsage();
  for (let n = 0; n < times; n++) normaliseEmail(text);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** The shortest CPU time of several runs in milliseconds, because other work on the machine can only add to it. */
function best(text: string, times: number): number {
  return Math.min(...Array.from({ length: 5 }, () => cpuMs(text, times)));
}

describe('a long text', () => {
  it.each(BAD_SHAPES)('of %s is refused before it is parsed', (_, text) => {
    expect(best(text(1_000_000), 1000)).toBeLessThan(100);
  });

  it.each(BAD_SHAPES)('of %s that is just short enough takes linear time', (_, text) => {
    const quarter = best(text(240), 1000);
    expect(best(text(960), 1000)).toBeLessThan(Math.max(4 * quarter * 2.5, 20));
  });
});

describe('part of an address', () => {
  it.each([
    ['ann', ['ann'], false],
    [' ANN@Example\u200b ', ['ann@example'], false],
    ['köln', ['köln', 'xn--kln-sna'], true],
    ['ju\u0308rgen@KÖLN.example', ['jürgen@köln.example', 'jürgen@xn--kln-sna.example'], true],
    ['a/b', ['a/b'], false],
  ])('%j is normalised, as the stored address is', (typed, parts, isInJuergen) => {
    expect(addressParts(typed)).toEqual(parts);
    expect(parts.some((part) => (normaliseEmail('jürgen@köln.example') as string).includes(part))).toBe(isInJuergen);
  });
});
