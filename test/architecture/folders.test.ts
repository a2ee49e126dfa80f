import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SHARED = join(import.meta.dirname, '../../src/shared');

/** Which folders of src/shared each of them imports from, types included and tests left out. */
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

/** Folders that need themselves, round whatever corner. */
function inCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
  return [...edges.keys()].filter((folder) => reaches(folder, folder)).sort();
}

describe('folders of src/shared', () => {
  it('need each other in one direction', () => {
    expect(inCycles(importsByFolder(SHARED))).toEqual([]);
  });

  it('are reported when they need each other round a corner', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a', 'd'])],
    ]);
    expect(inCycles(edges)).toEqual(['a', 'b', 'c']);
  });
});
