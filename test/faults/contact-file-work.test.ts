import { MAX_CELL } from '../../src/modules/invitations/invite/contact-file/contact-file-limits.js';
import { describeOnPglite } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation } from '../support/scenarios.js';
import { TEXTS } from '../http/bad-shapes.js';
import { workFaults } from '../http/work-meter.js';

/** As large as a test can afford. Work that grows faster than the file shows between a quarter of it and the whole. */
const FILE_BYTES = Number(process.env.CONTACT_FILE_BYTES ?? 1024 * 1024);
/** The lengths of lines in bytes: a usual cell, one longer than any address, one as long as a cell may be. */
const LINES = [60, 950, MAX_CELL / 2];

/** The limit is long, because the machine may do other work. */
const PATIENCE_MS = 900_000;

describeOnPglite('the work of reading a contact file', (engine) => {
  let server: TestServer;
  let path: string;
  beforeAll(async () => {
    server = await startTestServer(engine, { PREVIEWS_PER_HOUR: '0' });
    path = `${(await createOrganisation(server)).path}/staff-invitations/import`;
  });
  afterAll(async () => {
    await server.close();
  });

  async function faultsOf(name: string, file: (bytes: number) => string): Promise<string[]> {
    const statuses: number[] = [];
    const faults = await workFaults(name, (sized) => {
      const form = new FormData();
      form.append('file', new Blob([file(sized === 'whole' ? FILE_BYTES : FILE_BYTES / 4)]), 'contacts.csv');
      return async () => {
        const { status, body } = await fetch(server.url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${server.admin.token!}` },
          body: form,
        });
        statuses.push(status);
        for await (const _ of body!) continue;
      };
    });
    return [...faults, ...statuses.filter((status) => status >= 500).map((status) => `${name}: ${String(status)}`)];
  }

  const linesOf =
    (line: string) =>
    (bytes: number): string =>
      `${line}\n`.repeat(Math.max(1, Math.floor(bytes / (Buffer.byteLength(line) + 1))));

  it.each(LINES)(
    'grows in proportion to a file with lines of %d bytes, with any content',
    async (length) => {
      const faults: string[] = [];
      for (const [shape, text] of Object.entries(TEXTS)) {
        const cell = text(length).replaceAll(/["\n\r\0]/g, "'");
        for (const [kind, line] of [
          ['alone', cell],
          ['with an address', `${cell} a@b.example`],
          ['in brackets', `"${cell}" <${cell}@b.example>`],
        ] as const) {
          faults.push(...(await faultsOf(`${shape}, ${kind}`, linesOf(line.slice(0, MAX_CELL - 100)))));
        }
      }
      expect(faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each([
    ['blank lines', '\n'],
    ['separators', ',;\t'],
    ['quotation marks', '"'],
    ['quoted nothings', '"",'],
    ['carriage returns', '\r'],
    ['at signs', '@'],
    ['brackets', '<@>'],
    ['addresses in one line', 'a@b.example;'],
    ['Google separators', 'a@b ::: '],
  ])('grows in proportion to a file of nothing but %s', async (name, unit) => {
    expect(await faultsOf(name, (bytes) => unit.repeat(Math.floor(bytes / unit.length)))).toEqual([]);
  });
});
