import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Reads a folder and returns its violations as `<file>: <what>`, sorted. An empty list means that the rule is kept. */
export type HouseRule = (folder: string) => string[];

const CODE = /\.(?:[cm]?[jt]s|hbs|css)$/;
const FIXTURES = /(?:^|\/)architecture\/fixtures\//;
const BARREL = /(?:^|\/)index\.[cm]?[jt]s$/;
const FOCUSED_OR_SKIPPED =
  /\b(?:describe|it|test)(?:\.\w+)*\.(?:only|skip|todo)\b|\b(?:fdescribe|fit|xdescribe|xit|xtest)\s*[.(]/;

/** Whether a file is a test. In src, a test stands beside the pure file that it tests. */
export const isTest = (file: string): boolean => /\.test\.ts$/.test(file);

/** No file has more lines than `maxLines`. @param which selects the files to check */
export function noLongFile(maxLines: number, which: (file: string) => boolean = () => true): HouseRule {
  return (folder) =>
    codeFiles(folder)
      .filter(which)
      .flatMap((file) => {
        const lines = read(folder, file).replace(/\n$/, '').split('\n').length;
        return lines > maxLines ? [`${file}: ${String(lines)} lines`] : [];
      });
}

/**
 * No `index.ts`, because modules import each other's contract, and the files of a module import each other directly.
 */
export const noBarrel: HouseRule = (folder) =>
  codeFiles(folder)
    .filter((file) => BARREL.test(file))
    .map((file) => `${file}: barrel`);

/** This file skips tests whose server program isn't installed. `.ci/run` fails on such a skip. */
const THE_ONE_SKIP = 'support/servers/programs.ts';

/** Every test runs. A test whose server isn't named is not defined, and the output says so. */
export const noFocusedOrSkippedTest: HouseRule = (folder) =>
  codeFiles(folder)
    .filter((file) => file !== THE_ONE_SKIP)
    .flatMap((file) =>
      read(folder, file)
        .split('\n')
        .flatMap((line, index) => (FOCUSED_OR_SKIPPED.test(line) ? [`${file}: line ${String(index + 1)}`] : [])),
    );

/** Each method that the scheduler calls counts its own failures, because the scheduler would log a line for each. */
export const noUncountedSchedule: HouseRule = (folder) =>
  codeFiles(folder)
    .filter(
      (file) =>
        /^\s*@(?:Interval|Cron|Timeout)\(/m.test(read(folder, file)) &&
        !/\b(?:sweeps\.run|failures\.record)\(/.test(read(folder, file)),
    )
    .map((file) => `${file}: failures uncounted`);

/** A file has at most one handler, and the file's name says what it does. */
export const noSecondHandler: HouseRule = (folder) =>
  codeFiles(folder)
    .filter((file) => [...read(folder, file).matchAll(/^@(?:Command|Query)Handler\(/gm)].length > 1)
    .map((file) => `${file}: several handlers`);

const DOMAIN_WORDS = ['patient', 'invitation', 'deployment', 'staff'];

/**
 * No domain word, not even inside an identifier or a comment. No name of a role, a permission or an event type.
 * @param names a name of one word (`support`) is an everyday word, so only its quoted form counts
 */
export function noDomainWord(names: readonly string[]): HouseRule {
  const [everyday, telling] = [names.filter(isEveryday), names.filter((name) => !isEveryday(name))];
  const literal = [...DOMAIN_WORDS, ...telling].map((name) => name.replaceAll('.', String.raw`\.`)).join('|');
  const words = new RegExp(`${literal}|(?<=['"\`])(?:${everyday.join('|')})(?=['"\`])`, 'gi');
  return (folder) =>
    codeFiles(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        read(folder, file)
          .split('\n')
          .flatMap((line, n) => [...line.matchAll(words)].map(([word]) => `${file}: line ${String(n + 1)}: ${word}`)),
      );
}

function isEveryday(name: string): boolean {
  return /^[a-z]+$/i.test(name) && !/[a-z][A-Z]/.test(name);
}

const MAX_FILES = 20;

/**
 * No folder holds more TypeScript files than a reader sees at a glance. Tests and the folder of migrations don't count.
 */
export const noCrowdedFolder: HouseRule = (folder) => {
  const folders = Map.groupBy(
    codeFiles(folder).filter((file) => file.endsWith('.ts') && !isTest(file)),
    (file) => dirname(file),
  );
  return [...folders]
    .filter(([name, files]) => files.length > MAX_FILES && !/(?:^|\/)migrations$/.test(name))
    .map(([name, files]) => `${name}: ${String(files.length)} files`);
};

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => CODE.test(file) && !FIXTURES.test(file))
    .sort();
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
