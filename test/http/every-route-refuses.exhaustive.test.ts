import { randomUUID } from 'node:crypto';
import { BUILT_IN_ROLES, type Role } from '../../src/modules/access/roles/built-in-roles.js';
import { MAX_BODY_BYTES } from '../../src/shared/http/sizes/body-limits.js';
import { Pseudonyms } from '../../src/modules/people/pseudonyms.js';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../support/test-server.js';
import { createDeployment, createOrganisation, join, readModelsCaughtUp, type Place } from '../support/scenarios.js';
import {
  announce,
  badFieldFaults,
  bodyFor,
  refusalFaults,
  send,
  withQuery,
  type Answer,
  type Call,
} from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { OPEN_ROUTES, ROUTES_WITHOUT_PERMISSION } from './routes-without-permission.js';
import { sightOf } from './seen-by.js';
import { badTexts, badValues, goodValue } from './schema-values.js';
import { LEVELS, codeOfForged, pathWith, Callers, OF_NO_SCOPE, type Target } from './callers.js';

const ORGANISATION_ROLES: readonly Role[] = BUILT_IN_ROLES.filter((role) =>
  role.scopes.some((kind) => kind === 'organisation'),
);

const cursorOf = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');
const NO_KEYS = [
  ['a'],
  [],
  {},
  null,
  'text',
  [1, 2],
  ['a', 'b', 'c'],
  ['a', 'b'],
  ['\u0000', randomUUID()],
  ['\ud800', randomUUID()],
];
const FORGED_CURSORS = ['garbage', ...NO_KEYS.map(cursorOf)];

