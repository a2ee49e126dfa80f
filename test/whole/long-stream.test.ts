import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { sql } from 'kysely';
import type { Database } from '../../src/shared/database/database.js';
import { describeOnOneEngine } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { ADMIN } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

const ENTRIES = Number(process.env.STREAM_ENTRIES ?? 100_000);
/** Goal: docs/history.md */
const MOST_ADDED_MIB = 120;
const PATIENCE_MS = Math.max(300_000, 2 * ENTRIES);

interface Line {
  number?: number;
  end?: true;
  next?: string | null;
}

describeOnOneEngine('a stream of a long history', (engine) => {
  if (engine.name === 'PGlite') {
    it('needs a server, because the embedded database belongs to one process', () => undefined);
    return;
  }

  let installation: Installation;
  let product: ProductProcess;
  let path: string;
  let token: string;
  beforeAll(async () => {
    installation = await Installation.make(engine);
    product = await installation.start();
    ({ token } = (await ask('POST', '/v1/auth/sign-in/email', ADMIN)) as { token: string });
    const { id } = (await ask('POST', '/v1/organisations', { name: 'Riverside Hospital' })) as { id: string };
    path = `/v1/organisations/${id}/history`;
    await waitFor(
      'the history of the organisation',
      async () => ((await ask('GET', path)) as { items: object[] }).items[0],
    );
    await fill(await installation.openDatabase(), id);
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.stop();
    await installation.remove();
  });

  async function ask(method: string, at: string, body?: object): Promise<unknown> {
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' };
    const answer = await fetch(product.url + at, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${at}: ${String(answer.status)}`);
    return answer.json();
  }

  /** The lines of the stream, up to `most`. Breaks it off then. */
  async function lines(query: string, most: number): Promise<Line[]> {
    const answer = await fetch(`${product.url}${path}?format=ndjson${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = Readable.fromWeb(answer.body as ReadableStream);
    const read: Line[] = [];
    for await (const line of createInterface({ input: body })) {
      const { number, end, next } = JSON.parse(line) as Line;
      read.push(end ? { end, next: next ?? null } : { number: number ?? -1 });
      if (read.length === most) break;
    }
    body.destroy();
    return read;
  }

  /** The stream in two calls, of which the first breaks off. */
  async function streamed(): Promise<[Line[], Line[]]> {
    const first = await lines('', ENTRIES / 4);
    return [first, await lines(`&before=${String(first.at(-1)?.number)}`, Infinity)];
  }

  it(
    'adds little to the memory of the process, and goes on where it broke off',
    async () => {
      await lines('', 1000);
      const idle = product.residentMib;
      const streaming = streamed();
      const added = (await product.peakDuring(streaming)) - idle;
      const [first, rest] = await streaming;
      process.stdout.write(
        `a stream of ${String(ENTRIES)} entries added ${added.toFixed()} MiB to ${idle.toFixed()}\n`,
      );
      expect(rest.at(-1)).toEqual({ end: true, next: null });
      const numbers = [...first, ...rest.slice(0, -1)].map(({ number }) => number);
      const newest = numbers[0] ?? 0;
      expect(numbers.slice(0, ENTRIES)).toEqual(Array.from({ length: ENTRIES }, (_, n) => newest - n));
      expect(added).toBeLessThanOrEqual(MOST_ADDED_MIB);
    },
    PATIENCE_MS,
  );
});

/** Adds entries without their events, because that many commands take minutes. */
async function fill(database: Database, organisation: string): Promise<void> {
  await sql`insert into history_entry (number, organisation_number, event_id, position, stream, type, kind, data,
      organisation_id, scope_kind, scope_id, actor, subject, correlation, causation, recorded_at, effective_at)
    select last.number + n, last.number + n, gen_random_uuid(), (1000 + n)::text, 'staff-' || people[n % 100 + 1], 'InvitationIssued', 'staff.invited',
      '{"grant": {"role": "contributor"}}', ${organisation}::uuid, 'organisation', ${organisation}::uuid, people[n % 10 + 1]::text, people[n % 100 + 1],
      gen_random_uuid()::text, gen_random_uuid()::text, last.at, last.at
    from generate_series(1, ${ENTRIES}::int) n,
      (select max(number) as number, max(effective_at) as at from history_entry) last,
      (select array_agg(gen_random_uuid()) as people from generate_series(1, 100)) made`.execute(database.kysely());
  await database.close();
}
