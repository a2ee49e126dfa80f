import { randomUUID } from 'node:crypto';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { withQuery } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { Callers } from './callers.js';

const cursorOf = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Texts that look like a time and name none, or one that the database can't hold. */
const NO_TIMES = [
  '2026-13-01 00:00:00+00',
  '2026-00-01 00:00:00+00',
  '2026-02-30 00:00:00+00',
  '2027-02-29T00:00:00Z',
  '2026-04-31 00:00:00+00',
  '2026-01-00 00:00:00+00',
  '2026-01-32 00:00:00+00',
  '2026-01-01 24:61:00+00',
  '2026-01-01 24:00:01+00',
  '2026-01-01 25:00:00+00',
  '2026-01-01 23:60:00+00',
  '2026-01-01 23:59:60+00',
  '2026-01-01 23:59:99Z',
  '0000-01-01 00:00:00+00',
  '10000-01-01 00:00:00+00',
  '99999-01-01 00:00:00+00',
  '999999-12-31T23:59:59Z',
  '-2026-01-01 00:00:00+00',
  '+002026-01-01T00:00:00Z',
  '0044-03-15 00:00:00+00 BC',
  '2026-01-01 00:00:00+16',
  '2026-01-01 00:00:00+99',
  '2026-01-01 00:00:00-15:60',
  '2026-01-01 00:00:00.1234567+00',
  '2026-01-01 00:00:00',
  '2026-01-01',
  'infinity',
  '-infinity',
  'now',
  'epoch',
  '1',
  '',
];
const TIMES = [
  '0001-01-01 00:00:00+15:59',
  '9999-12-31 23:59:59.999999-15:59',
  '2028-02-29T23:59:59Z',
  '2026-11-28 17:56:23.123456+00',
  '2026-11-28 17:56:23+0530',
];
const NO_IDS = ['', 'garbage', '\u0000', randomUUID().slice(1), `${randomUUID()} `, `{${randomUUID()}}`];
const NO_TEXTS = ['a\u0000b', '\ud800', 5, null, ['text'], { a: 1 }];

/** Lists by the numbers of events. No time continues them. */
const BY_NUMBER = /(?<!files\/\{\w+\})\/(?:history|access|access\/diff|access\/changes)$/;

/** Lists with a fixed order, which their cursors name and calls don't. */
const FIXED_ORDERS: Readonly<Record<string, string>> = { 'GET /v1/groups/{id}/network': 'name' };

describeOnOneEngine('the cursor of every list', (engine) => {
  let server: TestServer;
  let lists: { operation: Operation; path: string; required: [string, string][]; sorts: (string | null)[] }[];

  beforeAll(async () => {
    server = await startTestServer(engine);
    const callers = await Callers.make(server);
    const operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    const withCursor = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'));
    lists = await Promise.all(
      withCursor.map(async (operation) => {
        const [target] = await callers.targets(operation);
        const sorts = operation.parameters.find(({ name }) => name === 'sort')?.schema.enum as string[] | undefined;
        const required = callers.requiredQuery(operation);
        return { operation, path: target!.path, required, sorts: sorts ?? [null] };
      }),
    );
  });
  afterAll(async () => {
    await server.close();
  });

  function cursorFor(operation: Operation, sort: string | null, key: readonly unknown[]): string {
    const order = sort ?? FIXED_ORDERS[operation.id];
    return cursorOf(order === undefined ? key : [order, ...key]);
  }

  async function statusesOf(keys: readonly unknown[][], asked = lists): Promise<{ name: string; status: number }[]> {
    const calls = asked.flatMap(({ operation, path, required, sorts }) =>
      sorts.flatMap((sort) =>
        keys.map((key) => {
          const query: [string, string][] = [
            ...required,
            ...(sort ? [['sort', sort] as [string, string]] : []),
            ['cursor', cursorFor(operation, sort, key)],
          ];
          return { name: `${operation.id} ${sort ?? ''} ${JSON.stringify(key)}`, path: withQuery(path, query) };
        }),
      ),
    );
    expect(calls.length).toBeGreaterThan(100);
    const seen: { name: string; status: number }[] = [];
    const work = async (): Promise<void> => {
      for (let call = calls.pop(); call !== undefined; call = calls.pop())
        seen.push({ name: call.name, status: (await server.admin.get(call.path)).status });
    };
    await Promise.all(Array.from({ length: 4 }, work));
    return seen;
  }

  const isByNumber = (name: string): boolean => BY_NUMBER.test(name.split(' ', 2)[1]!);
  const otherThan = (seen: { name: string; status: number }[], ...good: number[]): string[] =>
    seen.flatMap(({ name, status }) => (good.includes(status) ? [] : [`${name}: ${String(status)}`]));

  it('answers 200 or 400 for a time that does not exist', async () => {
    const others = lists.filter(({ operation }) => !BY_NUMBER.test(operation.id));
    const seen = await statusesOf(
      NO_TIMES.map((time) => [time, randomUUID()]),
      others,
    );
    expect(otherThan(seen, 200, 400)).toEqual([]);
    // A list by time refuses it. A list by text may contain such a name.
    const byTime = seen.filter(({ name }) => /staff-invitations -?invitedAt|me\/invitations|patient-links/.test(name));
    expect(byTime.length).toBeGreaterThan(NO_TIMES.length * 3);
    expect(otherThan(byTime, 400)).toEqual([]);
  });

  it('continues from every valid time', async () => {
    const seen = await statusesOf(TIMES.map((time) => [time, randomUUID()]));
    expect(otherThan(seen, 200, 400)).toEqual([]);
    const [refused, continued] = [
      seen.filter(({ status }) => status === 400),
      seen.filter(({ status }) => status === 200),
    ];
    expect(refused.filter(({ name }) => !isByNumber(name)).map(({ name }) => name)).toEqual([]);
    expect(continued.filter(({ name }) => isByNumber(name)).map(({ name }) => name)).toEqual([]);
  });

  it('continues a list by number from a number alone', async () => {
    const lengths = [1, 2, 3];
    const seen = await statusesOf([
      ...lengths.map((length) => Array.from({ length }, () => '5')),
      ['5.5'],
      ['1e3'],
      ['٣'],
    ]);
    const continued = seen.filter(({ name, status }) => isByNumber(name) && status === 200);
    expect(new Set(continued.map(({ name }) => name.split(' ', 2).join(' '))).size).toBe(
      lists.filter(({ operation }) => BY_NUMBER.test(operation.id)).length,
    );
    expect(continued.filter(({ name }) => !/ \[(?:"5",?)+\]$/.test(name)).map(({ name }) => name)).toEqual([]);
    expect(otherThan(seen, 200, 400)).toEqual([]);
  });

  it('is refused with an invalid id or an invalid text', async () => {
    const keys = [
      ...NO_IDS.map((id) => ['2026-11-28 17:56:23+00', id]),
      ...NO_TEXTS.map((text) => [text, randomUUID()]),
    ];
    expect(otherThan(await statusesOf(keys), 400)).toEqual([]);
  });
});
