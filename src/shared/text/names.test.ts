import fc from 'fast-check';
import { comparableName, holdsLink, isVisible } from './names.js';
import { check } from '../../../test/support/check.js';

/** Invisible characters: joiners, selectors, fillers, tags, a soft hyphen. */
const INVISIBLE = Array.from('\u200b\u200c\u200d\u2060\u00ad\ufeff\u3164\u115f\u034f\u180e\ufe0f\u{e0061}');

describe('two names', () => {
  it.each([
    ['Mid\u200bwife', 'Midwife'],
    ['MIDWIFE', 'midwife'],
    ['Ｎｕｒｓｅ', 'Nurse'],
    ['Night\u00a0 nurse', 'night nurse'],
    ['Mid\u00adwife\ufeff', 'Midwife'],
    ['Midwi\ufb01e', 'Midwifie'],
    ['M\u200bidwife \u2060', 'Midwife'],
    ['Ko\u0308ln', 'KÖLN'],
  ])('are equal: %j and %j', (one, other) => {
    expect(comparableName(one)).toBe(comparableName(other));
  });

  it('that differ in a visible character are different', () => {
    expect(comparableName('Nurse 1')).not.toBe(comparableName('Nurse l'));
  });

  it('are equal with any invisible characters in them', () => {
    const name = fc.string({ unit: fc.constantFrom(...Array.from('aÄ ßé\u0308नA1-')), minLength: 1, maxLength: 8 });
    const inserted = fc.array(fc.constantFrom(...INVISIBLE), { maxLength: 3 }).map((some) => some.join(''));
    check(
      'names',
      fc.property(name, inserted, fc.nat(8), (text, invisible, at) => {
        const inBetween = Array.from(text);
        inBetween.splice(at, 0, invisible);
        // The insertion may part a mark from its letter, which changes the name.
        if (/\p{M}/u.test(inBetween[at + 1] ?? '')) return;
        expect(comparableName(inBetween.join(''))).toBe(comparableName(text));
      }),
    );
  });
});

describe('a name', () => {
  it.each(['a', '7', '-', '☺', 'नामह', '\u200dx', '家'])('%j is visible', (name) => {
    expect(isVisible(name)).toBe(true);
  });
  it.each([
    '',
    ' ',
    '\u200b',
    '\u3164',
    '\u2800',
    '\u115f\u1160',
    '\u00ad',
    '\ufe0f',
    '\u0301',
    '\u{e0061}',
    '\u2060 \u3000',
  ])('%j is invisible', (name) => {
    expect(isVisible(name)).toBe(false);
  });
  it.each([
    'http://x.example',
    'see x://y',
    'WWW.x.example',
    'Ward www.evil.example',
    'w\u200bww.x',
    'ｗｗｗ．x',
    'https:/\u200b/x',
    'h：／／x',
  ])('%j holds a link', (name) => {
    expect(holdsLink(name)).toBe(true);
  });
  it.each(['Ward 3/4', 'A: B', 'www', 'Dr. Who', 'St. John // annex', 'a:/b'])('%j holds no link', (name) => {
    expect(holdsLink(name)).toBe(false);
  });
});
