import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The files that may contain old names: ADRs, old figures, released migrations, and the glossary with its table. */
const HISTORY = [
  /^docs\/adr\//,
  /^docs\/performance\/history\.md$/,
  /^docs\/glossary\.md$/,
  /^bench\/results\//,
  /^src\/migrations\//,
];
/** The metric keeps its old name beside the new one for one release. */
const KEPT_FOR_ONE_RELEASE = new Set(['rolecall_instance_works']);

const GLOSSARY = readFileSync('docs/glossary.md', 'utf8');

/** The names in code letters in the table's first column. */
function oldNames(): string[] {
  const table = GLOSSARY.slice(GLOSSARY.indexOf('| before | now |')).split('\n').slice(2);
  const names = table.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  return names.filter((name) => /^\w+$/.test(name) && !KEPT_FOR_ONE_RELEASE.has(name));
}

function texts(): { file: string; text: string }[] {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return files
    .split('\0')
    .filter((file) => /\.(?:ts|mjs|cjs|js|json|md|hbs|yml|sql)$/.test(file) && file !== 'package-lock.json')
    .filter((file) => !HISTORY.some((folder) => folder.test(file)))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}

describe('terms that were renamed', () => {
  it('are listed', () => {
    expect(oldNames().length).toBeGreaterThan(50);
  });

  it('stand only in the history and in one table of the glossary', () => {
    const all = texts();
    const found = oldNames().flatMap((name) => {
      const word = new RegExp(`\\b${name}\\b`);
      return all.filter(({ text }) => word.test(text)).map(({ file }) => `${name}: ${file}`);
    });
    expect(found).toEqual([]);
  });
});
