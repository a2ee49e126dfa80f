import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ContentsSweep } from '../../../src/modules/groups/contents/contents-sweep.js';
import { FileStorage } from '../../../src/shared/file-storage/file-storage.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { createGroup, createOrganisation, type Place } from '../../support/scenarios.js';
import { TestClock } from '../../support/test-clock.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import { storedKeys, upload, uploadAgain } from './uploading.js';

const DAY_MS = 86_400_000;
const TWO_HOURS_AGO = (): Date => new Date(Date.now() - 7_200_000);

describeOnOneEngine('the cleanup of stored contents', (engine) => {
  const clock = new TestClock();
  let server: TestServer;
  let folder: string;
  let group: Place;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
    server = await startTestServer(engine, { FILES_DIR: folder, ORGANISATION_FILES_MB: '1' }, { clock });
    await waitFor('a leader', async () => (await server.admin.get('/v1/instances')).body.leader !== null);
  });
  beforeEach(async () => {
    group = await createGroup(server, await createOrganisation(server));
  });
  afterAll(async () => {
    await server.close();
  });

  const sweep = async (): Promise<void> => server.running.app.get(ContentsSweep).run();
  const add = async (): Promise<string> =>
    `/v1/group-files/${String((await upload(server.admin, group, randomUUID(), 'a.txt').expect(201)).body.id)}`;
  const pathOf = (key: string): string => join(folder, 'kept', key);

  /** Stores a content that no event names. */
  async function orphanOf(fileId: string): Promise<string> {
    const key = `${fileId}/${randomUUID()}`;
    await mkdir(dirname(pathOf(key)), { recursive: true });
    await writeFile(pathOf(key), 'orphan');
    return key;
  }

  it('removes drafts and orphans that are old, and spares those of uploads that may still run', async () => {
    const path = await add();
    const [kept, id] = [await storedKeys(server), path.replace('/v1/group-files/', '')];
    const [old, young, ofNoFile] = [await orphanOf(id), await orphanOf(id), await orphanOf(randomUUID())];
    const drafts = ['old', 'young'].map((name) => join(folder, 'drafts', name));
    for (const draft of drafts) await writeFile(draft, 'half');
    const all = (await storedKeys(server)).filter((key) => !kept.includes(key) && key !== young);
    for (const file of [...all.map(pathOf), drafts[0]!]) await utimes(file, TWO_HOURS_AGO(), TWO_HOURS_AGO());
    expect(all).toEqual(expect.arrayContaining([old, ofNoFile]));
    await sweep();
    expect((await storedKeys(server)).sort()).toEqual([...kept, young].sort());
    expect(await readdir(join(folder, 'drafts'))).toEqual(['young']);
    await server.admin.get(`${path}/content`).expect(200);
  });

  it('removes what an earlier removal left: older versions, and contents of removed files', async () => {
    const storage = server.running.app.get(FileStorage);
    const path = await add();
    for (let version = 2; version <= 10; version += 1) await uploadAgain(server.admin, path, randomUUID()).expect(200);
    failOnce(storage, 'remove', 'before');
    await uploadAgain(server.admin, path, randomUUID()).expect(200);
    expect(await storedKeys(server, path)).toHaveLength(11);
    await sweep();
    expect(await storedKeys(server, path)).toHaveLength(10);
    const removed = await add();
    failOnce(storage, 'remove', 'before');
    await server.admin.delete(removed).expect(204);
    expect(await storedKeys(server, removed)).toHaveLength(1);
    await sweep();
    expect(await storedKeys(server, removed)).toEqual([]);
    restore(storage);
  });

  it('removes the contents of a group 30 days after its deletion, and not before, which makes room', async () => {
    const organisation = await createOrganisation(server);
    const [first, second] = [await createGroup(server, organisation), await createGroup(server, organisation, 'Other')];
    const storing = async (place: Place) => upload(server.admin, place, Buffer.alloc(700_000), 'a.bin');
    const path = `/v1/group-files/${String((await storing(first)).body.id)}`;
    const now = clock.now();
    await server.admin.delete(first.path).expect(204);
    clock.set(now, 30 * DAY_MS - 60_000);
    await sweep();
    expect([await storedKeys(server, path), (await storing(second)).status]).toEqual([[expect.anything()], 413]);
    clock.set(now, 30 * DAY_MS + 60_000);
    await sweep();
    expect([await storedKeys(server, path), (await storing(second)).status]).toEqual([[], 201]);
  });

  it('refuses a start on the files of another installation', async () => {
    await expect(startTestServer(engine, { FILES_DIR: folder })).rejects.toThrow(
      'holds the files of another installation',
    );
  });
});
