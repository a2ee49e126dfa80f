import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describeOnOneEngine } from '../support/engines.js';
import { CATEGORIES } from '../../src/bootstrap/event-shapes.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { readModelsCaughtUp } from '../support/scenarios.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { AREAS, inArea } from './areas.js';
import { send, type Answer, type Call } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { ROUTES_WITHOUT_IDEMPOTENCY } from './routes-without-idempotency.js';
import { goodValue } from './schema-values.js';
import { Callers } from './callers.js';

/** Derives the answer to a repeated call from the running product's OpenAPI document, so that no route is left out. */
describeOnOneEngine('every route that honours Idempotency-Key', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
  });
  afterAll(async () => {
    await server.close();
  });

  it('documents it, and every other POST by a signed-in caller has a reason', () => {
    const others = operations.filter(({ method, open, idempotent }) => method === 'POST' && !open && !idempotent);
    expect(others.map(({ id }) => id).sort()).toEqual(Object.keys(ROUTES_WITHOUT_IDEMPOTENCY).sort());
    expect(
      operations.filter(
        ({ idempotent, method, open, storesNothing, takesFile }) =>
          idempotent && (method !== 'POST' || open || storesNothing || takesFile),
      ),
    ).toEqual([]);
  });

  /** Leaves the state of a process that died after everything was stored and before the answer was. */
  async function loseAnswers(): Promise<void> {
    await sql`update idempotent_call set answer = null`.execute(server.database.kysely());
  }

  /** The position of the last event, which differs when something was stored. */
  async function endOfLog(): Promise<string | null> {
    return server.running.app.get(EventStore).head(CATEGORIES);
  }

  /** The answer without the state of its mail, because the mail server may have changed that meanwhile. */
  function essence({ status, headers, body: { mail: _, ...body } }: Answer): string {
    return JSON.stringify({ status, position: headers.get('event-position'), body });
  }

  it.each(AREAS)(
    'stores nothing again and gives the same answer, also when a crash lost the kept answer: %s',
    async (area) => {
      const faults: string[] = [];
      for (const operation of inArea(
        operations.filter(({ idempotent }) => idempotent),
        area,
      )) {
        const callers = await Callers.make(server);
        for (const target of await callers.targets(operation)) {
          if (operation.whileArchived) await callers.archive(target.level!);
          const { method, body } = operation;
          const call: Call = {
            method,
            path: target.path,
            token: server.admin.token,
            headers: { 'idempotency-key': randomUUID() },
            ...(body ? { body: goodValue(body.schema) } : {}),
          };
          // Answers count members in a read model.
          await readModelsCaughtUp(server);
          const before = await endOfLog();
          const first = await send(server, call);
          const after = await endOfLog();
          if (first.status >= 300 || after === before)
            faults.push(
              `${operation.id}: ${String(first.status)}, stored ${after === before ? 'nothing' : 'something'}`,
            );
          const kept = await send(server, call);
          await loseAnswers();
          const doneAgain = await send(server, call);
          for (const [remark, again] of Object.entries({ kept, doneAgain })) {
            if (essence(again) !== essence(first))
              faults.push(`${operation.id} [${remark}]: ${essence(again)}, not ${essence(first)}`);
          }
          if (kept.headers.get('idempotency-replayed') !== 'true')
            faults.push(`${operation.id}: does not say that it is a repeat`);
          if ((await endOfLog()) !== after) faults.push(`${operation.id}: stored something again`);
        }
      }
      expect(faults).toEqual([]);
    },
  );
});