/** Derives from the OpenAPI document what each route must refuse, so that no new route is left out. */
describeOnOneEngine('every route refuses', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  let callers: Callers;
  /** The values of the path's parameters after the first. */
  let further: Record<string, string>;
  let admin: string | null;
  /** An owner of another organisation. */
  let outsider: string | null;
  /** Admin of another deployment in the same organisation. */
  let elsewhere: string | null;
  const withRole = new Map<string, string | null>();

  beforeAll(async () => {
    server = await startTestServer(engine);
    admin = server.admin.token;
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    callers = await Callers.make(server);
    const tokenOf = async (place: Place, role: string): Promise<string | null> =>
      (await join(server, place, role)).api.token;
    outsider = await tokenOf(await createOrganisation(server, 'Another'), 'organisation-owner');
    elsewhere = await tokenOf(await createDeployment(server, callers.organisation, 'Cohort B'), 'admin');
    await Promise.all(
      ORGANISATION_ROLES.map(async ({ id }) => withRole.set(id, await tokenOf(callers.organisation, id))),
    );
    await callers.ids();
    further = await callers.further();
    // The read models catch up first, because one of them chooses between 403 and 404.
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await server.close();
  });

  /** Expects no fault in any case. All cases run, so that one run names all faults. */
  async function none<Case>(cases: readonly Case[], faultsOf: (one: Case) => Promise<string[]>): Promise<void> {
    expect(cases.length).toBeGreaterThan(0);
    const [faults, waiting]: [string[], Case[]] = [[], [...cases]];
    const work = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) faults.push(...(await faultsOf(one)));
    };
    await Promise.all(Array.from({ length: 6 }, work));
    expect(faults).toEqual([]);
  }

  /** A valid call of the operation. */
  function wellFormed(
    operation: Operation,
    path: string,
    token: string | null = admin,
    query = callers.requiredQuery(operation),
  ): Call & { token: string | null } {
    return { method: operation.method, path: withQuery(path, query), token, ...bodyFor(operation) };
  }

  async function onTargets(
    wanted: (operation: Operation) => boolean,
    from = callers,
    levels = LEVELS,
  ): Promise<{ operation: Operation; target: Target }[]> {
    const some = await Promise.all(
      operations
        .filter(wanted)
        .map(async (operation) => (await from.targets(operation, levels)).map((target) => ({ operation, target }))),
    );
    return some.flat();
  }

  /** One target for each operation, where the answer doesn't depend on the target. */
  async function onOneTarget(
    wanted: (operation: Operation) => boolean,
  ): Promise<{ operation: Operation; target: Target }[]> {
    return Promise.all(
      operations
        .filter(wanted)
        .map(async (operation) => ({ operation, target: (await callers.targets(operation))[0]! })),
    );
  }

  const takesJson = ({ isWrite, takesForm, body }: Operation): boolean => isWrite && (!takesForm || body !== null);
  const needsSignIn = ({ open }: Operation): boolean => !open;
  const [hasScope, hasBody] = [
    ({ scope }: Operation): boolean => scope !== null && scope !== 'platform',
    ({ body }: Operation): boolean => body !== null,
  ];

  it('an anonymous caller, unless the route is known to be open', async () => {
    expect(
      operations
        .filter(({ open }) => open)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(Object.keys(OPEN_ROUTES).sort());
    const [token, signature] = admin!.split('.');
    const tampered = `${token!}.${signature!.startsWith('A') ? 'B' : 'A'}${signature!.slice(1)}`;
    const credentials: Record<string, string>[] = [
      {},
      { authorization: 'Bearer garbage' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${tampered}` },
      { authorization: `Bearer ${token!}` },
      { authorization: `Bearer ${token!}.` },
      { authorization: `Basic ${admin!}` },
      { authorization: admin! },
      { cookie: 'rolecall.session_token=garbage' },
      { cookie: `rolecall.session_token=${encodeURIComponent(tampered)}` },
      { cookie: `rolecall.session_token=${token!}` },
    ];
    const cases = (await onOneTarget(needsSignIn)).flatMap((one) =>
      credentials.map((headers) => ({ ...one, headers })),
    );
    await none(cases, async ({ operation, target, headers }) =>
      refusalFaults(
        operation,
        await send(server, { ...wellFormed(operation, target.path, null), headers }),
        401,
        'unauthenticated',
        JSON.stringify(headers),
      ),
    );
  });

  it('a write by cookie from another site, or without its origin', async () => {
    const cookie = `rolecall.session_token=${encodeURIComponent(admin!)}`;
    const origins: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: `${server.url}.evil.example` },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    const cases = (await onOneTarget(({ isWrite }) => isWrite)).flatMap((one) =>
      origins.map((origin) => ({ ...one, origin })),
    );
    await none(cases, async ({ operation, target, origin }) =>
      refusalFaults(
        operation,
        await send(server, { ...wellFormed(operation, target.path, null), headers: { cookie, ...origin } }),
        403,
        'origin-not-allowed',
        JSON.stringify(origin),
      ),
    );
  });

  it('a thing of another organisation exactly as a thing that does not exist', async () => {
    const ids = await callers.ids();
    const withoutDetails = ({ body: { requestId: _, ...rest } }: Answer): object => rest;
    await none(await onTargets(hasScope), async ({ operation, target }) => {
      const foreign = await send(server, wellFormed(operation, target.path, outsider));
      const nowhere = await send(server, wellFormed(operation, pathWith(operation, randomUUID(), further), outsider));
      const alike =
        JSON.stringify(withoutDetails(foreign)) === JSON.stringify(withoutDetails(nowhere))
          ? []
          : [`${operation.id}: the answer to a foreign id differs from that to an unknown one`];
      return [
        ...refusalFaults(operation, foreign, 404, 'not-found', 'foreign'),
        ...refusalFaults(operation, nowhere, 404, 'not-found', 'unknown'),
        ...alike,
      ];
    });
    // An event names the grant that it began too.
    const wrongKind = operations.filter(hasScope).flatMap((operation) =>
      Object.entries({ ...ids, nothing: randomUUID() })
        .filter(([kind]) => !['entry grant', 'grant entry', `${kind} ${kind}`].includes(`${kind} ${operation.scope!}`))
        .map(([kind, id]) => ({ operation, kind, id })),
    );
    await none(wrongKind, async ({ operation, kind, id }) =>
      refusalFaults(
        operation,
        await send(server, wellFormed(operation, pathWith(operation, id, further))),
        404,
        'not-found',
        `id of ${kind}`,
      ),
    );
  });

  it('forged links and unknown projections', async () => {
    await none(
      await onTargets(
        ({ scope, parameters }) => scope === null && parameters.some((parameter) => parameter.in === 'path'),
      ),
      async ({ operation, target }) => {
        const key = target.key!;
        const forged = [
          `${key.slice(0, -2)}${key.endsWith('AA') ? 'BA' : 'AA'}`,
          `${key}A`,
          key.slice(1),
          'garbage',
          '..',
          '\u0000',
          '%',
          'x'.repeat(500),
        ];
        const code = codeOfForged(operation);
        const faults = await Promise.all(
          forged.map(async (other) => {
            const answer = await send(
              server,
              wellFormed(operation, pathWith(operation, other), operation.open ? null : admin),
            );
            // These paths don't reach the route.
            return other === '..' || other.length > 100
              ? answer.status === 404
                ? []
                : [`${operation.id}: ${answer.status} for ${other}`]
              : refusalFaults(operation, answer, 404, code, other);
          }),
        );
        return faults.flat();
      },
    );
  });

  it('every role that lacks the permission, and answers reads of those that have it', async () => {
    const cases = (await onTargets(({ permission }) => permission !== null)).flatMap((one) =>
      [...withRole].map(([role, token]) => ({ ...one, role, token })),
    );
    await none(cases, async ({ operation, target, role, token }) => {
      const { has, sees, hiddenIn } = sightOf(operation, role);
      if (has && operation.isWrite) return [];
      const path = hiddenIn
        ? target.path.replace(target.key!, server.running.app.get(Pseudonyms).alias(callers[hiddenIn].id, target.key!))
        : target.path;
      const answer = await send(server, wellFormed(operation, path, token));
      if (!has) return refusalFaults(operation, answer, sees ? 403 : 404, sees ? 'forbidden' : 'not-found', role);
      return answer.status === 200 ? [] : [`${operation.id}: ${answer.status} for ${role}`];
    });
    // This admin sees only the organisation and its roles besides their own deployment.
    await none(await onTargets(({ permission }) => permission !== null), async ({ operation, target }) => {
      const sees =
        [null, 'platform', 'organisation'].includes(operation.scope) ||
        (operation.scope === 'role' && target.level === 'organisation');
      return refusalFaults(
        operation,
        await send(server, wellFormed(operation, target.path, elsewhere)),
        sees ? 403 : 404,
        sees ? 'forbidden' : 'not-found',
        'elsewhere',
      );
    });
  });

  it('callers outside those whom a route without a permission lets in', async () => {
    const cases = await onTargets(({ permission, open }) => permission === null && !open);
    expect([...new Set(cases.map(({ operation }) => operation.id))].sort()).toEqual(
      Object.keys(ROUTES_WITHOUT_PERMISSION).sort(),
    );
    await none(cases, async ({ operation, target }) => {
      const opening = ROUTES_WITHOUT_PERMISSION[operation.id]!;
      const faults = await Promise.all(
        (['lowest', 'elsewhere'] as const).map(async (who) => {
          if (operation.path.endsWith('/sign-out')) return []; // The next calls need the session.
          const answer = await send(
            server,
            wellFormed(operation, target.path, who === 'lowest' ? withRole.get('auditor')! : elsewhere),
          );
          const above = who === 'elsewhere' && target.level === 'organisation' ? opening.elsewhereAbove : undefined;
          const expected = above ?? opening[who];
          if (expected === 'not found') return refusalFaults(operation, answer, 404, 'not-found', who);
          const { code = 'forbidden' } = opening;
          if (expected === 'forbidden') return refusalFaults(operation, answer, 403, code, who);
          return [200, 204].includes(answer.status) ? [] : [`${operation.id}: ${answer.status} for ${who}`];
        }),
      );
      return faults.flat();
    });
  });

  it('writes in archived places, and answers reads there', async () => {
    const [all, below, both] = [await Callers.make(server), await Callers.make(server), await Callers.make(server)];
    const concerns = ({ parameters }: Operation): boolean =>
      parameters.some(({ in: where, name }) => where === 'path' && !OF_NO_SCOPE.includes(name));
    const cases = [
      ...(await onTargets(concerns, all)),
      ...(await onTargets(concerns, below, ['deployment'])),
      ...(await onTargets(concerns, both, ['deployment'])),
    ];
    await below.archive('deployment');
    await both.archive('deployment');
    await both.archive('organisation');
    await all.archive('organisation');
    await none(
      cases.filter(({ operation }) => !operation.whileArchived),
      async ({ operation, target }) => {
        const answer = await send(server, wellFormed(operation, target.path, operation.open ? null : admin));
        if (operation.isWrite) return refusalFaults(operation, answer, 409, 'scope-archived', target.level ?? '');
        return answer.status === 200 ? [] : [`${operation.id}: ${answer.status} where it is archived`];
      },
    );
    const restore = operations.find(({ id }) => id === 'POST /v1/deployments/{id}/restore')!;
    await none([all, both], async ({ deployment }) =>
      refusalFaults(
        restore,
        await send(server, wellFormed(restore, pathWith(restore, deployment.id))),
        409,
        'scope-archived',
        'below an archived organisation',
      ),
    );
  });

  it('an invalid body, naming every bad field', async () => {
    await none(await onOneTarget(hasBody), async ({ operation, target }) => {
      const { properties = {}, required = [] } = operation.body!.schema;
      const good = goodValue(operation.body!.schema) as Record<string, unknown>;
      const check = async (body: object, fields: readonly string[], remark: string): Promise<string[]> =>
        badFieldFaults(
          operation,
          await send(server, { ...wellFormed(operation, target.path, operation.open ? null : admin), body }),
          fields,
          remark.slice(0, 100),
        );
      const faults: string[] = [];
      for (const [name, schema] of Object.entries(properties)) {
        for (const bad of badValues(schema))
          faults.push(...(await check({ ...good, [name]: bad }, [name], `${name}: ${JSON.stringify(bad)}`)));
        for (const [part, inner] of Object.entries(schema.properties ?? {})) {
          for (const bad of badValues(inner))
            faults.push(
              ...(await check(
                { ...good, [name]: { [part]: bad } },
                [`${name}.${part}`],
                `${name}.${part}: ${JSON.stringify(bad)}`,
              )),
            );
        }
        const text = schema.type === 'string' && !schema.enum && schema.format !== 'password';
        if (text)
          faults.push(
            ...(await check(
              { ...good, [name]: `${String(goodValue(schema))}\ud800` },
              [name],
              `${name}: lone surrogate`,
            )),
          );
      }
      const allBad = Object.fromEntries(
        Object.entries(properties).map(([name, schema]) => [name, badValues(schema)[0]]),
      );
      faults.push(
        ...(await check({ ...allBad, unheardOf: 1 }, [...Object.keys(properties), 'unheardOf'], 'everything bad')),
      );
      if (required.length > 0) faults.push(...(await check({}, required, 'nothing')));
      return faults;
    });
  });

  it('a body that is no JSON object, or is nested too deep', async () => {
    const deep = 30_000;
    await none(await onOneTarget(hasBody), async ({ operation, target }) => {
      const [field = 'a'] = Object.keys(operation.body!.schema.properties ?? {});
      const nested = `{"${field}":${'['.repeat(deep)}${']'.repeat(deep)}}`;
      const call = wellFormed(operation, target.path, operation.open ? null : admin);
      const faults = await Promise.all([
        ...['{"', '{"a":1}}', 'undefined', "{'a':1}", '{"__proto__":{"admin":true}}'].map(async (body) =>
          refusalFaults(operation, await send(server, { ...call, body }), 400, 'invalid-input', `body ${body}`),
        ),
        ...[{}, { 'idempotency-key': randomUUID() }].map(async (headers) =>
          refusalFaults(
            operation,
            await send(server, { ...call, headers, body: nested }),
            400,
            'invalid-input',
            'nested 30,000 deep',
          ),
        ),
        ...[
          'text/plain',
          'application/xml',
          'application/x-www-form-urlencoded',
          ...(operation.takesForm ? [] : ['multipart/form-data; boundary=x']),
          'garbage',
        ].map(async (type) =>
          refusalFaults(operation, await send(server, { ...call, type }), 415, 'unsupported-media-type', type),
        ),
        ...['[]', '"text"', '5', '[{}]'].map(async (body) =>
          refusalFaults(operation, await send(server, { ...call, body }), 400, 'invalid-input', body),
        ),
      ]);
      return faults.flat();
    });
  });

  it('anything but a form on a route that takes a file', async () => {
    const cases = await onTargets(({ takesFile }) => takesFile);
    expect(
      (
        await Promise.all(
          cases.map(async ({ operation, target }) => {
            const call = wellFormed(operation, target.path);
            return [
              ...refusalFaults(
                operation,
                await send(server, { ...call, type: 'application/json', body: {} }),
                415,
                'unsupported-media-type',
                'JSON',
              ),
              ...refusalFaults(
                operation,
                await send(server, { ...call, type: 'text/csv' }),
                415,
                'unsupported-media-type',
                'CSV',
              ),
              ...badFieldFaults(operation, await send(server, { ...call, body: '--form--\r\n' }), ['file'], 'no file'),
            ];
          }),
        )
      ).flat(),
    ).toEqual([]);
  });

  it('an invalid query, and invalid ids', async () => {
    const inQuery = (operation: Operation) => operation.parameters.filter((parameter) => parameter.in === 'query');
    await none(await onOneTarget((operation) => inQuery(operation).length > 0), async ({ operation, target }) => {
      const check = async (query: [string, string][], fields: string[]): Promise<string[]> =>
        badFieldFaults(
          operation,
          await send(server, wellFormed(operation, target.path, admin, [...others(query), ...query])),
          fields,
          JSON.stringify(query).slice(0, 100),
        );
      const others = (query: [string, string][]) =>
        callers.requiredQuery(operation).filter(([name]) => query.every(([asked]) => asked !== name));
      const faults: string[] = [];
      for (const { name, schema } of inQuery(operation)) {
        for (const bad of badTexts(schema)) faults.push(...(await check([[name, bad]], [name])));
        faults.push(
          ...(await check(
            [
              [name, '1'],
              [name, '2'],
            ],
            [name],
          )),
        );
      }
      const allBad = inQuery(operation).map(({ name, schema }): [string, string] => [name, badTexts(schema)[0]!]);
      faults.push(...(await check([...allBad, ['unheardOf', '1']], [...allBad.map(([name]) => name), 'unheardOf'])));
      if (!inQuery(operation).some(({ name }) => name === 'cursor')) return faults;
      for (const cursor of FORGED_CURSORS) faults.push(...(await check([['cursor', cursor]], ['cursor'])));
      // A list by name takes these keys. No list may fail on them.
      for (const key of [
        ['1', randomUUID()],
        ['1 Jan 2026 (x)', randomUUID()],
        ['0000-00-00T00:00:00Z', randomUUID()],
        ['9999-12-31T23:59:59Z', randomUUID()],
      ]) {
        const { status } = await send(server, wellFormed(operation, `${target.path}?cursor=${cursorOf(key)}`));
        if (status !== 200 && status !== 400) faults.push(`${operation.id}: ${status} for the cursor ${key[0]!}`);
      }
      return faults;
    });
    const noIds = [
      'garbage',
      '1',
      `${randomUUID()}x`,
      '00000000-0000-0000-0000',
      "' or 1=1 --",
      '\u0000',
      `..${randomUUID()}`,
    ];
    await none(
      operations.filter(hasScope).flatMap((operation) => noIds.map((id) => ({ operation, id }))),
      async ({ operation, id }) =>
        badFieldFaults(
          operation,
          await send(server, wellFormed(operation, pathWith(operation, id, further))),
          ['id'],
          id,
        ),
    );
    const second = (await onOneTarget(hasScope)).flatMap(({ operation, target }) =>
      Object.entries(further).flatMap(([name, id]) =>
        operation.path.includes(`{${name}}`)
          ? noIds.map((bad) => ({ operation, name, bad, path: target.path.replace(id, encodeURIComponent(bad)) }))
          : [],
      ),
    );
    await none(second, async ({ operation, name, bad, path }) =>
      badFieldFaults(operation, await send(server, wellFormed(operation, path)), [name], bad),
    );
  });

  it('a body over its documented limit before it is read, and 10,001 addresses', async () => {
    await none(await onOneTarget(takesJson), async ({ operation, target }) =>
      refusalFaults(
        operation,
        await announce(
          server,
          wellFormed(operation, target.path, operation.open ? null : admin),
          (operation.maxBodyBytes ?? MAX_BODY_BYTES) + 1,
        ),
        413,
        'payload-too-large',
      ),
    );
    await none(
      await onOneTarget(({ maxBodyBytes }) => maxBodyBytes !== null && maxBodyBytes > MAX_BODY_BYTES),
      async ({ operation, target }) =>
        refusalFaults(
          operation,
          await announce(server, wellFormed(operation, target.path, null), MAX_BODY_BYTES + 1),
          401,
          'unauthenticated',
          'a large one by an anonymous caller',
        ),
    );
    const emails = Array.from({ length: 10_001 }, (_, index) => `person-${String(index)}@example.org`);
    await none(
      await onTargets(({ body }) => body?.schema.properties?.['emails'] !== undefined),
      async ({ operation, target }) => {
        const call = wellFormed(operation, target.path);
        const inviting = async (some: string[]) =>
          send(server, {
            ...call,
            body: { ...(call.body as object), emails: some, personIds: undefined, dryRun: true },
          });
        const [most, tooMany] = [await inviting(emails.slice(1)), await inviting(emails)];
        const faults =
          most.status === 201 && most.body.results.length === 10_000
            ? []
            : [`${operation.id}: ${most.status} for 10,000 addresses`];
        return [...faults, ...refusalFaults(operation, tooMany, 422, 'too-many-recipients')];
      },
    );
  });

  it('an unreadable address, without repeating it', async () => {
    for (const path of [
      '/v1/organisations/%zz',
      '/v1/invitations/%ff-secret',
      `/v1/invitations/secret-${'x'.repeat(500)}`,
      '/v1/nowhere/secret',
      '/secret',
    ]) {
      const { status, headers, body } = await send(server, { method: 'GET', path, token: admin });
      expect({ path, status, type: headers.get('content-type') }).toEqual({
        path,
        status: path.includes('%') ? 400 : 404,
        type: 'application/problem+json; charset=utf-8',
      });
      expect(Object.keys(body)).toEqual(expect.arrayContaining(['type', 'title', 'status', 'code', 'requestId']));
      expect(JSON.stringify(body)).not.toContain('secret');
    }
  });

  it('all of this without any effect', async () => {
    const { body } = await server.admin.get('/v1/projections').expect(200);
    expect(body.items.filter((item: { pausedAt: string | null }) => item.pausedAt !== null)).toEqual([]);
    await server.signIn(ADMIN.email, ADMIN.password);
  });
});
