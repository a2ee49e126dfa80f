import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REASON_CODES } from '../../../src/shared/health/health.js';

const ALARMS = readFileSync(join(import.meta.dirname, '../../../docs/alarms.md'), 'utf8');

it('docs/alarms.md explains each reason and the remedy', () => {
  const table = /\n\| reason \|[\s\S]*?\n\n/.exec(ALARMS)?.[0] ?? '';
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, code]) => code);
  expect(rows).toEqual(REASON_CODES);
});
