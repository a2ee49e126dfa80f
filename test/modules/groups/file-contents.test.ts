import { createHash, randomUUID } from 'node:crypto';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, withTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createGroup,
  createOrganisation,
  join,
  joinGroup,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { bytesOf, PDF, PNG, sendRaw, storedKeys, upload, uploadAgain } from './uploading.js';

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

describeOnOneEngine('a file with content', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  let creator: Member;
  let viewer: Member;

  beforeAll(async () => {
    server = await startTestServer(engine, { MAX_FILE_MB: '1' });
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
    creator = await joinGroup(server, group, { contentCreator: true });
    viewer = await joinGroup(server, group);
  });
  afterAll(async () => {
    await server.close();
  });

  const add = async (content: string | Buffer = PDF, name = 'Minutes.pdf'): Promise<string> =>
    `/v1/group-files/${String((await upload(creator.api, group, content, name).expect(201)).body.id)}`;

  it('is uploaded by a form, shown with size, type, hash and version, and downloaded', async () => {
    const { body } = await upload(creator.api, group, PDF, 'Minutes März.pdf').expect(201);
    const content = { size: PDF.length, type: 'application/pdf', sha256: sha256(PDF), version: 1 };
    expect(body).toMatchObject({
      name: 'Minutes März.pdf',
      size: PDF.length,
      type: 'application/pdf',
      url: `${server.url}/v1/group-files/${String(body.id)}/content`,
      content: { ...content, uploadedAt: body.addedAt },
    });
    await readModelsCaughtUp(server);
    const { items } = (await viewer.api.get(`${group.path}/files`).expect(200)).body;
    expect(items).toContainEqual({ ...body, mayEdit: false, addedBy: { ...body.addedBy } });
    const answer = await bytesOf(viewer.api.get(`/v1/group-files/${String(body.id)}/content`)).expect(200);
    expect(answer.body).toEqual(PDF);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(PDF.length),
      'content-disposition': `attachment; filename="Minutes M_rz.pdf"; filename*=UTF-8''Minutes%20M%C3%A4rz.pdf`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it('has the name that the form says, or that of the file without its path', async () => {
    const named = (file: string, name?: string) => upload(creator.api, group, PDF, file, name);
    expect((await named('a.pdf', 'Plan').expect(201)).body.name).toBe('Plan');
    expect((await named('../../etc/passwd').expect(201)).body.name).toBe('passwd');
    expect((await named('C:\\Temp\\Plan.pdf').expect(201)).body.name).toBe('Plan.pdf');
    expect((await named('evil\u202Efdp.exe').expect(201)).body.name).toBe('evilfdp.exe');
    for (const [file, name] of [
      ['a.pdf', ''],
      ['a.pdf', 'x'.repeat(256)],
      ['a.pdf', 'https://evil.example'],
      ['x'.repeat(256), undefined],
      ['/', undefined],
    ] as const) {
      const { body } = await named(file, name).expect(400);
      expect(body.errors).toMatchObject([{ field: 'name' }]);
    }
    const unknown = await upload(creator.api, group, PDF, 'a.pdf').field('url', 'https://evil.example').expect(400);
    expect(unknown.body.errors).toMatchObject([{ field: 'url' }]);
  });

  it('gets new versions by a form or a raw body, and the last ten can be downloaded', async () => {
    const path = await add('version 1', 'Plan.txt');
    for (let version = 2; version <= 12; version += 1) {
      const content = `version ${String(version)}`;
      // The declared type has no effect.
      const raw = () => sendRaw(creator.api, path, content, 'application/json');
      const { body } = await (version % 2 ? raw() : uploadAgain(creator.api, path, content)).expect(200);
      expect(body.content).toMatchObject({ version, type: 'text/plain', sha256: sha256(content) });
    }
    const { items } = (await viewer.api.get(`${path}/versions`).expect(200)).body;
    expect(items.map(({ version }: { version: number }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(items[0]).toMatchObject({ size: 10, uploadedBy: { name: 'Name of member' } });
    expect((await bytesOf(viewer.api.get(`${path}/content`)).expect(200)).body.toString()).toBe('version 12');
    expect((await bytesOf(viewer.api.get(`${path}/content?version=3`)).expect(200)).body.toString()).toBe('version 3');
    for (const version of [1, 2, 13])
      expect((await viewer.api.get(`${path}/content?version=${String(version)}`).expect(404)).body.code).toBe(
        'not-found',
      );
    await viewer.api.get(`${path}/content?version=0`).expect(400);
    expect(await storedKeys(server, path)).toHaveLength(10);
  });

  it('is not stored again with the content that it has', async () => {
    const path = await add();
    const before = (await creator.api.get(path).expect(200)).body;
    const { body, headers } = await uploadAgain(creator.api, path, PDF).expect(200);
    expect(body).toEqual(before);
    expect(headers['event-position']).toBeDefined();
    expect(await storedKeys(server, path)).toHaveLength(1);
  });

  it('is renamed, and has no address, size or type to edit', async () => {
    const path = await add();
    expect((await creator.api.patch(path, { name: 'Renamed.pdf' }).expect(200)).body).toMatchObject({
      name: 'Renamed.pdf',
      content: { version: 1 },
    });
    for (const changes of [{ url: 'https://elsewhere.example' }, { size: 1 }, { type: 'text/html' }])
      expect((await creator.api.patch(path, changes).expect(409)).body.code).toBe('file-has-content');
  });

  it('takes its contents along when it is removed', async () => {
    const path = await add();
    await uploadAgain(creator.api, path, PNG).expect(200);
    expect(await storedKeys(server, path)).toHaveLength(2);
    await creator.api.delete(path).expect(204);
    for (const call of ['content', 'preview', 'versions']) await creator.api.get(`${path}/${call}`).expect(404);
    await uploadAgain(creator.api, path, PDF).expect(404);
    expect(await storedKeys(server, path)).toEqual([]);
  });

  it('is not what a link is: calls about content are refused with a code', async () => {
    const link = { name: 'Elsewhere.pdf', url: 'https://files.example.org/7f3a' };
    const { body } = await creator.api.post(`${group.path}/files`, link).expect(201);
    expect([body.url, body.content]).toEqual([link.url, null]);
    const path = `/v1/group-files/${String(body.id)}`;
    for (const call of [
      viewer.api.get(`${path}/content`),
      viewer.api.get(`${path}/preview`),
      viewer.api.get(`${path}/versions`),
      uploadAgain(creator.api, path, PDF),
    ])
      expect((await call.expect(409)).body.code).toBe('file-is-a-link');
  });

  describe('is shown in a frame', () => {
    const preview = async (content: string | Buffer, name: string) =>
      bytesOf(viewer.api.get(`${await add(content, name)}/preview`));

    it.each([
      ['a picture', PNG, 'image/png'],
      ['a PDF', PDF, 'application/pdf'],
      ['a text', Buffer.from('Größe'), 'text/plain; charset=utf-8'],
      ['a page, as text', Buffer.from('<script>alert(1)</script>'), 'text/plain; charset=utf-8'],
      ['a drawing, as text', Buffer.from('<svg onload="alert(1)"/>'), 'text/plain; charset=utf-8'],
    ])('as %s, with a policy by which it runs nothing', async (_, content, type) => {
      const { status, headers, body } = await preview(content, 'a.html');
      expect([status, headers['content-type'], body]).toEqual([200, type, content]);
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
      expect(headers['content-security-policy']).not.toMatch(/script|allow-/);
      expect(headers['content-disposition']).toMatch(/^inline; /);
      expect(headers['x-content-type-options']).toBe('nosniff');
    });

    it('unless a browser may run it or does not know it', async () => {
      const archive = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)]);
      for (const content of [archive, Buffer.from('MZ\x90\0'), Buffer.from('text\0')]) {
        const path = await add(content, 'a.png');
        expect((await viewer.api.get(`${path}/preview`).expect(409)).body.code).toBe('no-preview');
        await viewer.api.get(`${path}/content`).expect(200);
      }
    });
  });

  describe('with an Idempotency-Key', () => {
    const keyed = (key: string, content: string | Buffer, name = 'Keyed.txt', by: Api = creator.api) =>
      upload(by, group, content, name).set('Idempotency-Key', key);

    it('is uploaded once, and a repeat gets the same answer', async () => {
      const key = randomUUID();
      const first = await keyed(key, 'once').expect(201);
      const again = await keyed(key, 'once').expect(201);
      expect(again.body).toEqual(first.body);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(again.headers['event-position']).toBe(first.headers['event-position']);
      expect(await storedKeys(server, `/v1/group-files/${String(first.body.id)}`)).toHaveLength(1);
    });

    it('is refused with another content or another name', async () => {
      const key = randomUUID();
      await keyed(key, 'once').expect(201);
      for (const other of [keyed(key, 'other'), keyed(key, 'once', 'Other.txt')])
        expect((await other.expect(422)).body.code).toBe('idempotency-key-reused');
      const json = creator.api
        .post(`${group.path}/files`, { name: 'a', url: 'https://files.example.org' })
        .set('Idempotency-Key', key);
      expect((await json.expect(422)).body.code).toBe('idempotency-key-reused');
    });

    it('is one file after two uploads at once', async () => {
      const key = randomUUID();
      const answers = await Promise.all([keyed(key, 'raced'), keyed(key, 'raced')]);
      expect(new Set(answers.map(({ status, body }) => `${String(status)} ${String(body.id)}`)).size).toBe(1);
      expect(await storedKeys(server, `/v1/group-files/${String(answers[0].body.id)}`)).toHaveLength(1);
    });

    it('is free again after a refusal', async () => {
      const key = randomUUID();
      await keyed(key, Buffer.alloc(1024 * 1024 + 1)).expect(413);
      await keyed(key, 'small').expect(201);
    });
  });

  it('is told in the history without its name to those who may not see the content', async () => {
    const secret = await createGroup(server, organisation, 'Secret');
    const member = await joinGroup(server, secret, { administrator: true, contentCreator: true });
    const { body } = await upload(member.api, secret, 'one', 'Diagnosis of Ann.txt').expect(201);
    await uploadAgain(member.api, `/v1/group-files/${String(body.id)}`, 'two').expect(200);
    const auditor = await join(server, organisation, 'auditor');
    const kinds = 'kind=file.uploaded&kind=file.content-stored';
    const seenBy = async (by: Api, language = 'en') =>
      (await by.get(`${secret.path}/history?${kinds}`).set('Accept-Language', language).expect(200)).body.items;
    const outside = await seenBy(auditor.api);
    expect(outside).toHaveLength(2);
    expect(JSON.stringify(outside)).not.toMatch(/Diagnosis|sha256|text\/plain/);
    const inside = await seenBy(member.api);
    expect(inside.map(({ summary }: { summary: string }) => summary)).toEqual([
      'Name of member uploaded a new version of a file in the group Secret',
      'Name of member uploaded Diagnosis of Ann.txt to the group Secret',
    ]);
    expect(inside[0].changes).toContainEqual({ field: 'version', from: null, to: '2' });
    expect((await seenBy(auditor.api, 'de'))[1].summary).toContain('hochgeladen: eine Datei');
  });

  it('is gone with its group, and back when the group is restored', async () => {
    const gone = await createGroup(server, organisation, 'Gone');
    const member = await joinGroup(server, gone, { contentCreator: true });
    const path = `/v1/group-files/${String((await upload(member.api, gone, PDF, 'a.pdf').expect(201)).body.id)}`;
    await server.admin.delete(gone.path).expect(204);
    for (const call of [member.api, server.admin]) await call.get(`${path}/content`).expect(404);
    await server.admin.post(`${gone.path}/restore`).expect(200);
    await member.api.get(`${path}/content`).expect(200);
  });

  it('can be read but not stored while the organisation is archived', async () => {
    const place = await createOrganisation(server);
    const there = await createGroup(server, place);
    const path = `/v1/group-files/${String((await upload(server.admin, there, PDF, 'a.pdf').expect(201)).body.id)}`;
    await server.admin.post(`${place.path}/archive`).expect(200);
    for (const call of [upload(server.admin, there, PDF, 'b.pdf'), uploadAgain(server.admin, path, PNG)])
      expect((await call.expect(409)).body.code).toBe('scope-archived');
    await server.admin.get(`${path}/content`).expect(200);
  });

  it('is refused where the installation stores no files, and links still work', async () => {
    await withTestServer(engine, { FILES_DIR: '' }, async (without) => {
      const there = await createGroup(without, await createOrganisation(without));
      expect((await upload(without.admin, there, PDF, 'a.pdf').expect(409)).body.code).toBe('no-file-storage');
      const link = { name: 'a.pdf', url: 'https://files.example.org/7f3a' };
      await without.admin.post(`${there.path}/files`, link).expect(201);
    });
  });
});
