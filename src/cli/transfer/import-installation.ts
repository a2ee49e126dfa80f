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
import { FILES_FILE, importStoredFiles } from '../../shared/transfer/stored-files.js';
import { importRows, PEOPLE_FILE } from '../../shared/transfer/transfer-tables.js';
import { beginImport, endImport } from '../../shared/transfer/unfinished-import.js';
import { filesIn, headerOf, type Progress } from './transfer-files.js';

const READ_MODEL_TABLES = READ_MODELS.map(({ meta }) => String(meta.name));

/**
 * Imports an export. It reads all its lists to their ends before it stores anything. The rows come first, in one
 * transaction.
 * The next run continues an interrupted import. The installation doesn't start until the import is finished.
 * The log gets its id last, because only then its content is complete.
 * @throws DamagedFile, ImportRefused, LogNotOurs, EventStoreUnavailable
 */
export async function importInstallation(
  { config, database, store, storage }: Installation,
  folder: string,
  progress: Progress,
): Promise<Imported & { rows: number; files: number }> {
  const files = filesIn(folder);
  const header = await headerOf(files);
  const problems = keysThatDiffer(header.keys, keyChecks(config));
  if (problems.length > 0) throw new ImportRefused(problems.join('; '));
  const counts = {
    rows: await countHashChain(files.people, PEOPLE_FILE),
    events: await countHashChain(files.events, EVENT_FILE),
    files: header.files ? await countHashChain(files.list, FILES_FILE) : 0,
  };
  if (counts.files > 0 && config.filesDir === null)
    throw new ImportRefused(`the export holds ${String(counts.files)} stored files: set FILES_DIR`);
  const logId = await logIdOfTarget(database, store, config.eventStoreUrl === null);
  const rows = await database.transaction<CheckpointTables & LogIdentityTables, number>(async (trx) => {
    await beginImport(trx, READ_MODEL_TABLES);
    await replaceLogId(trx, logId);
    return importRows(trx as unknown as Kysely<unknown>, files.people, progress('rows', counts.rows));
  });
  if (counts.files > 0) {
    // The log has its id only at the end, and an import that goes on may get another one. The first start claims it.
    await storage.open(logId, false);
    await importStoredFiles(files.list, files.stored, storage, progress('files', counts.files));
  }
  const imported = await importEvents(store, files.events, progress('events', counts.events));
  await openLog(store, logId);
  await endImport(database.kysely<CheckpointTables>());
  return { ...imported, rows, files: counts.files };
}
