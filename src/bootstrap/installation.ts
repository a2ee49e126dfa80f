import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.js';
import { lockDataDirectory } from './data-directory.js';
import { ENTITIES } from './entities.js';
import { UNCHECKED } from './event-shapes.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import { Database } from '../shared/database/database.js';
import type { EventStore } from '../shared/event-sourcing/event-store.js';
import type { FileStorage } from '../shared/file-storage/file-storage.js';
import { fileStorageIn } from '../shared/file-storage/file-storage.module.js';
import { openEventStore } from '../shared/event-sourcing/open-event-store.js';

/** The stores of an installation, opened without its services. */
export interface Installation {
  config: Config;
  database: Database;
  store: EventStore;
  storage: FileStorage;
  close(): Promise<void>;
}

/** This data directory holds no installation. */
export class NoInstallation extends Error {
  override readonly name = 'NoInstallation';
}

/**
 * Opens an installation, and locks its data directory when it is embedded.
 * @param mustExist false: creates what is missing
 * @param onWaiting called once while another process migrates
 * @param migrations null: leaves the schema as it is
 * @throws DataDirectoryInUse, DataDirectoryOpen, DatabaseRefused, NoInstallation
 */
export async function openInstallation(
  config: Config,
  mustExist: boolean,
  onWaiting?: (sentence: string) => void,
  migrations: typeof MIGRATIONS | null = MIGRATIONS,
): Promise<Installation> {
  const cluster = join(config.dataDir, 'postgres');
  if (mustExist && config.databaseUrl === null && !existsSync(cluster)) {
    throw new NoInstallation(`there is no installation in ${config.dataDir}: set DATA_DIR or DATABASE_URL`);
  }
  const unlock = config.databaseUrl === null ? lockDataDirectory(config.dataDir) : () => undefined;
  try {
    const database = await Database.open({
      url: config.databaseUrl ?? undefined,
      embedded: cluster,
      entities: ENTITIES,
      migrations,
      onWaiting,
    });
    const store = await openEventStore(database, config.eventStoreUrl, { shapes: UNCHECKED });
    const close = async (): Promise<void> => {
      await store.close();
      await database.close();
      unlock();
    };
    return { config, database, store, storage: fileStorageIn(config.filesDir), close };
  } catch (error) {
    unlock();
    throw error;
  }
}
