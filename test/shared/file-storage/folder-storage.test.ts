import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkedContent } from '../../../src/shared/file-storage/checked-content.js';
import { FolderStorage } from '../../../src/shared/file-storage/folder-storage.js';

describe('a folder of files', () => {
  let folder: string;
  let storage: FolderStorage;
  const key = (): string => `${randomUUID()}/${randomUUID()}`;
  async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  beforeEach(async () => {
    folder = join(mkdtempSync(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`)), 'files');
    storage = new FolderStorage(folder);
    await storage.open('ours');
  });

  it('is for its owner alone, and so is each file', async () => {
    const file = key();
    await (await storage.receive(chunks('a'))).keepAs(file);
    const modes = [
      join(folder, 'kept'),
      join(folder, 'drafts'),
      join(folder, 'kept', file),
      join(folder, 'kept', file, '..'),
    ];
    expect(modes.map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '700', '600', '700']);
  });

  it('belongs to the installation that opened it first, also when two open it at once', async () => {
    await new FolderStorage(folder).open('ours');
    await expect(new FolderStorage(folder).open('theirs')).rejects.toThrow('the files of another installation (ours)');
    await rm(folder, { recursive: true });
    for (const id of ['a', 'b']) await new FolderStorage(folder).open(id, false);
    const opened = await Promise.allSettled(['a', 'b'].map(async (id) => new FolderStorage(folder).open(id)));
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(readdirSync(join(folder, 'drafts'))).toEqual([]);
  });

  it('has a file only once it is kept, and none whose content broke off', async () => {
    const draft = await storage.receive(chunks('hello', ' ', 'world'));
    expect(draft).toMatchObject({ size: 11, type: 'text/plain' });
    const file = key();
    expect(await storage.read(file)).toBeNull();
    await draft.keepAs(file);
    await draft.discard();
    expect(await readFile(join(folder, 'kept', file), 'utf8')).toBe('hello world');
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* chunks('half');
      throw new RangeError('broken off');
    };
    await expect(storage.receive(broken())).rejects.toThrow(RangeError);
    expect(readdirSync(join(folder, 'drafts'))).toEqual([]);
  });

  it('removes a file once and again, and the folder that held it alone', async () => {
    const [one, other] = [key(), key()];
    for (const file of [one, other]) await (await storage.receive(chunks('a'))).keepAs(file);
    for (let times = 0; times < 2; times += 1) await storage.remove(one);
    expect(readdirSync(join(folder, 'kept'))).toEqual([other.split('/')[0]]);
  });

  it.each(['../../etc/passwd', 'a/b', `${randomUUID()}/../x`, randomUUID(), ''])(
    'takes no key that could lead out of it: %j',
    async (bad) => {
      await expect(storage.read(bad)).rejects.toThrow();
      await expect(storage.remove(bad)).rejects.toThrow();
      const draft = await storage.receive(chunks('a'));
      await expect(draft.keepAs(bad)).rejects.toThrow();
    },
  );

  it('lists what it keeps, and passes over what somebody else put there', async () => {
    const file = key();
    await (await storage.receive(chunks('a'))).keepAs(file);
    await writeFile(join(folder, 'kept', file.split('/')[0]!, 'notes.txt'), 'mine');
    const found = [];
    for await (const some of storage.keys()) found.push(...some.map((each) => each.key));
    expect(found).toEqual([file]);
  });

  it('says that it does not work, by the code of the operating system', async () => {
    await rm(join(folder, 'drafts'), { recursive: true });
    await expect(storage.receive(chunks('a'))).rejects.toMatchObject({
      name: 'FileStorageUnavailable',
      message: expect.stringContaining('ENOENT'),
    });
    await mkdir(join(folder, 'drafts'));
    await chmod(join(folder, 'drafts'), 0o700);
    await rm(folder, { recursive: true });
    await writeFile(folder, '');
    await expect(storage.open('ours')).rejects.toMatchObject({ name: 'FileStorageUnavailable' });
  });

  it('gives no part of a damaged file that ends it, and closes a file that nobody reads', async () => {
    const file = key();
    const draft = await storage.receive(chunks('x'.repeat(200_000)));
    await draft.keepAs(file);
    const known = { key: file, size: draft.size, sha256: draft.sha256 };
    const unread = await checkedContent(storage, known);
    await unread[Symbol.asyncIterator]().return?.();
    await writeFile(join(folder, 'kept', file), `${'x'.repeat(199_999)}y`);
    let bytes = 0;
    await expect(
      (async () => {
        for await (const chunk of await checkedContent(storage, known)) bytes += chunk.length;
      })(),
    ).rejects.toMatchObject({ name: 'DamagedStoredFile' });
    expect(bytes).toBeLessThan(200_000);
  });
});
