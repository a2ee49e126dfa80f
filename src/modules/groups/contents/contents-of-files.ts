import { sql } from 'kysely';
import type { Database } from '../../../shared/database/database.js';
import type { GroupFileTables } from '../files/group-file-list.projection.js';
import type { GroupTables } from '../group/group-list.projection.js';
import { goneBefore } from '../group/group.js';
import { contentKey } from './content-key.js';

/** The keys of all contents that files of groups have, by the read model. */
export async function contentsOfFiles(database: Database, now: Date): Promise<string[]> {
  const rows = await filesWithContent(database, now).select(['group_file.id', 'group_file.versions']).execute();
  return rows.flatMap(({ id, versions }) => (versions ?? []).map(({ contentId }) => contentKey(id, contentId)));
}

/** The bytes of all contents of an organisation, by the read model. */
export async function bytesStoredIn(database: Database, organisationId: string, now: Date): Promise<number> {
  const { sum } = await filesWithContent(database, now)
    .where('organisation_id', '=', organisationId)
    .select(sql<number>`coalesce(sum(stored_bytes), 0)::float8`.as('sum'))
    .executeTakeFirstOrThrow();
  return sum;
}

/** The files whose contents the product keeps. Those of groups that nobody can restore are gone. */
function filesWithContent(database: Database, now: Date) {
  return database
    .kysely<GroupFileTables & GroupTables>()
    .selectFrom('group_file')
    .innerJoin('working_group', 'working_group.id', 'group_file.group_id')
    .where('versions', 'is not', null)
    .where(sql<boolean>`coalesce(deleted_at > ${goneBefore(now)}::timestamptz, true)`);
}
