import { checkedContent } from '../file-storage/checked-content.js';
import type { FileStorage } from '../file-storage/file-storage.js';
import type { OnProgress } from './event-file.js';
import { readHashChain, type HashChainWriter } from './hash-chained-ndjson.js';
import { ImportRefused } from './import-events.js';

/** The kind that the header of a list of stored files names. */
export const FILES_FILE = 'files';
const MOST_SHOWN = 10;

/** A line of the list. */
interface ListedFile {
  key: string;
  size: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Copies every stored file to the folder of an export, and lists it.
 * @returns the keys of the copied files
 */
export async function writeStoredFiles(
  from: FileStorage,
  to: FileStorage,
  list: HashChainWriter,
  onProgress: OnProgress,
): Promise<ReadonlySet<string>> {
  const done = new Set<string>();
  for await (const stored of from.keys()) {
    for (const { key } of stored) {
      const file = await from.read(key);
      if (!file) continue;
      const draft = await to.receive(file.content);
      await draft.keepAs(key);
      const { size, sha256 } = draft;
      await list.write([{ key, size, sha256 } satisfies ListedFile]);
      done.add(key);
      onProgress(done.size);
    }
  }
  return done;
}

/**
 * Copies the files of an export to the storage of an installation. Files of an earlier attempt stay.
 * @returns the number of files
 * @throws DamagedFile, DamagedStoredFile for a file that isn't as it was exported, ImportRefused, FileStorageUnavailable
 */
export async function importStoredFiles(
  path: string,
  from: FileStorage,
  to: FileStorage,
  onProgress: OnProgress,
): Promise<number> {
  let done = 0;
  for await (const listed of readList(path)) {
    if ((await to.read(listed.key))?.size !== listed.size) await copy(listed, from, to);
    done += 1;
    onProgress(done);
  }
  return done;
}

/** Describes how the storage differs from the list. It names the keys of the first ones; empty: equal. */
export async function compareStoredFiles(path: string, storage: FileStorage): Promise<string[]> {
  const differences: string[] = [];
  const listed = new Set<string>();
  for await (const file of readList(path)) {
    listed.add(file.key);
    const isEqual = await isReadable(storage, file);
    if (!isEqual && differences.length < MOST_SHOWN)
      differences.push(`the stored file ${file.key} differs or is missing`);
  }
  let more = 0;
  for await (const stored of storage.keys()) more += stored.filter(({ key }) => !listed.has(key)).length;
  if (more > 0) differences.push(`${String(more)} stored files are not among those of the export`);
  return differences;
}

async function copy(listed: ListedFile, from: FileStorage, to: FileStorage): Promise<void> {
  const draft = await to.receive(await checkedContent(from, listed));
  try {
    await draft.keepAs(listed.key);
  } finally {
    await draft.discard();
  }
}

async function isReadable(storage: FileStorage, file: ListedFile): Promise<boolean> {
  try {
    for await (const _ of await checkedContent(storage, file)) continue;
    return true;
  } catch {
    return false;
  }
}

async function* readList(path: string): AsyncGenerator<ListedFile, void, undefined> {
  for await (const { line, text } of readHashChain(path, FILES_FILE)) {
    const { key, size, sha256 } = JSON.parse(text) as Partial<ListedFile>;
    if (typeof key !== 'string' || typeof size !== 'number' || typeof sha256 !== 'string')
      throw new ImportRefused(`line ${String(line)} of the list of stored files names no file`);
    yield { key, size, sha256 };
  }
}
