import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/**
 * Parameters of initdb. Each start of PGlite zeroes its shared buffers, by default 128 MB, and each suite unpacks the
 * cluster's WAL segments. So both are small, and segments that are no longer needed are removed.
 */
const INITDB = ['--wal-segsize=1', '--set=shared_buffers=16MB', '--set=wal_recycle=off'];

/**
 * Makes an initialised PGlite once per machine, PGlite version and parameters, because initdb takes seconds. Suites start
 * from its dump.
 */
export default async function globalSetup() {
  const parameters = createHash('sha256').update(INITDB.join(' ')).digest('hex').slice(0, 8);
  const dump = join(tmpdir(), `rolecall-pglite-${pgliteVersion()}-${parameters}.tar`);
  if (!existsSync(dump)) {
    const pglite = await PGlite.create({ initDbStartParams: INITDB });
    // The template databases are dropped, because each suite would unpack them.
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
  // The names of this run's databases and builds begin with this text. global-teardown.mjs removes those that are left.
  process.env.ROLECALL_RUN = `rolecall_test_${randomBytes(6).toString('hex')}`;
}

function pgliteVersion() {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')).version;
}
