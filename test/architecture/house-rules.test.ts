import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isTest,
  noBarrel,
  noCrowdedFolder,
  noDomainWord,
  noFocusedOrSkippedTest,
  noLongFile,
  noSecondHandler,
  noUncountedSchedule,
} from './house-rules.js';
import { eventShapes } from '../../src/bootstrap/event-shapes.js';
import { PERMISSIONS } from '../../src/modules/access/permissions.js';
import { BUILT_IN_ROLES } from '../../src/modules/access/roles/built-in-roles.js';

const root = join(import.meta.dirname, '../..');
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

describe('house rules', () => {
  // A test may be longer, because a suite's table of cases is long.
  it.each([
    ['file of the product', 'src', 400, (file: string) => !isTest(file)],
    ['test beside its file', 'src', 600, isTest],
    ['file of the tests', 'test', 600, () => true],
  ])('no %s (%s) is longer than %i lines', (_, folder, maxLines, which) => {
    expect(noLongFile(maxLines, which)(join(root, folder))).toEqual([]);
  });

  it('a file at the limit is allowed, and a file with one line more is reported', () => {
    const folder = mkdtempSync(join(tmpdir(), 'long-file-'));
    try {
      writeFileSync(join(folder, 'at-the-limit.ts'), 'export {};\n'.repeat(20));
      writeFileSync(join(folder, 'too-long.ts'), 'export {};\n'.repeat(21));
      writeFileSync(join(folder, 'too-long.test.ts'), 'export {};\n'.repeat(22));
      expect(noLongFile(20, (file) => !isTest(file))(folder)).toEqual(['too-long.ts: 21 lines']);
      expect(noLongFile(20, isTest)(folder)).toEqual(['too-long.test.ts: 22 lines']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('every method that the scheduler calls counts its failures', () => {
    expect(noUncountedSchedule(join(root, 'src'))).toEqual([]);
  });

  it('a scheduled method that counts no failures is reported', () => {
    expect(noUncountedSchedule(fixture('no-uncounted-schedule'))).toEqual([
      'src/shared/uncounted.ts: failures uncounted',
    ]);
  });

  it('a file of src has at most one handler', () => {
    expect(noSecondHandler(join(root, 'src'))).toEqual([]);
  });

  it('a file with two handlers is reported', () => {
    expect(noSecondHandler(fixture('no-second-handler'))).toEqual([
      'src/modules/staff/change.command.ts: several handlers',
    ]);
  });

  // Only four of these names are everyday words: admin, contributor, auditor, support. Shared code may use them, but
  // not as keys.
  const names = [
    ...BUILT_IN_ROLES.flatMap(({ id, name }) => [id, name]),
    ...PERMISSIONS,
    ...Object.keys(eventShapes().types),
  ];

  it('shared code has no word of the domain, and no name of a role, a permission or an event type', () => {
    expect(names.length).toBeGreaterThan(80);
    expect(noDomainWord(names)(join(root, 'src/shared'))).toEqual([]);
  });

  it('a domain word is reported in an identifier, a comment and a text, and an everyday word only as a key', () => {
    expect(noDomainWord(names)(fixture('no-domain-word'))).toEqual([
      'src/shared/sales.ts: line 1: deployment',
      'src/shared/sales.ts: line 2: support',
      'src/shared/sales.ts: line 2: super-admin',
      'src/shared/sales.ts: line 3: audit.view',
      'src/shared/sales.ts: line 3: Patient',
      'src/shared/sales.ts: line 4: GroupFileAdded',
    ]);
  });

  it('a folder of src has at most twenty files, without tests and migrations', () => {
    expect(noCrowdedFolder(join(root, 'src'))).toEqual([]);
  });

  it('a folder with more files is reported', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crowded-'));
    try {
      for (const [name, count] of [
        ['staff', 21],
        ['migrations', 21],
        ['roles', 20],
      ] as const) {
        mkdirSync(join(folder, name));
        for (let n = 0; n < count; n += 1) writeFileSync(join(folder, name, `file-${String(n)}.ts`), '');
        writeFileSync(join(folder, name, 'file-0.test.ts'), '');
      }
      expect(noCrowdedFolder(folder)).toEqual(['staff: 21 files']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('src has no barrel', () => {
    expect(noBarrel(join(root, 'src'))).toEqual([]);
  });

  it('a barrel is reported', () => {
    expect(noBarrel(fixture('no-barrel'))).toEqual(['src/modules/staff/index.ts: barrel']);
  });

  it.each(['src', 'test'])('no test in %s is focused or skipped', (folder) => {
    expect(noFocusedOrSkippedTest(join(root, folder))).toEqual([]);
  });

  it('focused and skipped tests are reported', () => {
    expect(noFocusedOrSkippedTest(fixture('no-focused-or-skipped-test'))).toEqual([
      'test/staff/focused.test.ts: line 1',
      'test/staff/skipped.test.ts: line 2',
      'test/staff/skipped.test.ts: line 3',
      'test/staff/skipped.test.ts: line 4',
    ]);
  });
});
