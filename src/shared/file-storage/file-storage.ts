import type { Inspected } from './inspection.js';

/** A stored file without a key. Only the process that received it knows it. */
export interface Draft extends Inspected {
  /** Gives the file its key, for good. The bytes are on disk before it has one. */
  keepAs(key: string): Promise<void>;
  /** Removes the file. Does nothing once it has a key. Never throws. */
  discard(): Promise<void>;
  /** Reads the bytes of a file that has no key yet. */
  read(): AsyncIterable<Uint8Array>;
}

export interface StoredFile {
  /** Bytes. */
  size: number;
  content: AsyncIterable<Uint8Array>;
}

/**
 * Keeps the bytes of files under keys. A key is two UUIDs with a slash between them: what the file belongs to, and the
 * file. It is an abstract class, so that it can be its own injection token.
 */
export abstract class FileStorage {
  /**
   * Opens the storage for the installation with this id, before anything else is called.
   * @param claim false: the storage stays free for the first installation that claims it
   * @throws FileStorageNotOurs when another installation uses it, FileStorageUnavailable
   */
  abstract open(installationId: string, claim?: boolean): Promise<void>;

  /**
   * Stores the content as it arrives. Stores nothing when the content ends in an error.
   * @throws what the content throws, RuleBroken `no-file-storage`, FileStorageUnavailable
   */
  abstract receive(content: AsyncIterable<Uint8Array>): Promise<Draft>;

  /** Returns null for an unknown key. The content throws FileStorageUnavailable. */
  abstract read(key: string): Promise<StoredFile | null>;

  /** Removes a file. Idempotent. @throws FileStorageUnavailable */
  abstract remove(key: string): Promise<void>;

  /** Yields the keys of all files, grouped by their first UUID, with the time when each was stored. */
  abstract keys(): AsyncIterable<readonly StoredKey[]>;

  /** Removes drafts that no process has written to since. */
  abstract removeDrafts(before: Date): Promise<void>;
}

export interface StoredKey {
  key: string;
  storedAt: Date;
}

/** The storage does not answer, or has no room left. */
export class FileStorageUnavailable extends Error {
  override readonly name = 'FileStorageUnavailable';

  /** @param code of the operating system */
  constructor(code: string, options: ErrorOptions) {
    super(`the file storage does not work (${code})`, options);
  }
}

/** Another installation keeps its files in this storage. */
export class FileStorageNotOurs extends Error {
  override readonly name = 'FileStorageNotOurs';
}
