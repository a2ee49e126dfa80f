import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  link,
  mkdir,
  open,
  opendir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RuleBroken } from '../problems/problem-codes.js';
import {
  type Draft,
  FileStorage,
  FileStorageNotOurs,
  FileStorageUnavailable,
  type StoredFile,
  type StoredKey,
} from './file-storage.js';
import { Inspection, type Inspected } from './inspection.js';

/** Names the installation that uses the folder. */
const OWNER_FILE = 'installation';
const DRAFTS = 'drafts';
const KEPT = 'kept';
const KEY = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Keeps files in a folder, which several instances may share. Other users of the machine can't read them. */
export class FolderStorage extends FileStorage {
  constructor(private readonly root: string) {
    super();
  }

  override async open(installationId: string, claim = true): Promise<void> {
    await working(async () => {
      for (const folder of [DRAFTS, KEPT]) await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
      const owner = (await this.owner()) ?? (claim ? await this.adopt(installationId) : installationId);
      if (owner !== installationId)
        throw new FileStorageNotOurs(
          `${this.root} holds the files of another installation (${owner}): set FILES_DIR to another folder`,
        );
    });
  }

  override async receive(content: AsyncIterable<Uint8Array>): Promise<Draft> {
    const path = join(this.root, DRAFTS, randomUUID());
    const discard = async (): Promise<void> => rm(path, { force: true }).catch(() => undefined);
    const file = await working(async () => open(path, 'wx', 0o600));
    try {
      const inspected = await write(content, file);
      const keepAs = async (key: string): Promise<void> => working(async () => this.keep(path, key));
      return { ...inspected, keepAs, discard, read: () => bytesOf(path) };
    } catch (error) {
      await file.close().catch(() => undefined);
      await discard();
      throw error;
    }
  }

  override async read(key: string): Promise<StoredFile | null> {
    const path = this.pathOf(key);
    return working(async () => {
      const found = await stat(path).catch(missing);
      return found && { size: found.size, content: bytesOf(path) };
    });
  }

  override async remove(key: string): Promise<void> {
    const path = this.pathOf(key);
    await working(async () => {
      await rm(path, { force: true });
      // Fails while the folder holds other files.
      await rmdir(dirname(path)).catch(() => undefined);
    });
  }

  override async *keys(): AsyncGenerator<readonly StoredKey[]> {
    const kept = await working(async () => opendir(join(this.root, KEPT)).catch(missing));
    if (!kept) return;
    for await (const { name } of kept) {
      const found = await working(async () => this.keysIn(name));
      if (found.length > 0) yield found;
    }
  }

  override async removeDrafts(before: Date): Promise<void> {
    await working(async () => {
      for await (const { name } of await opendir(join(this.root, DRAFTS))) {
        const path = join(this.root, DRAFTS, name);
        const file = await stat(path).catch(missing);
        if (file && file.mtime < before) await rm(path, { force: true });
      }
    });
  }

  private async keysIn(folder: string): Promise<StoredKey[]> {
    const found: StoredKey[] = [];
    for (const name of await readdir(join(this.root, KEPT, folder))) {
      const key = `${folder}/${name}`;
      const file = KEY.test(key) ? await stat(this.pathOf(key)).catch(missing) : null;
      if (file) found.push({ key, storedAt: file.mtime });
    }
    return found;
  }

  /** Null: no installation has claimed the folder. */
  private async owner(): Promise<string | null> {
    return (await readFile(join(this.root, OWNER_FILE), 'utf8').catch(missing))?.trim() ?? null;
  }

  /** Writes the owner's id unless the folder has an owner by now. @returns the owner's id */
  private async adopt(installationId: string): Promise<string> {
    const [path, draft] = [join(this.root, OWNER_FILE), join(this.root, DRAFTS, randomUUID())];
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${installationId}\n`);
      await file.sync();
      // Another instance may start at the same moment. Its file stays.
      await link(draft, path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
    } finally {
      await file.close();
      await rm(draft, { force: true });
    }
    return (await readFile(path, 'utf8')).trim();
  }

  private async keep(draft: string, key: string): Promise<void> {
    const path = this.pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(draft, path);
    for (const folder of [dirname(path), join(this.root, KEPT)]) await syncFolder(folder);
  }

  /** @throws TypeError for a key that could lead out of the folder */
  private pathOf(key: string): string {
    if (!KEY.test(key)) throw new TypeError('no key of a stored file');
    return join(this.root, KEPT, key);
  }
}

/** Writes all content and closes the file when it is on disk. */
async function write(content: AsyncIterable<Uint8Array>, file: FileHandle): Promise<Inspected> {
  const inspection = new Inspection();
  for await (const chunk of content) {
    inspection.update(chunk);
    await working(async () => file.appendFile(chunk));
  }
  await working(async () => {
    await file.sync();
    await file.close();
  });
  return inspection.finish();
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unavailable(error);
  }
}

/** Makes a new name in the folder survive a crash of the machine. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** @throws FileStorageUnavailable in place of an error of the operating system */
async function working<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof RuleBroken || error instanceof FileStorageNotOurs ? error : unavailable(error);
  }
}

function unavailable(error: unknown): FileStorageUnavailable {
  return new FileStorageUnavailable((error as NodeJS.ErrnoException).code ?? 'unknown error', { cause: error });
}

/** Null for a missing file. @throws any other error */
function missing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
