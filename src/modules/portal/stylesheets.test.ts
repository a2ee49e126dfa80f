import { globSync, readFileSync } from 'node:fs';

/** Each page gets all of these as one stylesheet, where a second rule of a class changes what has the first. */
const FILES = globSync('**/*.css', { cwd: import.meta.dirname }).filter((file) => !file.startsWith('api-reference'));

describe('the stylesheets of the portal', () => {
  it('define each class in one file', () => {
    const homes = new Map<string, Set<string>>();
    for (const file of FILES)
      for (const [, name = ''] of readFileSync(`${import.meta.dirname}/${file}`, 'utf8').matchAll(/^\.([\w-]+) \{/gm))
        homes.set(name, (homes.get(name) ?? new Set()).add(file));
    expect(homes.size).toBeGreaterThan(20);
    expect([...homes].filter(([, files]) => files.size > 1).map(([name, files]) => [name, ...files])).toEqual([]);
  });
});
