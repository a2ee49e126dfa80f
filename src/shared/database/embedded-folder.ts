import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataDir as emptyDatabase } from '@electric-sql/pglite-prepopulatedfs';

/** How to open the folder of an embedded database. */
export interface EmbeddedFolder {
  /** The files of an empty database, for a folder without one. */
  loadDataDir?: Blob | File;
  /** The database was opened and its schema is there. */
  finished(): Promise<void>;
}

/**
 * Prepares the folder. A new one gets the files of an empty database, because making them takes ten seconds of
 * processor time. A note beside the folder stands until its schema is there. A process that ended meanwhile leaves the
 * note, and the next one begins anew: nothing was stored yet.
 */
export async function embeddedFolder(folder: string): Promise<EmbeddedFolder> {
  const note = `${folder}.unfinished`;
  const finished = async (): Promise<void> => rm(note, { force: true });
  if (existsSync(note)) await rm(folder, { recursive: true, force: true });
  if (existsSync(join(folder, 'PG_VERSION'))) return { finished };
  await mkdir(dirname(folder), { recursive: true });
  await writeFile(note, '');
  return { loadDataDir: await emptyDatabase(), finished };
}
