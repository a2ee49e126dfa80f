import { describeOnEngines } from '../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, join } from '../support/scenarios.js';
import { AREAS, inArea } from './areas.js';
import { CONTENT, FORM, send, withQuery } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { goodValue, mismatches } from './schema-values.js';
import { Callers, OF_NO_SCOPE } from './callers.js';

type Which = 'all' | 'required';

/** Bodies of valid calls that don't follow from the document alone. */
const BODIES: Readonly<Record<string, object | ((key: string) => object)>> = {
  // Each call invites a new address or changes a choice, because a call without a change stores nothing.
  'POST /v1/platform/staff-invitations': () => ({ emails: [freshEmail('platform')], role: 'support' }),
  'PATCH /v1/me/notices': { groupAcceptances: true },
  'PATCH /v1/me': () => ({ name: `Ann ${freshEmail('Example').split('@')[0]!}` }),
  'DELETE /v1/me': { password: PASSWORD },
  'PUT /v1/organisations/{id}/notices': { grants: true },
  'POST /v1/auth/sign-in/email': ADMIN,
  'POST /auth/sign-in/email': ADMIN,
  'POST /v1/auth/password': { currentPassword: ADMIN.password, password: ADMIN.password },
  'POST /auth/password': { currentPassword: ADMIN.password, password: ADMIN.password },
  'POST /v1/me/address': () => ({ email: freshEmail('moved'), password: ADMIN.password }),
  // These fields are optional for a signed-in person only. Others need them for an account.
  'POST /v1/invitations/{token}/accept': { name: 'Ann Example', password: 'a perfectly fine password' },
  'POST /v1/history/{id}/revert': { reason: 'Chosen by mistake' },
  // Each role needs a name of its own in its organisation.
  'PATCH /v1/roles/{id}': (key) => ({ name: `Role ${key}`, permissions: ['patients.view'] }),
};

/** The optional fields of which the call needs one, because it would name no person, or no reason. */
const ONE_OF_SEVERAL: Readonly<Record<string, object>> = {
  'POST /v1/groups/{id}/invitations': { emails: ['ann@example.org'] },
  // The entry that the test takes back is about a member.
  'POST /v1/history/{id}/revert': { reason: 'Chosen by mistake' },
};

/** The path with its ids in capitals, which mean the same. */
function inCapitals(path: string): string {
  return path.replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, (id) => id.toUpperCase());
}

/** The codes that every route of this kind must document. */
function codesDue(operation: Operation): string[] {
  const { open, isWrite, permission, scope, storesNothing, whileArchived, idempotent } = operation;
  const ofScope = operation.parameters.some(
    (parameter) => parameter.in === 'path' && !OF_NO_SCOPE.includes(parameter.name),
  );
  return [
    '400 invalid-input',
    '500 internal-error',
    '503 database-unavailable',
    '503 event-store-unavailable',
    '503 read-model-behind',
    '503 stream-incomplete',
    '503 stream-unreadable',
    ...(isWrite ? ['403 origin-not-allowed', '413 payload-too-large', '415 unsupported-media-type'] : []),
    ...(isWrite && !storesNothing ? ['409 too-many-conflicts'] : []),
    ...(isWrite && ofScope && !whileArchived ? ['409 scope-archived'] : []),
    ...(idempotent ? ['409 idempotency-key-in-use', '422 idempotency-key-reused'] : []),
    ...(open ? [] : ['401 unauthenticated']),
    ...(permission ? ['403 forbidden'] : []),
    ...(scope && scope !== 'platform' ? ['404 not-found'] : []),
  ];
}

