import { ConfigError, loadConfig } from './bootstrap/config.js';
import { DataDirectoryInUse, DataDirectoryOpen, lockDataDirectory } from './bootstrap/data-directory.js';
import { createLogger } from './bootstrap/logging.js';
import { keepHeapSmall } from './bootstrap/memory.js';
import { startServer } from './bootstrap/server.js';
import { FileStorageNotOurs, FileStorageUnavailable } from './shared/file-storage/file-storage.js';
import { DatabaseRefused } from './shared/database/database-refused.js';
import { DatabaseUnavailable } from './shared/database/failures.js';
import { UnusableDatabase } from './shared/database/unusable-database.js';
import { BrokenStream } from './shared/event-sourcing/broken-streams.js';
import { EventStoreUnavailable } from './shared/event-sourcing/event-store.js';
import { LogNotOurs } from './bootstrap/log-identity/adopt-log.js';
import { ImportUnfinished } from './shared/transfer/unfinished-import.js';
import { RegistrationFailed } from './shared/registration/registration-failed.js';
import { describeUnexpected, print, printWelcome } from './bootstrap/terminal.js';

const EXPECTED = [
  BrokenStream,
  ConfigError,
  DatabaseRefused,
  DatabaseUnavailable,
  DataDirectoryInUse,
  DataDirectoryOpen,
  EventStoreUnavailable,
  FileStorageNotOurs,
  FileStorageUnavailable,
  ImportUnfinished,
  LogNotOurs,
  RegistrationFailed,
  UnusableDatabase,
];

try {
  const config = loadConfig();
  // At a terminal the log begins at `warn`, unless the operator has set another level.
  const isAtTerminal = process.stdout.isTTY && config.logLevel === 'info';
  const logger = createLogger(isAtTerminal ? 'warn' : config.logLevel);
  const unlock = config.databaseUrl ? () => undefined : lockDataDirectory(config.dataDir);
  const server = await startServer(config, logger);
  await keepHeapSmall();
  logger.info({
    url: server.url,
    mode: config.databaseUrl ? 'server' : 'embedded',
    events: config.eventStoreUrl ? 'eventstoredb' : 'postgresql',
    mail: config.smtpUrl ? 'smtp' : 'mailbox',
    process: config.process,
    msg: 'ready',
  });
  if ((isAtTerminal && config.process !== 'worker') || server.admin)
    printWelcome({ url: server.url, admin: server.admin, keepsMails: config.smtpUrl === null });

  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error, msg: 'unforeseen error, stopping at once' });
    process.exit(1);
  });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal, msg: 'stopping' });
    void server.close().then(
      () => {
        unlock();
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error, msg: 'stopping failed' });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  const expected = EXPECTED.some((kind) => error instanceof kind);
  print(`Rolecall can't start: ${expected ? (error as Error).message : describeUnexpected(error)}`);
  process.exit(1);
}
