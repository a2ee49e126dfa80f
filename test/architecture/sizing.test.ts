import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Results {
  lines: { name: string; ours: { spread: { median: number } } }[];
}

describe('the sizing figures in docs/operations.md', () => {
  const sizing = /\n## Sizing\n([\s\S]*?)\n## /.exec(read('docs/operations.md'))![1]!;
  const file = /\]\(\.\.\/(bench\/results\/[\d-]+\.json)\)/.exec(sizing)?.[1];

  it.each([
    ['single', '/s'],
    ['bulk', ' s'],
    ['appends', '/s'],
    ['rebuild', ' events/s'],
  ])('give the figure that the bench measured for `%s`', (name, unit) => {
    const { lines } = JSON.parse(read(file!)) as Results;
    const { median } = lines.find((line) => line.name === name)!.ours.spread;
    const figure = `${median < 100 ? median.toFixed(2) : Math.round(median).toLocaleString('en')}${unit}`;
    const rows = sizing.split('\n').filter((row) => row.includes(`bench, \`${name}\``));
    expect(rows.map((row) => row.split('|')[2]!.includes(figure))).toEqual([true]);
  });

  it('all come from a measurement', () => {
    const rows = sizing.split('\n').filter((row) => row.startsWith('| ') && !row.startsWith('| what'));
    const from = rows.map((row) => row.split('|')[3]!.trim());
    expect(rows.length).toBeGreaterThan(8);
    expect(from.filter((source) => !/by hand|bench|export of|`[\w./]+`/.test(source))).toEqual([]);
    expect(sizing).not.toMatch(/designed|about \d/);
  });
});
