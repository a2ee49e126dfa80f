import { connect } from 'node:net';
import { MAX_FILE_BYTES, MAX_ROWS } from '../../../src/modules/invitations/invite/contact-file/contact-file-limits.js';
import { signIn } from '../../faults/invitation-round.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { Installation } from '../../support/installation.js';
import type { ProductProcess } from '../../support/product-process.js';
import { ADMIN, metricsAt } from '../../support/test-server.js';

const MIB = 2 ** 20;
/** The limit of docs/domain.md §12, of CPU time, because the machine may be busy. */
const SECONDS = 5;
/** The part of the whole time for which other work may wait. */
const LONGEST_BLOCK = 1 / 8;

interface Usage {
  cpuSeconds: number;
  residentMiB: number;
  /** The longest block since the last reading. */
  blockSeconds: number;
}

describeOnOneEngine('a large contact file, sent to the product in a process of its own', (engine) => {
  let installation: Installation;
  let product: ProductProcess;
  let token: string;
  let path: string;

  beforeAll(async () => {
    installation = await Installation.make(engine);
    product = await installation.start({ SMTP_URL: 'smtp://127.0.0.1:9', PREVIEWS_PER_HOUR: '0' });
    token = await signIn(product.url, ADMIN);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const made = await fetch(`${product.url}/v1/organisations`, { method: 'POST', headers, body: '{"name":"Large"}' });
    path = `/v1/organisations/${((await made.json()) as { id: string }).id}/staff-invitations/import`;
    await preview(Buffer.from('ada@clinic.example'));
    // The time-out is longer, because the product starts in another process.
  }, 120_000);
  afterAll(async () => {
    await product.kill();
    await installation.remove();
  });

  async function preview(
    file: Buffer<ArrayBuffer>,
  ): Promise<{ status: number; body: { code?: string; summary?: { invited: number } } }> {
    const form = new FormData();
    form.set('file', new Blob([file]), 'contacts.csv');
    const answer = await fetch(product.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string } };
  }

  async function usage(): Promise<Usage> {
    const text = await metricsAt(product.url);
    const metric = (name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
    return {
      cpuSeconds: metric('process_cpu_seconds_total'),
      residentMiB: metric('process_resident_memory_bytes') / MIB,
      blockSeconds: metric('nodejs_eventloop_lag_max_seconds'),
    };
  }

  it.each([
    ['short', 'some notes'],
    ['so long that the file has the largest allowed size', 'n'.repeat(340)],
  ])(
    `of ${MAX_ROWS} rows that are %s is previewed in seconds, delays no other call, and does not stay in memory`,
    async (_, notes) => {
      const rows = Array.from(
        { length: MAX_ROWS },
        (_row, n) => `Ada,"Byron, ${n}",ada.${n}@clinic-${n % 100}.example,,"${notes}"\r\n`,
      );
      const file = Buffer.from(`First Name,Last Name,E-mail Address,E-mail 2 Address,Notes\r\n${rows.join('')}`);
      const before = await usage();
      const started = performance.now();
      const { status, body } = await preview(file);
      const seconds = (performance.now() - started) / 1000;
      const after = await usage();
      const [cpu, grown] = [after.cpuSeconds - before.cpuSeconds, after.residentMiB - before.residentMiB];
      process.stdout.write(
        `${engine.name}, ${MAX_ROWS} rows, ${(file.length / MIB).toFixed(0)} MiB: ${seconds.toFixed(1)} s (processor ${cpu.toFixed(1)} s), ` +
          `longest block ${(1000 * after.blockSeconds).toFixed(0)} ms, grown by ${grown.toFixed(0)} MiB\n`,
      );
      expect({ status, invited: body.summary?.invited }).toEqual({ status: 200, invited: MAX_ROWS });
      expect(cpu).toBeLessThan(SECONDS);
      expect(after.blockSeconds / seconds).toBeLessThan(LONGEST_BLOCK);
      expect(grown).toBeLessThan(250);
    },
  );

  it('is refused above 20 MiB, and not one byte below', async () => {
    const most = Buffer.alloc(MAX_FILE_BYTES, `${'x'.repeat(1000)}\n`);
    expect((await preview(most)).status).toBe(200);
    expect(await preview(Buffer.concat([most, Buffer.from('x')]))).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large' },
    });
  });

  it.each([
    ['one line', Buffer.alloc(64 * 1024, 'x'), '422'],
    ['an archive', Buffer.alloc(64 * 1024, 'PK\x03\x04'), '422'],
    ['too many rows', Buffer.alloc(64 * 1024, 'x\n'), '422'],
  ])(
    'without end, of %s, is refused while the client sends it, and the connection is closed',
    async (_, piece, status) => {
      const before = await usage();
      const { answer, sentMiB } = await sendWithoutEnd(piece);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(sentMiB).toBeLessThan((3 * MAX_FILE_BYTES) / MIB);
      expect((await usage()).residentMiB - before.residentMiB).toBeLessThan(100);
      expect((await preview(Buffer.from('ada@clinic.example'))).status).toBe(200);
    },
  );

  /** Sends a body without end, as a client that ignores the answer. */
  async function sendWithoutEnd(piece: Buffer): Promise<{ answer: string; sentMiB: number }> {
    const { hostname, port, host } = new URL(product.url);
    const socket = connect(Number(port), hostname);
    // The product closes the connection, which is what the test expects.
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: multipart/form-data; boundary=x',
      'Content-Length: 9999999999',
    ];
    socket.write(
      `${head.join('\r\n')}\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`,
    );
    const send = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', send);
    send();
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
    return { answer, sentMiB: socket.bytesWritten / MIB };
  }
});
