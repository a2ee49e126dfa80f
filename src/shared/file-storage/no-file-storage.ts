import { RuleBroken } from '../problems/problem-codes.js';
import { type Draft, FileStorage, type StoredFile, type StoredKey } from './file-storage.js';

/** The storage of an installation that has none. It refuses what would store a file. */
export class NoFileStorage extends FileStorage {
  override async open(): Promise<void> {
    return Promise.resolve();
  }

  override async receive(): Promise<Draft> {
    return Promise.reject(new RuleBroken('no-file-storage'));
  }

  override async read(): Promise<StoredFile | null> {
    return Promise.resolve(null);
  }

  override async remove(): Promise<void> {
    return Promise.resolve();
  }

  override async *keys(): AsyncGenerator<readonly StoredKey[]> {
    // It holds no file.
  }

  override async removeDrafts(): Promise<void> {
    return Promise.resolve();
  }
}
