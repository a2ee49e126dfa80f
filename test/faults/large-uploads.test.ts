import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOnOneEngine } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { ADMIN } from '../support/test-server.js';
import { call, signIn } from './invitation-round.js';

const MIB = 1024 * 1024;
const UPLOADS = 8;
const FILE_BYTES = 50 * MIB;
const MOST_ABOVE_IDLE_MIB = 100;
const PATIENCE_MS = 600_000;

describeOnOneEngine(`${String(UPLOADS)} uploads of 50 MiB at once`, (engine) => {
  let installation: Installation;
  let product: ProductProcess;
  let token: string;
  let path: string;

  beforeAll(async () => {
    const files = await mkdtemp(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
    installation = await Installation.make(engine);
    product = await installation.start({ FILES_DIR: files });
    token = await signIn(product.url, ADMIN);
    const made = await call(product.url, token, 'POST', '/v1/organisations', { name: 'Riverside' });
    const groups = `/v1/organisations/${(made.body as { id: string }).id}/groups`;
    const group = (await call(product.url, token, 'POST', groups, { name: 'Board' })).body as { id: string };
    path = `/v1/groups/${group.id}/files`;
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await installation.remove();
  });

  async function upload(bytes: number, nth: number): Promise<{ id: string; size: number }> {
    const outgoing = request(product.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=form' },
    });
    outgoing.write(`--form\r\nContent-Disposition: form-data; name="file"; filename="${String(nth)}.bin"\r\n\r\n`);
    // Half of them are texts, whose bytes the product checks to the end.
    const chunk = Buffer.alloc(64 * 1024, nth % 2 ? 'Größe ' : 'binary\0');
    for (let sent = 0; sent < bytes; sent += chunk.length)
      if (!outgoing.write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)))) await once(outgoing, 'drain');
    outgoing.end('\r\n--form--\r\n');
    const [answer] = await once(outgoing, 'response');
    let text = '';
    for await (const part of answer) text += String(part);
    expect([answer.statusCode, text]).toEqual([201, expect.any(String)]);
    return JSON.parse(text) as { id: string; size: number };
  }

  async function download(id: string): Promise<number> {
    const answer = await fetch(`${product.url}/v1/group-files/${id}/content`, {
      headers: { authorization: `Bearer ${token}` },
    });
    let bytes = 0;
    for await (const chunk of answer.body!) bytes += (chunk as Uint8Array).length;
    return bytes;
  }

  it(
    `need at most ${String(MOST_ABOVE_IDLE_MIB)} MiB above the idle process, and so do as many downloads`,
    async () => {
      const fresh = product.residentMib;
      // The first large file lets the heap grow to its usual size, as the first calls of every kind do.
      await upload(FILE_BYTES, 0);
      const idle = product.residentMib;
      const all = Array.from({ length: UPLOADS }, (_, index) => index + 1);
      let stored: { id: string; size: number }[] = [];
      const uploading = await product.peakDuring(
        Promise.all(all.map(async (nth) => upload(FILE_BYTES, nth))).then((files) => {
          stored = files;
        }),
      );
      expect(stored.map(({ size }) => size)).toEqual(all.map(() => FILE_BYTES));
      let received: number[] = [];
      const downloading = await product.peakDuring(
        Promise.all(stored.map(async ({ id }) => download(id))).then((sizes) => {
          received = sizes;
        }),
      );
      expect(received).toEqual(all.map(() => FILE_BYTES));
      process.stdout.write(
        `fresh ${fresh.toFixed()} MiB, idle ${idle.toFixed()} MiB, ${String(UPLOADS)} uploads ${uploading.toFixed()} MiB, downloads ${downloading.toFixed()} MiB\n`,
      );
      expect(uploading - idle).toBeLessThanOrEqual(MOST_ABOVE_IDLE_MIB);
      expect(downloading - idle).toBeLessThanOrEqual(MOST_ABOVE_IDLE_MIB);
    },
    PATIENCE_MS,
  );
});
