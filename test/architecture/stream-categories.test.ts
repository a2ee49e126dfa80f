import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATEGORIES } from '../../src/bootstrap/event-shapes.js';

const ROOT = join(import.meta.dirname, '../..');

it.each(['architecture', 'eventstoredb'])('docs/%s.md names every category of streams', (document) => {
  const text = readFileSync(join(ROOT, `docs/${document}.md`), 'utf8');
  expect(CATEGORIES.filter((category) => !text.includes(`\`${category}-`))).toEqual([]);
});
