import type { ICruiseResult } from 'dependency-cruiser';
import { cruise, pureFilesReachNoIo } from './cruise.js';

const FIXTURES = 'test/architecture/fixtures';

/** The broken rules, by the fixture that breaks them. */
function brokenRules({ summary }: ICruiseResult): Record<string, string[]> {
  const broken: Record<string, Set<string>> = {};
  for (const { from, rule } of summary.violations) {
    const folder = from.slice(FIXTURES.length + 1).split('/')[0] ?? '';
    (broken[folder] ??= new Set()).add(rule.name);
  }
  return Object.fromEntries(Object.entries(broken).map(([folder, rules]) => [folder, [...rules]]));
}

describe('boundaries', () => {
  let product: ICruiseResult;
  let fixtures: ICruiseResult;

  beforeAll(async () => {
    [product, fixtures] = await Promise.all([cruise('src'), cruise(FIXTURES)]);
    // The limit is long because two processes read the whole tree.
  }, 120_000);

  it('the product breaks no rule', () => {
    expect(product.modules.length).toBeGreaterThan(0);
    expect(product.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it('every rule is broken by its own fixture and by no other', () => {
    const names = (fixtures.summary.ruleSetUsed?.forbidden ?? []).map(({ name }) => name ?? 'unnamed');
    expect(names.length).toBeGreaterThan(0);
    expect(brokenRules(fixtures)).toEqual(Object.fromEntries(names.map((name) => [name, [name]])));
  });

  it('only the imports that the fixtures mark are violations', () => {
    const ends = fixtures.summary.violations.map(({ from, to }) =>
      [from, to].map((path) => path.split('/').at(-1)).join(' → '),
    );
    expect(ends.sort()).toEqual([
      'categories.ts → staff.contract.ts',
      'grants.ts → roles.ts',
      'list-patients.query.ts → staff-list.projection.ts',
      'main.ts → fast-check.d.ts',
      'main.ts → nowhere.js',
      'main.ts → seed.ts',
      'names.test.ts → calling.ts',
      'names.test.ts → engines.ts',
      'names.test.ts → sizes.test.ts',
      'names.ts → names.test.ts',
      'ownership.ts → remove-staff-member.command.ts',
      'people.ts → groups.contract.ts',
      'server.ts → app.module.ts',
      'settings.ts → config.ts',
      'staff-member.events.ts → database.ts',
      'staff-member.ts → fs',
      'staff-member.ts → index.js',
      'visitors.ts → groups.contract.ts',
    ]);
  });

  it('no decider or events file leads to Nest or I/O, through any number of files', () => {
    expect(pureFilesReachNoIo(product)).toEqual([]);
  });

  it('a decider that leads to Nest through another file is reported, and one that imports only a type is not', () => {
    const own = pureFilesReachNoIo(fixtures).filter((chain) => chain.startsWith(`${FIXTURES}/pure-files-reach-no-io/`));
    expect(own).toEqual([
      [
        `${FIXTURES}/pure-files-reach-no-io/src/modules/staff/staff-member.ts`,
        `${FIXTURES}/pure-files-reach-no-io/src/shared/problems/rule-broken.ts`,
        'node_modules/@nestjs/common/index.js',
      ].join(' → '),
    ]);
  });
});