describeOnEngines('every route answers', (engine) => {
  let server: TestServer;
  let operations: Operation[];

  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
  });
  afterAll(async () => {
    await server.close();
  });

  it('as documented: with a summary, one success, and every code that it must refuse with', () => {
    const faults = operations.flatMap((operation) => {
      const documented = [...operation.codes].flatMap(([status, codes]) => codes.map((code) => `${status} ${code}`));
      const [success, ...more] = operation.successes;
      return [
        ...codesDue(operation)
          .filter((due) => !documented.includes(due))
          .map((due) => `${due} is not documented`),
        ...[...operation.codes].filter(([, codes]) => codes.length === 0).map(([status]) => `${status} names no code`),
        ...(operation.summary.length > 5 ? [] : ['has no summary']),
        ...(success && more.length === 0 ? [] : [`has ${operation.successes.length} successes`]),
        ...((success?.status === 204) === (success?.schema === null)
          ? []
          : ['documents a body with 204, or none without']),
        ...operation.parameters.flatMap(({ name, schema }) => (schema.type ? [] : [`has no type for ${name}`])),
      ].map((fault) => `${operation.id}: ${fault}`);
    });
    expect(faults).toEqual([]);
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  // Which fields are optional doesn't depend on the database, so one engine tries calls without them.
  const whiches: readonly Which[] =
    engine.name === 'PGlite' && process.env.TEST_DATABASE_URL ? ['all'] : ['all', 'required'];
  const CASES = whiches.flatMap((which) => AREAS.map((area) => [area, which] as const));

  it.each(CASES)('a valid call with the answer that it documents: %s, %s fields', async (area, which) => {
    const faults: string[] = [];
    // All reads share callers, because they change nothing. Each write gets its own.
    const forReads = await Callers.make(server);
    for (const operation of inArea(operations, area)) {
      const callers = operation.isWrite ? await Callers.make(server) : forReads;
      for (const target of await callers.targets(operation)) {
        if (operation.whileArchived && target.level) await callers.archive(target.level);
        const answer = await send(server, {
          method: operation.method,
          path: withQuery(which === 'all' ? inCapitals(target.path) : target.path, callers.requiredQuery(operation)),
          token: await tokenFor(operation),
          ...bodyOf(operation, target.key ?? '', which),
        });
        const [success] = operation.successes;
        const said = success?.schema
          ? mismatches(success.schema, answer.body)
          : answer.body === ''
            ? []
            : ['has a body'];
        const position = answer.headers.get('event-position');
        faults.push(
          ...(answer.status === success?.status
            ? said
            : [`answered ${answer.status} ${JSON.stringify(answer.body)}`]
          ).map((fault) => `${operation.id}: ${fault}`),
          ...((operation.isWrite && !operation.silent && !operation.storesNothing) ===
          /^[\w-]{54,}$/.test(position ?? '')
            ? []
            : [`${operation.id}: Event-Position ${String(position)}`]),
          ...(answer.headers.get('cache-control') === 'no-store' ? [] : [`${operation.id}: may be cached`]),
        );
      }
    }
    expect(faults).toEqual([]);
  });

  function bodyOf(
    { id, body, takesFile, takesContent }: Operation,
    key: string,
    which: Which,
  ): { body?: unknown; type?: string } {
    if (takesFile) return FORM;
    if (takesContent) return CONTENT;
    const own = BODIES[id];
    if (own) return { body: typeof own === 'function' ? own(key) : own };
    if (!body || (which === 'required' && !body.required)) return {};
    return { body: { ...(goodValue(body.schema, which) as object), ...ONE_OF_SEVERAL[id] } };
  }

  /** A call that ends its session gets a session of its own, and one that closes its account an account of its own. */
  async function tokenFor({ open, path, id }: Operation): Promise<string | null> {
    if (open) return null;
    if (id === 'DELETE /v1/me') return (await join(server, await createOrganisation(server), 'contributor')).api.token;
    // A call that ends other sessions gets one to end.
    if (path === '/v1/me/sessions') await server.signIn(ADMIN.email, ADMIN.password);
    return path.endsWith('/sign-out') ? (await server.signIn(ADMIN.email, ADMIN.password)).token : server.admin.token;
  }
});
