import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { MAX_BODY_BYTES } from '../../src/shared/http/sizes/body-limits.js';
import { describeOnPglite } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { A_FEW, BODIES, shapesFor, TEXTS } from './bad-shapes.js';
import { readOperations, type Operation, type Schema } from './openapi.js';
import { goodValue } from './schema-values.js';
import { Callers } from './callers.js';
import { workFaults } from './work-meter.js';

/** Node refuses more than 16 KiB of address and headers. */
const HEAD_BYTES = 12_000;
const FORM_BYTES = 64 * 1024;
const TOO_MUCH = [413, 414, 431];

/** The parts of many large calls, because one test for all would take too long. */
const PARTS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Every eighth case from the part's number on, so that slow neighbours fall into different parts. */
const dealt = <Case>(cases: readonly Case[], part: number): Case[] =>
  cases.filter((_, index) => index % PARTS.length === part - 1);

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}
type Sized = 'quarter' | 'whole';
const sizeOf = (sized: Sized, bytes: number): number => Math.floor(sized === 'whole' ? bytes : bytes / 4);
/** The value encoded for an address. A shape that is no text becomes "x". */
const inAddress = (value: string): string => encodeURIComponent(value.isWellFormed() ? value : 'x');

/**
 * The product refuses cheaply whatever it refuses. Routes and fields come from its own document, so that each new one
 * is covered.
 */
