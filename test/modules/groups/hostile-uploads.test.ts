import { createHash } from 'node:crypto';
import { request, type ClientRequest } from 'node:http';
import { once } from 'node:events';
import { readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FileScanner } from '../../../src/shared/file-storage/file-scanner.js';
import { FileStorage, FileStorageUnavailable } from '../../../src/shared/file-storage/file-storage.js';
import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { createGroup, createOrganisation, type Place } from '../../support/scenarios.js';
import { waitFor } from '../../support/wait-for.js';
import { bytesOf, PDF, PNG, storedKeys, upload, uploadAgain } from './uploading.js';

const MIB = 1024 * 1024;

/** Refuses files with this text. */
class RefusingScanner extends FileScanner {
  override async accepts(content: AsyncIterable<Uint8Array>): Promise<boolean> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (text.includes('scanner down')) throw new Error('the scanner is down');
    return !text.includes('EICAR');
  }
}

describeOnOneEngine('an upload', (engine) => {
  let server: TestServer;
  let folder: string;
  let group: Place;
  let organisation: Place;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
    const settings = { FILES_DIR: folder, MAX_FILE_MB: '1', ORGANISATION_FILES_MB: '3' };
    server = await startTestServer(engine, settings, { fileScanner: new RefusingScanner() });
  });
  beforeEach(async () => {
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  const drafts = async (): Promise<string[]> => readdir(join(folder, 'drafts'));
  /** What is stored: keys, drafts and events. */
  async function everything(): Promise<unknown> {
    return [await storedKeys(server), await drafts(), (await server.events()).length];
  }
  /** Expects that a call leaves nothing behind. */
  async function leavesNothing(work: () => Promise<void>): Promise<void> {
    const before = await everything();
    await work();
    await waitFor('nothing left behind', async () => JSON.stringify(await everything()) === JSON.stringify(before));
  }
  const add = async (content: string | Buffer = PDF): Promise<string> =>
    `/v1/group-files/${String((await upload(server.admin, group, content, 'a').expect(201)).body.id)}`;

  function open(method: string, path: string, headers: Record<string, string | number>): ClientRequest {
    const all = { authorization: `Bearer ${server.admin.token!}`, ...headers };
    return request(server.url + path, { method, headers: all }).on('error', () => undefined);
  }

  describe('over the limit', () => {
    it('is refused with the largest size and one byte, and stored with the largest size', async () => {
      await add(Buffer.alloc(MIB));
      await leavesNothing(async () => {
        const { body } = await upload(server.admin, group, Buffer.alloc(MIB + 1), 'a').expect(413);
        expect(body.code).toBe('file-too-large');
      });
    });

    it('is refused by its declared length before it is read', async () => {
      await leavesNothing(async () => {
        const outgoing = open('POST', `${group.path}/files`, {
          'content-type': 'multipart/form-data; boundary=form',
          'content-length': 10 * MIB,
        });
        outgoing.write('--form\r\n');
        const [answer] = await once(outgoing, 'response');
        expect(answer.statusCode).toBe(413);
        outgoing.destroy();
      });
    });

    it('is refused while it arrives without a declared length', async () => {
      const path = await add();
      await leavesNothing(async () => {
        const outgoing = open('PUT', `${path}/content`, { 'transfer-encoding': 'chunked' });
        outgoing.write(Buffer.alloc(MIB + 1));
        const [answer] = await once(outgoing, 'response');
        expect(answer.statusCode).toBe(413);
        outgoing.destroy();
      });
    });

    it('is refused when the organisation has no room left, also by uploads at the same moment', async () => {
      const path = await add(Buffer.alloc(MIB, 'a'));
      await uploadAgain(server.admin, path, Buffer.alloc(MIB, 'b')).expect(200);
      const answers = await Promise.all(
        [1, 2, 3].map(async (nth) => upload(server.admin, group, Buffer.alloc(MIB * 0.75, String(nth)), 'a')),
      );
      const stored = answers.filter(({ status }) => status === 201).length;
      expect(stored).toBeLessThanOrEqual(1);
      for (const { status, body } of answers.filter((answer) => answer.status !== 201))
        expect([status, body.code]).toEqual([413, 'file-quota-exceeded']);
      // Another organisation has room of its own, and a removed file makes room.
      const elsewhere = await createGroup(server, await createOrganisation(server));
      await upload(server.admin, elsewhere, Buffer.alloc(MIB), 'a').expect(201);
      await server.admin.delete(path).expect(204);
      await add(Buffer.alloc(MIB));
    });
  });

  describe('that breaks off', () => {
    it.each(['a form', 'a raw body'])('leaves nothing behind: %s', async (kind) => {
      const path = await add();
      await leavesNothing(async () => {
        const form = kind === 'a form';
        const outgoing = open(form ? 'POST' : 'PUT', form ? `${group.path}/files` : `${path}/content`, {
          'content-type': form ? 'multipart/form-data; boundary=form' : 'text/plain',
          'content-length': 500_000,
        });
        if (form) outgoing.write('--form\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
        outgoing.write('x'.repeat(100_000));
        await waitFor('a draft', async () => (await drafts()).length > 0);
        outgoing.destroy();
      });
    });

    it('is refused when its form ends too early', async () => {
      await leavesNothing(async () => {
        const cut = '--form\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello';
        const outgoing = open('POST', `${group.path}/files`, { 'content-type': 'multipart/form-data; boundary=form' });
        outgoing.end(cut);
        const [answer] = await once(outgoing, 'response');
        expect(answer.statusCode).toBe(400);
        answer.resume();
      });
    });
  });

  it('without exactly one file is refused', async () => {
    const path = await add();
    await leavesNothing(async () => {
      const none = await server.admin.call('post', `${group.path}/files`).field('name', 'a').expect(400);
      expect(none.body.errors).toEqual([{ field: 'file', message: 'is required' }]);
      await upload(server.admin, group, PDF, 'a').attach('file', PDF, { filename: 'b' }).expect(400);
      await upload(server.admin, group, PDF, 'a', 'x').field('name', 'y').expect(400);
      await server.admin.call('put', `${path}/content`).expect(400);
      await uploadAgain(server.admin, path, PNG).field('name', 'b').expect(400);
    });
  });

  it('gets the type of its bytes, whatever its name and its client say', async () => {
    const disguised = async (content: string | Buffer, filename: string, contentType: string) => {
      const call = server.admin.call('post', `${group.path}/files`);
      return (await call.attach('file', Buffer.from(content as string), { filename, contentType }).expect(201)).body
        .type;
    };
    expect(await disguised('<script>alert(1)</script>', 'a.png', 'image/png')).toBe('text/plain');
    expect(await disguised(PNG, 'a.html', 'text/html')).toBe('image/png');
    expect(await disguised('MZ\x90\0', 'a.pdf', 'application/pdf')).toBe('application/octet-stream');
    expect(await disguised('<svg/>', 'a.svg', 'image/svg+xml')).toBe('text/plain');
    // A picture that is a page as well is a picture for every browser, because of `nosniff`.
    expect(await disguised(Buffer.concat([PNG, Buffer.from('<script>alert(1)</script>')]), 'a.html', 'text/html')).toBe(
      'image/png',
    );
  });

  it('of a small archive of endless zeros stays as small as it is', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB), { level: 9 });
    const path = await add(bomb);
    const { body } = await server.admin.get(path).expect(200);
    expect(body.content).toMatchObject({ size: bomb.length, type: 'application/gzip' });
    expect(
      (await bytesOf(server.admin.get(`${path}/content`)).expect(200)).headers['content-encoding'],
    ).toBeUndefined();
  });

  it('that the scanner refuses leaves nothing behind, and so does one that it cannot examine', async () => {
    await leavesNothing(async () => {
      const { body } = await upload(server.admin, group, 'an EICAR test', 'a.txt').expect(422);
      expect(body.code).toBe('file-refused');
      await upload(server.admin, group, 'scanner down', 'a.txt').expect(500);
    });
  });

  describe('to a storage that fails', () => {
    afterEach(() => {
      restore(server.running.app.get(FileStorage), server.running.app.get(EventStore));
    });
    const full = new FileStorageUnavailable('ENOSPC', {});

    it('is refused with 503, and leaves nothing behind', async () => {
      const storage = server.running.app.get(FileStorage);
      await leavesNothing(async () => {
        failOnce(storage, 'receive', 'before', { error: full });
        const { body, headers } = await upload(server.admin, group, PDF, 'a').expect(503);
        expect([body.code, headers['retry-after']]).toEqual(['file-storage-unavailable', '30']);
      });
      expect(server.logs.some((line) => line.includes('FileStorageUnavailable'))).toBe(true);
      await add();
    });

    it('that gives it no key is refused with 503, and the file stays as it was', async () => {
      const path = await add();
      const contents = join(folder, 'kept', path.replace('/v1/group-files/', ''));
      // A file stands where the folder of the contents was.
      await rename(contents, `${folder}/aside`);
      await writeFile(contents, '');
      await uploadAgain(server.admin, path, PNG).expect(503);
      await rm(contents);
      await rename(`${folder}/aside`, contents);
      expect(await drafts()).toEqual([]);
      expect((await server.admin.get(path).expect(200)).body.content.version).toBe(1);
      await server.admin.get(`${path}/content`).expect(200);
    });

    it('keeps the content when nobody knows whether the event was stored', async () => {
      const path = await add();
      failOnce(server.running.app.get(EventStore), 'appendMany', 'after');
      await uploadAgain(server.admin, path, PNG).expect(500);
      expect((await server.admin.get(path).expect(200)).body.content.version).toBe(2);
      await server.admin.get(`${path}/content`).expect(200);
    });
  });

  describe('that the storage lost or changed since', () => {
    const fileOf = async (path: string): Promise<string> => join(folder, 'kept', (await storedKeys(server, path))[0]!);

    it('is answered with 503, and never with other bytes', async () => {
      const small = await add('the right bytes');
      await writeFile(await fileOf(small), 'the wrong bytes');
      const cut = await add(PDF);
      await truncate(await fileOf(cut), 10);
      const lost = await add(PNG);
      await rm(await fileOf(lost));
      for (const path of [small, cut, lost])
        expect((await server.admin.get(`${path}/content`).expect(503)).body.code).toBe('file-damaged');
    });

    it('never arrives whole when it is too large to be checked before', async () => {
      const content = Buffer.alloc(MIB, 'a');
      const path = await add(content);
      content[content.length - 1] = 0x62;
      await writeFile(await fileOf(path), content);
      await expect(bytesOf(server.admin.get(`${path}/content`))).rejects.toThrow();
      content[content.length - 1] = 0x61;
      await writeFile(await fileOf(path), content);
      const { body } = await bytesOf(server.admin.get(`${path}/content`)).expect(200);
      expect(
        createHash('sha256')
          .update(body as Buffer)
          .digest('hex'),
      ).toBe((await server.admin.get(path)).body.content.sha256);
    });
  });
});
