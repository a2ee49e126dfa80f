import { sql, type Kysely } from 'kysely';
import type { CheckpointTables } from '../projections/checkpoints.js';

/** A checkpoint that exists from an import's first row to its last event. */
const NAME = 'import';

type Db = Kysely<CheckpointTables>;

/**
 * Part of the log or of the people is missing. A start would drop waiting mails, and would store new events among those
 * still to come.
 */
export class ImportUnfinished extends Error {
  override readonly name = 'ImportUnfinished';
  constructor() {
    super('an import into this database was not finished: run it again, it goes on where it ended');
  }
}

/** Keeps the installation from starting, and empties its read models. The first start replays the imported log. */
export async function beginImport(trx: Db, readModels: readonly string[]): Promise<void> {
  for (const table of readModels) await sql`delete from ${sql.table(table)}`.execute(trx);
  await trx.deleteFrom('checkpoint').execute();
  await trx
    .insertInto('checkpoint')
    .values({ name: NAME, position: null, paused_at: null, error: 'unfinished' })
    .execute();
}

export async function endImport(db: Db): Promise<void> {
  await db.deleteFrom('checkpoint').where('name', '=', NAME).execute();
}

/** @throws ImportUnfinished */
export async function refuseUnfinishedImport(db: Db): Promise<void> {
  const found = await db.selectFrom('checkpoint').select('name').where('name', '=', NAME).executeTakeFirst();
  if (found) throw new ImportUnfinished();
}
