import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/** Makes an initialised PGlite once per machine and PGlite version (initdb takes seconds); suites start from its dump. */
export default async function globalSetup() {
  const dump = join(tmpdir(), `rolecall-pglite-${pgliteVersion()}-small.tar`);
  if (!existsSync(dump)) {
    // Small, because each suite unpacks it: no templates, and little room for the log of changes.
    const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] });
    await pglite.exec('update pg_database set datistemplate = false');
    for (const template of ['template0', 'template1']) await pglite.exec(`drop database ${template}`);
    await pglite.exec('checkpoint');
    const tar = await pglite.dumpDataDir('none');
    await pglite.close();
    const unfinished = `${dump}.${String(process.pid)}`;
    await writeFile(unfinished, Buffer.from(await tar.arrayBuffer()));
    await rename(unfinished, dump);
  }
  process.env.ROLECALL_PGLITE_DUMP = dump;
  // What the names of this run's databases begin with; global-teardown.mjs drops those that are left.
  process.env.ROLECALL_RUN = `rolecall_test_${randomBytes(6).toString('hex')}`;
}

function pgliteVersion() {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')).version;
}
