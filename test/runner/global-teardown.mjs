import { Client } from 'pg';

/** Drops the databases of this run that its workers left: those they copied, and those they were still dropping (test/support/engines.ts). */
export default async function globalTeardown() {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) return;
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      process.env.ROLECALL_RUN,
    ]);
    for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
  } finally {
    await client.end();
  }
}