describeOnPglite('work before permission', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  let callers: Callers;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    callers = await Callers.make(server);
  });
  afterAll(async () => {
    agent.destroy();
    await server.close();
  });

  /** Reads the answer and ignores it, so that only the product's work is measured. */
  async function statusOf({ method, path, headers = {}, body }: Sent): Promise<number> {
    const outgoing = request(server.url + path, {
      method,
      agent,
      headers: { ...headers, ...(body ? { 'content-length': body.length } : {}) },
    });
    outgoing.end(body);
    const [incoming] = await once(outgoing, 'response');
    for await (const _ of incoming) continue;
    return incoming.statusCode as number;
  }

  /**
   * Calls with a quarter of the size, and with all of it. @returns the faults, also a failure and a call too large to
   * be judged
   */
  async function faultsOf(name: string, call: (sized: Sized) => Sent, fitting = true): Promise<string[]> {
    const statuses: number[] = [];
    const faults = await workFaults(name, (sized) => {
      const sent = call(sized);
      return async () => statuses.push(await statusOf(sent));
    });
    const failed = statuses.filter((status) => status >= 500 || (fitting && TOO_MUCH.includes(status)));
    return [...faults, ...failed.slice(0, 1).map((status) => `${name}: ${String(status)}`)];
  }

  /** Bodies of bad shapes, by shape and size. All parts share them, because large ones take long to make. */
  const made = new Map<string, Buffer>();
  const make = (shape: string, bytes: number): Buffer => {
    const key = `${shape} ${String(bytes)}`;
    const body = made.get(key) ?? Buffer.from(BODIES[shape]!(bytes));
    made.set(key, body);
    return body;
  };
  const authorised = ({ open }: Operation): Record<string, string> =>
    open ? {} : { authorization: `Bearer ${server.admin.token!}` };
  const pathOf = async (operation: Operation): Promise<string> => (await callers.targets(operation))[0]!.path;
  const textsInQuery = ({ parameters }: Operation): string[] =>
    parameters.flatMap(({ in: where, name }) => (where === 'query' ? [name] : []));
  const jsonCall = async (
    operation: Operation,
    bodies: (sized: Sized) => string | Buffer,
  ): Promise<(sized: Sized) => Sent> => {
    const path = await pathOf(operation);
    return (sized) => ({
      method: operation.method,
      path,
      headers: { 'content-type': 'application/json', ...authorised(operation) },
      body: Buffer.from(bodies(sized) as string),
    });
  };

  it('has a documented size of the body for every route with a body', () => {
    expect(operations.filter(({ body, maxBodyBytes }) => body !== null && maxBodyBytes === null)).toEqual([]);
  });

  it.each(PARTS)(
    'is in proportion for a body of the largest size in each bad shape, for every route: part %i of 8',
    async (part) => {
      const cases = operations
        .filter(({ body }) => body !== null)
        .flatMap((operation) => Object.keys(BODIES).map((shape) => ({ operation, shape })));
      const faults: string[] = [];
      for (const { operation, shape } of dealt(cases, part)) {
        const call = await jsonCall(operation, (sized) => make(shape, sizeOf(sized, operation.maxBodyBytes!)));
        faults.push(...(await faultsOf(`${operation.id} [${shape}]`, call)));
      }
      expect(faults).toEqual([]);
    },
  );

  it.each(PARTS)(
    'is in proportion for a body of the largest size in each bad shape, for every field: part %i of 8',
    async (part) => {
      const cases = distinctFields(operations).flatMap((field) => {
        const large = field.operation.maxBodyBytes! > MAX_BODY_BYTES;
        const shapes = Object.entries(field.isNewKind ? shapesFor(field.schema, { large }) : A_FEW);
        return shapes.map(([shape, value]) => ({ ...field, shape, value }));
      });
      const faults: string[] = [];
      for (const { operation, name, wrap, shape, value } of dealt(cases, part)) {
        const around = Buffer.byteLength(wrap('""')) + 2;
        const call = await jsonCall(operation, (sized) => wrap(value(sizeOf(sized, operation.maxBodyBytes!) - around)));
        faults.push(...(await faultsOf(`${operation.id} ${name} [${shape}]`, call)));
      }
      expect(faults).toEqual([]);
    },
  );

  it('is in proportion for a query string of the largest size in each bad shape, for every parameter', async () => {
    const seen = new Set<string>();
    const faults: string[] = [];
    for (const operation of operations.filter((one) => textsInQuery(one).length > 0)) {
      const path = await pathOf(operation);
      const check = async (shape: string, query: (bytes: number) => string): Promise<void> => {
        const call = (sized: Sized): Sent => ({
          method: operation.method,
          path: `${path}?${query(sizeOf(sized, HEAD_BYTES))}`,
          headers: authorised(operation),
        });
        faults.push(...(await faultsOf(`${operation.id} [${shape}]`, call)));
      };
      for (const name of textsInQuery(operation)) {
        const key = JSON.stringify([name, operation.parameters.find((parameter) => parameter.name === name)?.schema]);
        if (seen.has(key)) continue;
        seen.add(key);
        for (const [shape, text] of Object.entries(TEXTS))
          await check(`${name}: ${shape}`, (bytes) => `${name}=${inAddress(text(Math.floor(bytes / 3)))}`);
        await check(`${name} again and again`, (bytes) => `${name}=1&`.repeat(Math.floor(bytes / (name.length + 3))));
      }
      await check('many parameters', (bytes) =>
        Array.from({ length: Math.floor(bytes / 6) }, (_, index) => `k${index.toString(36).padStart(3, '0')}=`).join(
          '&',
        ),
      );
    }
    expect(faults).toEqual([]);
  });

  it('is in proportion for headers, path parameters and cursors of the largest size in each bad shape', async () => {
    const ascii = Object.entries(TEXTS).map(([shape, text]): [string, (bytes: number) => string] => [
      shape,
      (bytes) =>
        text(bytes)
          .replace(/[^\x20-\x7e]/g, ' ')
          .trimStart(),
    ]);
    const headers = [
      'idempotency-key',
      'min-event-position',
      'authorization',
      'cookie',
      'accept-language',
      'accept',
      'content-type',
      'origin',
      'x-forwarded-for',
      'host',
    ];
    const faults: string[] = [];
    for (const [shape, text] of [
      ...ascii,
      ['fields', (bytes: number) => 'a=b; '.repeat(bytes / 5)],
      ['languages', (bytes: number) => 'de-x;q=0.1,'.repeat(bytes / 11)],
    ] as const) {
      for (const header of headers) {
        const value = (bytes: number): string =>
          header === 'authorization'
            ? `Bearer ${text(bytes)}`
            : header === 'cookie'
              ? `rolecall.session_token=${text(bytes)}`
              : text(bytes);
        const all = (sized: Sized): Record<string, string> => ({
          authorization: `Bearer ${server.admin.token!}`,
          accept: 'text/html',
          [header]: value(sizeOf(sized, HEAD_BYTES)),
        });
        faults.push(
          ...(await faultsOf(`${header} [${shape}]`, (sized) => ({
            method: 'POST',
            path: '/v1/organisations',
            headers: all(sized),
            body: Buffer.from('{}'),
          }))),
        );
        if (header !== 'authorization')
          faults.push(
            ...(await faultsOf(`${header} of a page [${shape}]`, (sized) => ({
              method: 'GET',
              path: '/sign-in',
              headers: { accept: 'text/html', [header]: value(sizeOf(sized, HEAD_BYTES)) },
            }))),
          );
      }
    }
    for (const [shape, text] of Object.entries(TEXTS)) {
      for (const path of [
        '/v1/invitations/',
        '/v1/links/',
        '/v1/organisations/',
        '/invitations/',
        '/join/',
        '/mailbox/',
        '/docs/',
        '/nowhere/',
        '/sign-in?next=/',
        '/mailbox?cursor=',
      ]) {
        faults.push(
          ...(await faultsOf(`${path} [${shape}]`, (sized) => ({
            method: 'GET',
            path: path + inAddress(text(sizeOf(sized, HEAD_BYTES) / 3)),
            headers: { accept: 'text/html', authorization: `Bearer ${server.admin.token!}` },
          }))),
        );
      }
    }
    expect(faults).toEqual([]);
  });

  it('is in proportion for forms of the pages of the largest size in each bad shape, for every field', async () => {
    const { token } = await callers.invitation('organisation');
    const { token: link } = await callers.patientLink();
    const forms: [string, string[]][] = [
      ['/sign-in', ['email', 'password', 'next']],
      [`/invitations/${token}/accept`, ['name', 'password']],
      [`/invitations/${token}/sign-in`, ['password']],
      [`/join/${link}`, ['email']],
      ['/me/notices', ['groupAcceptances']],
    ];
    const faults: string[] = [];
    for (const [path, fields] of forms) {
      const check = async (shape: string, form: (bytes: number) => string): Promise<void> => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
        faults.push(
          ...(await faultsOf(`${path.slice(0, 12)} [${shape}]`, (sized) => ({
            method: 'POST',
            path,
            headers,
            body: Buffer.from(form(sizeOf(sized, FORM_BYTES))),
          }))),
        );
      };
      for (const field of fields) {
        for (const [shape, text] of Object.entries(TEXTS))
          await check(`${field}: ${shape}`, (bytes) => `${field}=${inAddress(text(bytes / 3 - 20))}`);
        await check(`${field} again and again`, (bytes) =>
          `${field}=1&`.repeat(Math.floor(bytes / (field.length + 3))),
        );
      }
      await check('many fields', (bytes) =>
        Array.from({ length: Math.floor(bytes / 8) }, (_, index) => `k${index.toString(36).padStart(5, '0')}=`).join(
          '&',
        ),
      );
    }
    expect(faults).toEqual([]);
  });
});

