import { once } from 'node:events';
import { mkdtemp, readdir, stat, utimes } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { ADMIN } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { call, signIn } from './invitation-round.js';

const PATIENCE_MS = 600_000;
const BYTES = 1024 * 1024;

describeOnEngines('kill -9 during an upload', (engine) => {
  let installation: Installation;
  let product: ProductProcess;
  let token: string;
  let files: string;

  const start = async (): Promise<void> => {
    product = await installation.start({ FILES_DIR: files });
    token = await signIn(product.url, ADMIN);
  };
  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
    installation = await Installation.make(engine);
    await start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await installation.remove();
  });

  async function makeGroup(): Promise<string> {
    const made = await call(product.url, token, 'POST', '/v1/organisations', { name: 'Riverside' });
    const path = `/v1/organisations/${(made.body as { id: string }).id}/groups`;
    return ((await call(product.url, token, 'POST', path, { name: 'Board' })).body as { id: string }).id;
  }

  /** Uploads a form, and stops before its end unless it is whole. */
  function upload(group: string, whole: boolean): ReturnType<typeof request> {
    const outgoing = request(`${product.url}/v1/groups/${group}/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=form' },
    }).on('error', () => undefined);
    outgoing.write('--form\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
    outgoing.write('x'.repeat(BYTES));
    if (whole) outgoing.end('\r\n--form--\r\n');
    return outgoing;
  }

  async function draftsOf(bytes: number): Promise<string[]> {
    const found = [];
    for (const name of await readdir(join(files, 'drafts'))) {
      const path = join(files, 'drafts', name);
      if ((await stat(path)).size >= bytes) found.push(path);
    }
    return found;
  }
  const kept = async (): Promise<string[]> =>
    (await readdir(join(files, 'kept'), { recursive: true })).filter((name) => name.includes('/'));

  it(
    'leaves no orphan after the next start, and loses no file that was answered',
    async () => {
      const group = await makeGroup();
      const [answer] = await once(upload(group, true), 'response');
      expect(answer.statusCode).toBe(201);
      answer.resume();
      const before = await kept();
      upload(group, false);
      await waitFor('half an upload', async () => (await draftsOf(BYTES / 2)).length > 0, PATIENCE_MS);
      await product.kill();
      const drafts = await draftsOf(1);
      expect(drafts).toHaveLength(1);
      // With a server another instance may still receive a young draft.
      const hourAgo = new Date(Date.now() - 3_700_000);
      if (engine.name !== 'PGlite') await utimes(drafts[0]!, hourAgo, hourAgo);
      await start();
      await waitFor('no draft', async () => (await readdir(join(files, 'drafts'))).length === 0, 60_000);
      expect(await kept()).toEqual(before);
      const { body } = await call(product.url, token, 'GET', `/v1/groups/${group}/files`);
      const [file] = (body as { items: { id: string; size: number }[] }).items;
      expect(file?.size).toBe(BYTES);
      const content = await fetch(`${product.url}/v1/group-files/${file!.id}/content`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect((await content.arrayBuffer()).byteLength).toBe(BYTES);
    },
    PATIENCE_MS,
  );
});
