import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS } from '../../migrations/migrations.js';
import type { FileStorage } from '../../shared/file-storage/file-storage.js';
import { FolderStorage } from '../../shared/file-storage/folder-storage.js';
import { EVENT_FILE, type OnProgress } from '../../shared/transfer/event-file.js';
import { readHeader, type Header } from '../../shared/transfer/hash-chained-ndjson.js';
import { ImportRefused } from '../../shared/transfer/import-events.js';
import type { KeyChecks } from '../../shared/transfer/key-checks.js';
import { FILES_FILE } from '../../shared/transfer/stored-files.js';
import { PEOPLE_FILE } from '../../shared/transfer/transfer-tables.js';

/** Makes the callback that reports progress with items of this kind. `total` is their number, when it is known. */
export type Progress = (what: string, total?: number) => OnProgress;

/** The header of a file. All files of one export carry the same `house`. */
interface TransferHeader extends Header {
  house: string;
  schema: string;
  keys: KeyChecks;
  /** True: a list of stored files belongs to the export. */
  files?: boolean;
}

/** The newest migration's name, which an export states as its version. */
export const SCHEMA = MIGRATIONS.at(-1)?.name ?? '';
/**
 * The versions whose files can be imported. Since then no migration changes a row of a transfer table or adds a column
 * without a default.
 */
const SCHEMAS_TAKEN = MIGRATIONS.map(({ name }) => name);

interface TransferFiles {
  people: string;
  events: string;
  /** The list of stored files. An export of an earlier version has none. */
  list: string;
  /** The stored files themselves. */
  stored: FileStorage;
}

export function filesIn(folder: string): TransferFiles {
  return {
    people: join(folder, 'people.ndjson'),
    events: join(folder, 'events.ndjson'),
    list: join(folder, 'files.ndjson'),
    stored: new FolderStorage(join(folder, 'files')),
  };
}

/** @throws ImportRefused when a file is missing, or they don't belong together or to this version */
export async function headerOf({ people, events, list }: TransferFiles): Promise<TransferHeader> {
  for (const file of [people, events]) {
    if (!existsSync(file)) throw new ImportRefused(missing(file));
  }
  const header = (await readHeader(people, PEOPLE_FILE)) as TransferHeader;
  const others = [(await readHeader(events, EVENT_FILE)) as TransferHeader];
  if (existsSync(list)) others.push((await readHeader(list, FILES_FILE)) as TransferHeader);
  else if (header.files) throw new ImportRefused(`${list} is missing`);
  if (others.some(({ house }) => house !== header.house))
    throw new ImportRefused(`the ${others.length > 1 ? '' : 'two '}files come from different exports`);
  mustBeKnown(header);
  return header;
}

/** @throws ImportRefused when the file of an export's events is missing, or not of this version or an earlier one */
export async function mustHoldEvents(folder: string): Promise<string> {
  const { events } = filesIn(folder);
  if (!existsSync(events)) throw new ImportRefused(missing(events));
  mustBeKnown((await readHeader(events, EVENT_FILE)) as TransferHeader);
  return events;
}

function mustBeKnown({ schema }: TransferHeader): void {
  if (!SCHEMAS_TAKEN.includes(schema))
    throw new ImportRefused(
      'the files come from a version of Rolecall that this one does not know: use that version, or a newer one',
    );
}

function missing(file: string): string {
  return `${file} is missing${existsSync(`${file}.part`) ? ': the export was not finished' : ''}`;
}
