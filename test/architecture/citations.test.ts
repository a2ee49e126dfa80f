import { citingFiles, deadCitations, read } from './citations.js';

describe('what the repository cites', () => {
  it('is in the repository', () => {
    // This file and its helper spell out what is wrong.
    const files = citingFiles().filter((file) => !file.startsWith('test/architecture/citations'));
    expect(files.flatMap((file) => deadCitations(file, read(file)).map((dead) => `${file}: ${dead}`))).toEqual([]);
  });

  it.each([
    [
      'a section that is none',
      'src/a.ts',
      '/** Source: docs/domain.md §6.2, §99 and §6.77, ADR 0002 */',
      ['§99', '§6.77'],
    ],
    ['a document that is none', 'src/a.ts', '// docs/nothing.md says why', ['docs/nothing.md']],
    [
      'a file of ours that is none',
      'docs/a.md',
      '`modules/nobody/gone.ts` and `src/main.ts`',
      ['src/modules/nobody/gone.ts'],
    ],
    ['an ADR that is none', 'docs/a.md', 'see ADR 9999', ['ADR 9999']],
    ['a document that is kept elsewhere', 'test/a.ts', '/** Source: DESIGN §4 */', ['DESIGN §4']],
    ['a link to a file that is none', 'docs/a.md', '[there](gone.md) and [here](domain.md)', ['docs/gone.md']],
    [
      'a link to a heading that is none',
      'docs/a.md',
      '[there](operations.md#gone) and [here](operations.md#settings)',
      ['docs/operations.md#gone'],
    ],
  ])('is reported where it names %s', (_, file, text, dead) => {
    expect(deadCitations(file, text)).toEqual(dead);
  });
});
