import { sql } from 'kysely';
import { NoInstallation } from '../bootstrap/installation.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import type { Database } from '../shared/database/database.js';

/** The tables are those of another version, and this program may not change them. */
export class OtherSchema extends Error {
  override readonly name = 'OtherSchema';
}

/**
 * Checks for the table of people, because it is in the database even when the log isn't.
 * @throws NoInstallation
 */
export async function mustBeInstalled(database: Database): Promise<void> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass('public.person') is not null as found`.execute(
    database.kysely(),
  );
  if (!rows[0]?.found) throw new NoInstallation('the database holds no installation');
}

/**
 * Checks that the tables are those that this version makes.
 * @throws NoInstallation, OtherSchema
 */
export async function mustHaveOwnSchema(database: Database): Promise<void> {
  await mustBeInstalled(database);
  const { rows } = await sql<{ name: string }>`select name from migration`.execute(database.kysely());
  const found = new Set(rows.map(({ name }) => name));
  const [missing] = MIGRATIONS.filter(({ name }) => !found.has(name));
  const isNewer = rows.some(({ name }) => MIGRATIONS.every((known) => known.name !== name));
  if (missing || isNewer)
    throw new OtherSchema(
      `the installation has the tables of ${isNewer ? 'a newer' : 'an older'} version: use the program of the version that runs it`,
    );
}
