import { describeUnexpected } from '../bootstrap/terminal.js';
import { BrokenStream } from '../shared/event-sourcing/broken-streams.js';
import { ConfigError } from '../bootstrap/config.js';
import { DatabaseRefused } from '../shared/database/database-refused.js';
import { DatabaseUnavailable } from '../shared/database/failures.js';
import { DataDirectoryInUse, DataDirectoryOpen } from '../bootstrap/data-directory.js';
import { NoInstallation } from '../bootstrap/installation.js';
import { EventStoreUnavailable } from '../shared/event-sourcing/event-store.js';
import { DamagedFile } from '../shared/transfer/hash-chained-ndjson.js';
import { LogGrew } from '../shared/transfer/event-file.js';
import { FileStorageNotOurs, FileStorageUnavailable } from '../shared/file-storage/file-storage.js';
import { DamagedStoredFile } from '../shared/file-storage/checked-content.js';
import { ImportRefused } from '../shared/transfer/import-events.js';
import { ImportUnfinished } from '../shared/transfer/unfinished-import.js';
import { LogNotOurs } from '../bootstrap/log-identity/adopt-log.js';
import { UnusableDatabase } from '../shared/database/unusable-database.js';
import { OtherSchema } from './installed.js';
import { NoSuchInstant } from './audit/replay-log.js';

/** The message of each of these errors tells the operator what to do. */
const EXPECTED = [
  BrokenStream,
  ConfigError,
  DatabaseRefused,
  DatabaseUnavailable,
  DataDirectoryInUse,
  DataDirectoryOpen,
  NoInstallation,
  EventStoreUnavailable,
  DamagedFile,
  DamagedStoredFile,
  FileStorageNotOurs,
  FileStorageUnavailable,
  LogGrew,
  ImportRefused,
  ImportUnfinished,
  LogNotOurs,
  UnusableDatabase,
  OtherSchema,
  NoSuchInstant,
];

/** Prints to standard error, so that the output can be piped. */
export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints the failure. An expected error is printed with its own message. */
export function printFailure(error: unknown): void {
  const expected = EXPECTED.some((kind) => error instanceof kind);
  printError(`It didn't work: ${expected ? (error as Error).message : describeUnexpected(error)}`);
}
