import { MaxLength, MinLength } from 'class-validator';
import { descriptionsOf, problemsWith, Setting, textsOf } from './setting.js';

class Example {
  @Setting('Zeroth, as it is declared first')
  @MinLength(3, { message: 'is too short' })
  @MaxLength(1, { message: 'is too long' })
  readonly ZEBRA: string | null;

  @Setting('Has a default', { default: 'seven' })
  @MinLength(3, { message: 'is too short' })
  readonly APPLE: string | null;

  @Setting('Keeps blanks', { keepsBlanks: true })
  readonly BLANKS: string | null;
}

class Other {
  @Setting('Of another class')
  readonly OTHER: string | null;
}

const withValues = (values: Partial<Example>): Example =>
  Object.assign(new Example(), { ZEBRA: null, APPLE: 'seven', BLANKS: null }, values);

describe('settings of a class', () => {
  it('are described in the order of their declaration, each class by itself', () => {
    expect(Object.entries(descriptionsOf(Example))).toEqual([
      ['ZEBRA', 'Zeroth, as it is declared first'],
      ['APPLE', 'Has a default'],
      ['BLANKS', 'Keeps blanks'],
    ]);
    expect(descriptionsOf(Other)).toEqual({ OTHER: 'Of another class' });
  });

  it.each([
    [{}, { ZEBRA: null, APPLE: 'seven', BLANKS: null }],
    [
      { ZEBRA: ' a b ', APPLE: ' eight ', BLANKS: ' c ', OTHER: 'd' },
      { ZEBRA: 'a b', APPLE: 'eight', BLANKS: ' c ' },
    ],
    [
      { ZEBRA: ' ', APPLE: ' ', BLANKS: ' ' },
      { ZEBRA: null, APPLE: 'seven', BLANKS: ' ' },
    ],
    [
      { ZEBRA: '', APPLE: '', BLANKS: '' },
      { ZEBRA: null, APPLE: 'seven', BLANKS: null },
    ],
  ])('have, of %j, the texts %j', (env, texts) => {
    expect(textsOf(Example, env)).toEqual(texts);
  });

  it('are checked unless they are absent, with one problem for each', () => {
    expect(problemsWith(withValues({}))).toEqual([]);
    expect(problemsWith(withValues({ ZEBRA: 'ab', APPLE: 'b' }))).toEqual([
      { setting: 'ZEBRA', sentence: expect.stringMatching(/^ZEBRA is too (?:short|long)$/) },
      { setting: 'APPLE', sentence: 'APPLE is too short' },
    ]);
  });
});
