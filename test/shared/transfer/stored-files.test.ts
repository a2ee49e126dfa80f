import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileStorage } from '../../../src/shared/file-storage/file-storage.js';
import { FolderStorage } from '../../../src/shared/file-storage/folder-storage.js';
import { HashChainWriter } from '../../../src/shared/transfer/hash-chained-ndjson.js';
import {
  compareStoredFiles,
  FILES_FILE,
  importStoredFiles,
  writeStoredFiles,
} from '../../../src/shared/transfer/stored-files.js';

const noProgress = (): void => undefined;

describe('the transfer of stored files', () => {
  let folder: string;
  let source: FileStorage;
  let exported: FileStorage;
  let list: string;
  const key = `${randomUUID()}/${randomUUID()}`;
  const keys = [key, `${key.split('/')[0]!}/${randomUUID()}`, `${randomUUID()}/${randomUUID()}`];

  const storageIn = async (name: string): Promise<FolderStorage> => {
    const storage = new FolderStorage(join(folder, name));
    await storage.open(name);
    return storage;
  };
  async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }
  async function textOf(storage: FileStorage, of: string): Promise<string> {
    let text = '';
    for await (const chunk of (await storage.read(of))!.content) text += Buffer.from(chunk).toString();
    return text;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
    source = await storageIn('source');
    for (const each of keys) await (await source.receive(chunks('content of ', each))).keepAs(each);
    exported = await storageIn('exported');
    list = join(folder, 'files.ndjson');
    const writer = await HashChainWriter.create(list, { rolecall: FILES_FILE });
    expect([...(await writeStoredFiles(source, exported, writer, noProgress))].sort()).toEqual([...keys].sort());
    await writer.finish();
  });

  it('moves every file, and finds the two installations equal', async () => {
    const target = await storageIn('target');
    expect(await importStoredFiles(list, exported, target, noProgress)).toBe(3);
    for (const each of keys) expect(await textOf(target, each)).toBe(`content of ${each}`);
    expect(await compareStoredFiles(list, target)).toEqual([]);
    expect(readdirSync(join(folder, 'target', 'drafts'))).toEqual([]);
  });

  it('goes on where an interrupted import ended', async () => {
    const target = await storageIn('target');
    const stopping = importStoredFiles(list, exported, target, (done) => {
      if (done === 2) throw new Error('interrupted');
    });
    await expect(stopping).rejects.toThrow('interrupted');
    expect(await importStoredFiles(list, exported, target, noProgress)).toBe(3);
    expect(await compareStoredFiles(list, target)).toEqual([]);
  });

  it('refuses a file that was changed or is missing, and stores nothing in its place', async () => {
    const target = await storageIn('target');
    await writeFile(join(folder, 'exported', 'kept', key), 'x'.repeat(`content of ${key}`.length));
    await expect(importStoredFiles(list, exported, target, noProgress)).rejects.toThrow(`${key} is missing or damaged`);
    expect(await target.read(key)).toBeNull();
    await rm(join(folder, 'exported', 'kept', key));
    await expect(importStoredFiles(list, exported, target, noProgress)).rejects.toThrow(`${key} is missing or damaged`);
  });

  it('names files that differ, lack or are too many', async () => {
    await rm(join(folder, 'source', 'kept', key));
    await writeFile(join(folder, 'source', 'kept', keys[1]!), 'another');
    await (await source.receive(chunks('more'))).keepAs(`${randomUUID()}/${randomUUID()}`);
    const differences = await compareStoredFiles(list, source);
    expect(differences.sort()).toEqual(
      [
        `the stored file ${key} differs or is missing`,
        `the stored file ${keys[1]!} differs or is missing`,
        '1 stored files are not among those of the export',
      ].sort(),
    );
  });
});
