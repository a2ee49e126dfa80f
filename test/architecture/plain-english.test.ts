import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentencesOf } from './sentences.js';

const ROOT = join(import.meta.dirname, '../..');
const MOST_WORDS = 35;
/** A pronoun that hides the actor. CONTRIBUTING.md may quote the word, because it states the rule. */
const NAMELESS = /(?<!")\bwhom?ever\b/i;

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
}).split('\0');
const documents = files.filter((file) =>
  /^(?:docs\/(?!adr\/).+|README|CONTRIBUTING|SECURITY|test\/README)\.md$/.test(file),
);
/** ADRs and the SQL of released migrations don't count, because they are never edited. */
const texts = files.filter(
  (file) => /\.(?:ts|mjs|hbs|sql|md)$/.test(file) && !/^(?:docs\/adr|src\/migrations)\//.test(file),
);
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const longIn = (markdown: string): string[] =>
  sentencesOf(markdown)
    .filter(({ words }) => words > MOST_WORDS)
    .map(({ text, words }) => `${String(words)} words: ${text}`);

const namelessIn = (text: string): number[] =>
  text.split('\n').flatMap((line, index) => (NAMELESS.test(line) ? [index + 1] : []));

describe('the English of the documents', () => {
  it.each(documents)(`has no sentence above ${String(MOST_WORDS)} words in %s`, (file) => {
    expect(longIn(read(file))).toEqual([]);
  });

  it('is checked in every document', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'docs/domain.md', 'docs/performance/method.md', 'test/README.md']),
    );
  });
});

describe('the actor of a sentence', () => {
  it('has a name in every text of the repository', () => {
    expect(texts.length).toBeGreaterThan(500);
    expect(texts.flatMap((file) => namelessIn(read(file)).map((line) => `${file}:${String(line)}`))).toEqual([]);
  });

  // The word is put together here, because this file is one of the texts.
  it.each(['who', 'whom'].map((start) => `${start}ever`))('is reported as missing at "%s"', (word) => {
    expect(namelessIn(`A title\nIt is for ${word} asks.`)).toEqual([2]);
    expect(namelessIn(`Write no "${word}".`)).toEqual([]);
  });
});

describe('a sentence', () => {
  const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

  it.each([
    ['over two lines', `${words(20)}\n${words(16)}.`],
    ['in an item of a list', `- Short.\n- ${words(36)}`],
    ['in a cell of a table', `| a | b |\n|---|---|\n| Short. | Short. ${words(36)} |`],
    ['with a link', `[${words(30)}](there.md#a) ${words(6)}.`],
    ['after a short one', `Short. ${words(36)}.`],
  ])('is reported when it is too long %s', (_, markdown) => {
    expect(longIn(markdown)).toHaveLength(1);
  });

  it.each([
    ['at the limit', `${words(35)}. ${words(35)}`],
    ['in several cells of a row', `| ${words(20)} | ${words(20)} |`],
    ['in several items of a list', `1. ${words(20)}\n2. ${words(20)}`],
    ['in a block of code', `Run:\n\n    ${words(40)}\n\nor\n\n\`\`\`sh\n${words(40)}\n\`\`\``],
    ['with words in code letters', `\`${words(20)}\` ${words(34)}.`],
  ])('is allowed %s', (_, markdown) => {
    expect(longIn(markdown)).toEqual([]);
  });
});
