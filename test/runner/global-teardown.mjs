import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/**
 * Removes what the workers of this run left: databases that they copied or were still dropping (test/support/engines.ts),
 * and builds of the product (test/support/product-process.ts). Both have names that begin with the run's text.
 */
export default async function globalTeardown() {
  const run = process.env.ROLECALL_RUN;
  for (const name of await readdir(tmpdir()))
    if (name.startsWith(run)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  const server = process.env.TEST_DATABASE_URL;
  if (server) await dropDatabases(server, run);
}

async function dropDatabases(server, run) {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [run]);
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await client.end();
  }
}
