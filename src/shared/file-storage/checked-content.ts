import { createHash } from 'node:crypto';
import type { FileStorage } from './file-storage.js';

/** What the caller knows of a stored file. */
export interface KnownFile {
  key: string;
  size: number;
  /** Hexadecimal. */
  sha256: string;
}

/** The storage lacks a file, or holds other bytes than were stored. */
export class DamagedStoredFile extends Error {
  override readonly name = 'DamagedStoredFile';

  constructor({ key }: KnownFile) {
    super(`the stored file ${key} is missing or damaged`);
  }
}

/**
 * The bytes of a stored file. It gives the last part only after it has checked all bytes, so a damaged file never
 * arrives whole. A small file is checked before this function returns.
 * @throws DamagedStoredFile, FileStorageUnavailable; the content throws them too
 */
export async function checkedContent(storage: FileStorage, known: KnownFile): Promise<AsyncIterable<Uint8Array>> {
  const stored = await storage.read(known.key);
  if (stored?.size !== known.size) throw new DamagedStoredFile(known);
  const parts = checked(stored.content, known);
  return withFirst(await parts.next(), parts);
}

/** The parts after `first` follow it. A reader that stops early closes them, even before its first read. */
function withFirst(
  first: IteratorResult<Uint8Array, void>,
  parts: AsyncGenerator<Uint8Array, void>,
): AsyncIterable<Uint8Array> {
  let isFirst = true;
  const next = async (): Promise<IteratorResult<Uint8Array, void>> => {
    if (!isFirst) return parts.next();
    isFirst = false;
    return first;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: async () => parts.return() }) };
}

async function* checked(content: AsyncIterable<Uint8Array>, known: KnownFile): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (hash.digest('hex') !== known.sha256) throw new DamagedStoredFile(known);
  if (held) yield held;
}
