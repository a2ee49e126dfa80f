import type { Installation } from '../../bootstrap/installation.js';
import { adoptLog } from '../../bootstrap/log-identity/adopt-log.js';
import { compareEvents, type Comparison } from '../../shared/transfer/differences.js';
import { eventsOf, readEvents } from '../../shared/transfer/event-file.js';
import { compareStoredFiles } from '../../shared/transfer/stored-files.js';
import { compareRows } from '../../shared/transfer/transfer-tables.js';
import { filesIn, headerOf, type Progress } from './transfer-files.js';

/**
 * Compares an installation with the files that it was imported from. Nobody may have started the installation since.
 * @throws DamagedFile, LogNotOurs
 */
export async function verifyInstallation(
  { database, store, storage }: Installation,
  folder: string,
  progress: Progress,
): Promise<Comparison> {
  const files = filesIn(folder);
  const header = await headerOf(files);
  await adoptLog(database, store);
  const rows = await compareRows(database.kysely(), files.people);
  const stored = header.files ? await compareStoredFiles(files.list, storage) : [];
  const compared = await compareEvents(readEvents(files.events), eventsOf(store), progress('events'));
  return { ...compared, differences: [...rows, ...stored, ...compared.differences] };
}

/**
 * Compares the logs of two installations.
 * @throws LogNotOurs
 */
export async function compareInstallations(
  one: Installation,
  other: Installation,
  progress: Progress,
): Promise<Comparison> {
  for (const { database, store } of [one, other]) await adoptLog(database, store);
  return compareEvents(eventsOf(one.store), eventsOf(other.store), progress('events'));
}
