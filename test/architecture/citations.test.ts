import { citingFiles, deadCitations, read } from './citations.js';

describe('a citation in the repository', () => {
  it('names something that is in the repository', () => {
    // This file and its helper contain dead citations as examples.
    const files = citingFiles().filter((file) => !file.startsWith('test/architecture/citations'));
    expect(files.flatMap((file) => deadCitations(file, read(file)).map((dead) => `${file}: ${dead}`))).toEqual([]);
  });

  it.each([
    [
      'a section that does not exist',
      'src/a.ts',
      '/** Source: docs/domain.md §6.2, §99 and §6.77, ADR 0002 */',
      ['§99', '§6.77'],
    ],
    ['a document that does not exist', 'src/a.ts', '// docs/nothing.md says why', ['docs/nothing.md']],
    [
      'a source file that does not exist',
      'docs/a.md',
      '`modules/nobody/gone.ts` and `src/main.ts`',
      ['src/modules/nobody/gone.ts'],
    ],
    ['an ADR that does not exist', 'docs/a.md', 'see ADR 9999', ['ADR 9999']],
    ['a document outside the repository', 'test/a.ts', '/** Source: DESIGN §4 */', ['DESIGN §4']],
    ['a link to a file that does not exist', 'docs/a.md', '[there](gone.md) and [here](domain.md)', ['docs/gone.md']],
    [
      'a link to a heading that does not exist',
      'docs/a.md',
      '[there](operations.md#gone) and [here](operations.md#settings)',
      ['docs/operations.md#gone'],
    ],
  ])('is reported for %s', (_, file, text, dead) => {
    expect(deadCitations(file, text)).toEqual(dead);
  });
});
