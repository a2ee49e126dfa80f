import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { ROOT, runScript } from './run-script.js';

describe('npm run migration', () => {
  let folder: string;
  const files = (): string[] => readdirSync(join(folder, 'src/migrations')).sort();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolecall-migration-'));
    mkdirSync(join(folder, 'src'));
    cpSync(join(ROOT, 'src/migrations'), join(folder, 'src/migrations'), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes the next file, named like the others, and says how to list it', async () => {
    const before = files();
    const number = String(Number(MIGRATIONS.at(-1)!.name.slice(0, 4)) + 1).padStart(4, '0');
    const { code, stdout } = await runScript('migration.mjs', ['patient-notes'], { cwd: folder });
    const made = files().filter((file) => !before.includes(file));
    expect([code, made]).toEqual([0, [`migration-${number}-patient-notes.ts`]]);
    expect(stdout).toContain(
      `import { PatientNotesMigration } from './migration-${number}-patient-notes.js';\n     { name: '${number}-patient-notes', class: PatientNotesMigration },`,
    );
    const text = readFileSync(join(folder, 'src/migrations', made[0]!), 'utf8');
    expect(text).toContain('export class PatientNotesMigration extends Migration {\n  override up(): void {');
  });

  it.each([
    ['no name', []],
    ['capitals', ['PatientNotes']],
    ['a path', ['../patient']],
    ['two names', ['patient', 'notes']],
  ])('makes no file for %s', async (_, args) => {
    const before = files();
    const { code, stderr } = await runScript('migration.mjs', args, { cwd: folder });
    expect([code, stderr.split(':')[0], files()]).toEqual([2, 'Usage', before]);
  });

  it('makes no second migration of the same name', async () => {
    const before = files();
    const { code, stderr } = await runScript('migration.mjs', ['tables'], { cwd: folder });
    expect([code, stderr, files()]).toEqual([
      1,
      'There is a migration called tables already: choose another name\n',
      before,
    ]);
  });
});