interface Field {
  operation: Operation;
  name: string;
  schema: Schema;
  /** A body in which only this field may be bad. Takes the field's JSON. */
  wrap: (json: string) => string;
  /** No earlier field is checked like this one. */
  isNewKind: boolean;
}

/** The properties that two fields share when they are checked alike. */
function kindOf({ type, format, maxLength, maxItems, enum: words, items, properties }: Schema): unknown[] {
  return [
    type,
    format,
    maxLength,
    maxItems,
    words !== undefined,
    items ? kindOf(items) : null,
    properties !== undefined,
  ];
}

/** Stands for a field's value. */
const VALUE = 'the value of the field';

/** Puts JSON into the JSON of a body, in the place of VALUE. */
function bodyAround(body: object): (json: string) => string {
  const [before, after] = JSON.stringify(body).split(JSON.stringify(VALUE));
  return (json) => `${before!}${json}${after!}`;
}

/** Every field of every body. Large bodies take long to send, so they have one field of each kind. */
function distinctFields(operations: readonly Operation[]): Field[] {
  const seen = new Set<string>();
  const isNew = (...what: unknown[]): boolean => {
    const before = seen.size;
    return seen.add(JSON.stringify(what)).size > before;
  };
  return operations.flatMap((operation) => {
    if (!operation.body) return [];
    const {
      maxBodyBytes,
      body: {
        schema: { properties = {} },
      },
    } = operation;
    const good = {
      ...(goodValue(operation.body.schema) as Record<string, unknown>),
      ...(properties['dryRun'] ? { dryRun: true } : {}),
    };
    const all = Object.entries(properties).flatMap(([name, schema]) => [
      { name, schema, wrap: bodyAround({ ...good, [name]: VALUE }) },
      ...Object.entries(schema.properties ?? {}).map(([part, inner]) => ({
        name: `${name}.${part}`,
        schema: inner,
        wrap: bodyAround({ ...good, [name]: { [part]: VALUE } }),
      })),
    ]);
    const fields = all.map((field): Field => ({
      ...field,
      operation,
      isNewKind: isNew(maxBodyBytes, kindOf(field.schema)),
    }));
    return fields.filter(
      ({ name, schema, isNewKind }) => isNewKind || (maxBodyBytes === MAX_BODY_BYTES && isNew(name, kindOf(schema))),
    );
  });
}
