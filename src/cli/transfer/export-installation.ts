import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import type { Installation } from '../../bootstrap/installation.js';
import { adoptLog } from '../../bootstrap/log-identity/adopt-log.js';
import type { CheckpointTables } from '../../shared/projections/checkpoints.js';
import { EVENT_FILE, writeEvents, type Written } from '../../shared/transfer/event-file.js';
import { HashChainWriter } from '../../shared/transfer/hash-chained-ndjson.js';
import { contentsOfFiles } from '../../modules/groups/contents/contents-of-files.js';
import { ImportRefused } from '../../shared/transfer/import-events.js';
import { keyChecks } from '../../shared/transfer/key-checks.js';
import { FILES_FILE, writeStoredFiles } from '../../shared/transfer/stored-files.js';
import { PEOPLE_FILE, writeRows } from '../../shared/transfer/transfer-tables.js';
import { refuseUnfinishedImport } from '../../shared/transfer/unfinished-import.js';
import { filesIn, SCHEMA, type Progress } from './transfer-files.js';

export interface Exported extends Written {
  rows: number;
  /** Stored files. */
  files: number;
  /** Contents that files of groups have, and the storage lacks. */
  missing: number;
}

/**
 * Writes `people.ndjson`, `files.ndjson` with the stored files, and `events.ndjson`. No other process may use the
 * installation meanwhile.
 * The events file gets its name last, so its presence means that the export is complete. An interrupted export starts
 * again.
 * @throws ImportRefused when the folder holds an export, LogGrew, ImportUnfinished
 */
export async function exportInstallation(
  { config, database, store, storage }: Installation,
  folder: string,
  progress: Progress,
): Promise<Exported> {
  const files = filesIn(folder);
  await refuseUnfinishedImport(database.kysely<CheckpointTables>());
  await adoptLog(database, store);
  if (existsSync(files.events)) throw new ImportRefused(`${folder} holds an export already: name another folder`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const common = { house: randomUUID(), schema: SCHEMA, keys: keyChecks(config), files: true };
  const people = await HashChainWriter.create(files.people, { rolecall: PEOPLE_FILE, ...common });
  const list = await HashChainWriter.create(files.list, { rolecall: FILES_FILE, ...common });
  const events = await HashChainWriter.create(files.events, { rolecall: EVENT_FILE, ...common });
  try {
    await files.stored.open(common.house);
    const stored = await writeStoredFiles(storage, files.stored, list, progress('files'));
    const exported = {
      files: stored.size,
      missing: (await contentsOfFiles(database, new Date())).filter((key) => !stored.has(key)).length,
      rows: await writeRows(database.kysely(), people, progress('rows')),
      ...(await writeEvents(store, events, progress('events'))),
    };
    await people.finish();
    await list.finish();
    await events.finish();
    return exported;
  } catch (error) {
    await people.abandon();
    await list.abandon();
    await events.abandon();
    throw error;
  }
}
