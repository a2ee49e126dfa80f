import { readContactFile } from './read-contact-file.js';
import { inChunks } from '../../../../../test/support/contact-file/contact-file-support.js';
import { leastTurns } from '../../../../../test/support/contact-file/turns.js';

const SMALL = 2 ** 17;
const LARGE = 4 * SMALL;
/** A time below this is too short to compare. */
const TOO_SHORT_MS = 100;
const LONGEST_TURN_MS = 100;
/** The limit for the worst shape. The reader gives up at a number of bad rows, so a longer file takes no more time. */
const MOST_MS = 5_000;

/** A text, repeated up to a length in characters. */
const filled = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length);
/** Lines of this length in characters, each filled with a text. */
const lines =
  (text: string, length: number) =>
  (size: number): string =>
    filled(`${filled(text, length)}\n`, size);
/** One line, repeated. */
const line =
  (text: string) =>
  (size: number): string =>
    filled(`${text}\n`, size);

/** Rows, cells and words at each character of which a pattern could start another attempt. */
const SHAPES: [what: string, file: (size: number) => string][] = [
  ['ordinary rows', line(`Ada,"Byron, A",ada@clinic.example,,${'notes '.repeat(60)}`)],
  ['long lines', lines('x', 60_000)],
  ['cells that are too long', lines('x', 200_000)],
  ['quotation marks', lines('"', 60_000)],
  ['quoted cells without content', lines('"",', 60_000)],
  ['quotation marks between letters', lines('a"b""c"@', 60_000)],
  ['a quotation mark that is never closed', (size) => `"${filled('x@y\n', size)}`],
  ['quotation marks that are never closed', line('"x@y,"b')],
  ['cells of several lines that begin with a quotation', lines('"""a\n",', 200_000)],
  ['wide rows of cells of several lines', lines('"""a""\n",', 200_000)],
  ['near-addresses in one cell', lines('x@y;', 60_000)],
  ['near-addresses with a domain', lines('x@y.d1;', 60_000)],
  ['near-addresses in another script', lines('x@ü..;', 40_000)],
  ['near-addresses in punycode', lines('x@xn--kln-sna.de1;', 60_000)],
  ['near-addresses in quotes', line(`"${'a@b.c '.repeat(9000)}"`)],
  ['near-addresses in columns', lines('a@b,', 200_000)],
  ['near-addresses under a header', (size) => `E-mail\n${lines('a@b ', 60_000)(size)}`],
  ['@', lines('@', 900)],
  ['a@a@', lines('a@a@', 900)],
  ['a@a@ in a long cell', lines('a@a@', 60_000)],
  ['<<<<', lines('<', 900)],
  ['<<<< and an @', line(`@${'<'.repeat(900)}`)],
  ['brackets that are never closed', lines('<a@', 60_000)],
  ['round brackets in each other', line(`${'(a@'.repeat(300)})x`)],
  ['blanks', lines(' ', 60_000)],
  ['blanks behind an @', line(`@${' '.repeat(900)}x`)],
  ['blanks behind an @ in a long cell', line(`@${' '.repeat(60_000)}x`)],
  ['blanks around words', line(`${' '.repeat(300)}x${' '.repeat(300)}@${' '.repeat(300)}x`)],
  ['invisible characters', line(`@${'\u200b'.repeat(900)}x`)],
  ['dots', line(`a@${'.'.repeat(900)}x`)],
  ['dots and blanks', line(`a@${'. '.repeat(450)}x`)],
  ['apostrophes', line(`@${"'".repeat(900)}x`)],
  ['brackets on both sides', line(`${'('.repeat(450)}@${')'.repeat(450)}x`)],
  ['marks', line(`a${'\u0344\u0301\u0316'.repeat(300)}@b.de`)],
  ['many columns', lines('x,', 60_000)],
  ['many columns under many headers', (size) => `${filled('email,', 200_000)}\n${lines('x,', 60_000)(size)}`],
  ['rows of separators', lines(',', 500)],
  ['blank rows', (size) => '\n'.repeat(Math.min(size, 50_000))],
  ['line ends of two kinds', (size) => '\n\r'.repeat(Math.min(size, 25_000))],
];

/** Reads the file until its end or its refusal. */
async function read(file: string): Promise<void> {
  let lastLine = 0;
  try {
    for await (const { line: at } of readContactFile(inChunks(Buffer.from(file)))) lastLine = at;
  } catch (error) {
    expect({ error, lastLine }).toMatchObject({ error: { name: 'RuleBroken' } });
  }
}

describe('a contact file of nothing but', () => {
  it.each(SHAPES)(
    '%s takes time that grows with its length, and yields to the event loop often',
    async (what, file) => {
      const [shortFile, longFile] = [file(SMALL), file(LARGE)];
      const small = await leastTurns(
        async () => read(shortFile),
        () => true,
        2,
      );
      const mostMs = Math.max(4 * 2 * small.cpuMs, TOO_SHORT_MS);
      const large = await leastTurns(
        async () => read(longFile),
        ({ cpuMs, longestTurnMs }) => cpuMs < mostMs && longestTurnMs < LONGEST_TURN_MS,
      );
      process.stdout.write(
        `${what}: ${small.cpuMs.toFixed(0)} and ${large.cpuMs.toFixed(0)} ms, longest block ${large.longestTurnMs.toFixed(0)} ms\n`,
      );
      expect(large.cpuMs).toBeLessThan(mostMs);
      expect(large.cpuMs).toBeLessThan(MOST_MS);
      expect(large.longestTurnMs).toBeLessThan(LONGEST_TURN_MS);
    },
    120_000,
  );
});
