import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { READ_MODELS } from '../bootstrap/entities.js';
import type { Installation } from '../bootstrap/installation.js';
import { adoptLog, logIdOfTarget, openLog } from '../bootstrap/log-identity/adopt-log.js';
import { replaceLogId, type LogIdentityTables } from '../bootstrap/log-identity/log-identity-table.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import type { CheckpointTables } from '../shared/projections/checkpoints.js';
import { HashChainWriter, countHashChain, readHeader, type Header } from '../shared/transfer/hash-chained-ndjson.js';
import { compareEvents, type Comparison } from '../shared/transfer/differences.js';
import {
  EVENT_FILE,
  eventsOf,
  readEvents,
  writeEvents,
  type OnProgress,
  type Written,
} from '../shared/transfer/event-file.js';
import { ImportRefused, importEvents, type Imported } from '../shared/transfer/import-events.js';
import { compareRows, importRows, PEOPLE_FILE, writeRows } from '../shared/transfer/transfer-tables.js';
import { keyChecks, keysThatDiffer, type KeyChecks } from '../shared/transfer/key-checks.js';
import { beginImport, endImport, refuseUnfinishedImport } from '../shared/transfer/unfinished-import.js';

/** Reports how many items of this kind are done, and of how many when that is known. */
export type Progress = (what: string, total?: number) => OnProgress;

export interface Exported extends Written {
  rows: number;
}

/** The header of a file. Both files of one export carry the same `house`. */
interface TransferHeader extends Header {
  house: string;
  schema: string;
  keys: KeyChecks;
}

const SCHEMA = MIGRATIONS.at(-1)?.name ?? '';
/**
 * Files of these versions can be imported: no migration since then changes a row of a transfer table or adds a column
 * without a default.
 */
const SCHEMAS_TAKEN = MIGRATIONS.map(({ name }) => name);
const READ_MODEL_TABLES = READ_MODELS.map(({ meta }) => String(meta.name));

/**
 * Writes `people.ndjson` and `events.ndjson`. Nothing else may use the installation meanwhile.
 * The events file gets its name last, so its presence means that the export is complete. An interrupted export starts
 * again.
 * @throws ImportRefused when the folder holds an export, LogGrew, ImportUnfinished
 */
export async function exportInstallation(
  { config, database, store }: Installation,
  folder: string,
  progress: Progress,
): Promise<Exported> {
  const files = filesIn(folder);
  await refuseUnfinishedImport(database.kysely<CheckpointTables>());
  await adoptLog(database, store);
  if (existsSync(files.events)) throw new ImportRefused(`${folder} holds an export already: name another folder`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const common = { house: randomUUID(), schema: SCHEMA, keys: keyChecks(config) };
  const people = await HashChainWriter.create(files.people, { rolecall: PEOPLE_FILE, ...common });
  const events = await HashChainWriter.create(files.events, { rolecall: EVENT_FILE, ...common });
  try {
    const exported = {
      rows: await writeRows(database.kysely(), people, progress('rows')),
      ...(await writeEvents(store, events, progress('events'))),
    };
    await people.finish();
    await events.finish();
    return exported;
  } catch (error) {
    await people.abandon();
    await events.abandon();
    throw error;
  }
}

/**
 * Imports an export. Both files are read to their ends before anything is stored. The rows come first, in one
 * transaction.
 * An interrupted import is run again and continues; until it is finished the installation doesn't start.
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

/**
 * Compares an installation with the files it was imported from. The installation must not have been started yet.
 * @throws DamagedFile, LogNotOurs
 */
export async function verifyInstallation(
  { database, store }: Installation,
  folder: string,
  progress: Progress,
): Promise<Comparison> {
  const files = filesIn(folder);
  await headerOf(files);
  await adoptLog(database, store);
  const rows = await compareRows(database.kysely(), files.people);
  const compared = await compareEvents(readEvents(files.events), eventsOf(store), progress('events'));
  return { ...compared, differences: [...rows, ...compared.differences] };
}

/** Compares the logs of two installations. @throws LogNotOurs */
export async function compareInstallations(
  one: Installation,
  other: Installation,
  progress: Progress,
): Promise<Comparison> {
  for (const { database, store } of [one, other]) await adoptLog(database, store);
  return compareEvents(eventsOf(one.store), eventsOf(other.store), progress('events'));
}

function filesIn(folder: string): { people: string; events: string } {
  return { people: join(folder, 'people.ndjson'), events: join(folder, 'events.ndjson') };
}

/** @throws ImportRefused when a file is missing, or the two don't belong together or to this version */
async function headerOf(files: { people: string; events: string }): Promise<TransferHeader> {
  for (const file of Object.values(files)) {
    if (!existsSync(file))
      throw new ImportRefused(`${file} is missing${existsSync(`${file}.part`) ? ': the export was not finished' : ''}`);
  }
  const people = (await readHeader(files.people, PEOPLE_FILE)) as TransferHeader;
  const events = (await readHeader(files.events, EVENT_FILE)) as TransferHeader;
  if (people.house !== events.house) throw new ImportRefused('the two files come from different exports');
  if (!SCHEMAS_TAKEN.includes(people.schema))
    throw new ImportRefused(
      'the files come from a version of Rolecall that this one does not know: import with that version, or with a newer one',
    );
  return people;
}
