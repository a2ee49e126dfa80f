import { describeOnOneEngine } from '../support/engines.js';
import { freshEmail, invite } from '../support/scenarios.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { AREAS, inArea } from './areas.js';
import { Callers } from './callers.js';
import { send } from './calling.js';
import { readOperations, type Operation } from './openapi.js';

interface Documented {
  requestBody: { content: { 'application/json': { example?: Record<string, unknown> } } };
}

const ADDRESS = /[^\s@"]+@[^\s@"]+/g;

describeOnOneEngine('the example body of every route', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  let ann: string;
  let paths: Record<string, Record<string, Documented>>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    const { body } = await server.anonymous.get('/openapi.json').expect(200);
    paths = body.paths;
    operations = readOperations(body).filter((operation) => operation.body !== null);
    await makeAnn();
  });
  afterAll(async () => {
    await server.close();
  });

  const exampleOf = ({ path, method }: Operation) =>
    paths[path]![method.toLowerCase()]!.requestBody.content['application/json'].example;

  /** The account of the example of a sign-in. */
  async function makeAnn(): Promise<void> {
    const { email } = exampleOf(operations.find(({ id }) => id === 'POST /v1/auth/sign-in/email')!)!;
    ann = await makeAccount(String(email));
  }

  /** An account that is made by the example of an acceptance. @returns a session of it */
  async function makeAccount(email: string): Promise<string> {
    const callers = await Callers.make(server);
    const { token } = await invite(server, server.admin, callers.organisation, email, 'contributor');
    const accept = operations.find(({ id }) => id === 'POST /v1/invitations/{token}/accept')!;
    const { body } = await server.anonymous.post(`/v1/invitations/${token}/accept`, exampleOf(accept)).expect(200);
    return body.token;
  }

  /** The caller who knows the password that the example of the body names. */
  async function callerOf({ id, open, path }: Operation): Promise<string | null> {
    if (open) return null;
    if (id === 'DELETE /v1/me') return makeAccount(freshEmail('closing'));
    return /\/(?:auth\/password|me\/address)$/.test(path) ? ann : server.admin.token;
  }

  it('is there, and names nobody outside example.org', () => {
    expect(operations.length).toBeGreaterThan(30);
    const faults = operations.flatMap((operation) => {
      const example = exampleOf(operation);
      const strangers = [...JSON.stringify(example ?? {}).matchAll(ADDRESS)]
        .map(([address]) => address)
        .filter((address) => !address.endsWith('@example.org'));
      return [...(example ? [] : ['no example']), ...strangers].map((fault) => `${operation.id}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  it.each(AREAS)('is accepted as it stands: %s', async (area) => {
    const faults: string[] = [];
    for (const operation of inArea(operations, area)) {
      const [target] = await (await Callers.make(server)).targets(operation);
      const { status, body } = await send(server, {
        method: operation.method,
        path: target!.path,
        token: await callerOf(operation),
        body: exampleOf(operation),
      });
      if (status !== operation.successes[0]?.status)
        faults.push(`${operation.id}: answered ${status} ${JSON.stringify(body)}`);
    }
    expect(faults).toEqual([]);
  });
});
