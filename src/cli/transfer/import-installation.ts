import type { Kysely } from 'kysely';
import { READ_MODELS } from '../../bootstrap/entities.js';
import type { Installation } from '../../bootstrap/installation.js';
import { logIdOfTarget, openLog } from '../../bootstrap/log-identity/adopt-log.js';
import { replaceLogId, type LogIdentityTables } from '../../bootstrap/log-identity/log-identity-table.js';
import type { CheckpointTables } from '../../shared/projections/checkpoints.js';
import { EVENT_FILE } from '../../shared/transfer/event-file.js';
import { countHashChain } from '../../shared/transfer/hash-chained-ndjson.js';
import { ImportRefused, importEvents, type Imported } from '../../shared/transfer/import-events.js';
import { keyChecks, keysThatDiffer } from '../../shared/transfer/key-checks.js';
import { importRows, PEOPLE_FILE } from '../../shared/transfer/transfer-tables.js';
import { beginImport, endImport } from '../../shared/transfer/unfinished-import.js';
import { filesIn, headerOf, type Progress } from './transfer-files.js';

const READ_MODEL_TABLES = READ_MODELS.map(({ meta }) => String(meta.name));

/**
 * Imports an export. It reads both files to their ends before it stores anything. The rows come first, in one
 * transaction.
 * The next run continues an interrupted import. The installation doesn't start until the import is finished.
 * The log gets its id last, because only then its content is complete.
 * @throws DamagedFile, ImportRefused, LogNotOurs, EventStoreUnavailable
 */
export async function importInstallation(
  { config, database, store }: Installation,
  folder: string,
  progress: Progress,
): Promise<Imported & { rows: number }> {
  const files = filesIn(folder);
  const problems = keysThatDiffer((await headerOf(files)).keys, keyChecks(config));
  if (problems.length > 0) throw new ImportRefused(problems.join('; '));
  const counts = {
    rows: await countHashChain(files.people, PEOPLE_FILE),
    events: await countHashChain(files.events, EVENT_FILE),
  };
  const logId = await logIdOfTarget(database, store, config.eventStoreUrl === null);
  const rows = await database.transaction<CheckpointTables & LogIdentityTables, number>(async (trx) => {
    await beginImport(trx, READ_MODEL_TABLES);
    await replaceLogId(trx, logId);
    return importRows(trx as unknown as Kysely<unknown>, files.people, progress('rows', counts.rows));
  });
  const imported = await importEvents(store, files.events, progress('events', counts.events));
  await openLog(store, logId);
  await endImport(database.kysely<CheckpointTables>());
  return { ...imported, rows };
}
