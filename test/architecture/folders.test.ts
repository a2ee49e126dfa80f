import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SHARED = join(import.meta.dirname, '../../src/shared');

/** For each folder of src/shared: the folders it imports from. Type imports count, and imports in tests don't. */
function importsByFolder(root: string): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  for (const file of files) {
    const from = file.split('/')[0]!;
    for (const [, spec = ''] of readFileSync(join(root, file), 'utf8').matchAll(/\bfrom '(\.[^']+)'/g)) {
      const [to = ''] = join(dirname(file), spec).split('/');
      if (to !== from && to !== '..') edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

/** The folders that import themselves through others. */
function inCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
  return [...edges.keys()].filter((folder) => reaches(folder, folder)).sort();
}

describe('folders of src/shared', () => {
  it('import each other in one direction only', () => {
    expect(inCycles(importsByFolder(SHARED))).toEqual([]);
  });

  it('are reported when their imports form a cycle through a third folder', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a', 'd'])],
    ]);
    expect(inCycles(edges)).toEqual(['a', 'b', 'c']);
  });
});
