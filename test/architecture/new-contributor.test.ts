import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/bootstrap/config.js';
import { cellsOf } from '../support/tables.js';
import { domainTable } from '../support/domain-document.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe('README.md', () => {
  const lines = read('README.md').split('\n');

  it('stays within 150 lines', () => {
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  it('says on its first screen how to start and how to test', () => {
    expect(lines.slice(0, 30)).toEqual(expect.arrayContaining(['    npm ci && npm start', '    npm ci && npm test']));
  });
});

describe('a script that contributors are told to run', () => {
  it.each(['README.md', 'CONTRIBUTING.md', 'docs/operations.md', 'docs/transfer.md', 'test/README.md'])(
    'exists when %s names it',
    (file) => {
      const named = [...read(file).matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, script]) => script!);
      expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
    },
  );

  it("exists when the editor's tasks name it", () => {
    const { tasks } = JSON.parse(read('.vscode/tasks.json')) as { tasks: { script: string }[] };
    expect(tasks.map(({ script }) => script).filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
    for (const file of readdirSync(join(ROOT, '.vscode'))) JSON.parse(read(`.vscode/${file}`));
  });
});

describe('docs/glossary.md', () => {
  it('has its terms in alphabetical order, each once', () => {
    const terms = cellsOf(/\n\| term[\s\S]*?\n\n/.exec(read('docs/glossary.md'))![0]).map(([term]) => term!);
    expect([...new Set(terms)].sort((a, b) => a.localeCompare(b, 'en'))).toEqual(terms);
  });
});

describe('the limits in docs/domain.md', () => {
  it('are the real defaults, so setting them changes nothing', () => {
    const secrets = ['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'].map(
      (name) => [name, 'made-up-secret-0123456789-abcdefghij'] as const,
    );
    const unset = { ...Object.fromEntries(secrets), DATABASE_URL: 'postgres://127.0.0.1/rolecall' };
    const limits = cellsOf(domainTable('6.4')).map(
      ([, limit, setting]) => [setting!.replaceAll('`', ''), limit!] as const,
    );
    expect(limits.length).toBe(6);
    for (const [setting, limit] of limits)
      expect([setting, loadConfig({ ...unset, [setting]: limit })]).toEqual([setting, loadConfig(unset)]);
  });
});
