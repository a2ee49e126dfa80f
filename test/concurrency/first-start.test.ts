import { makeSuperAdmin } from '../../src/bootstrap/first-run.js';
import { ownershipFrom, ownershipStream } from '../../src/modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { freshEmail } from '../support/scenarios.js';
import { RACE_ROUNDS } from './rounds.js';

const INSTANCES = 4;

describeOnEngines('instances that start for the first time at the same moment', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  it(`make one first super-admin, ${String(RACE_ROUNDS)} times`, async () => {
    const { app } = server.running;
    const owners = async (): Promise<number> =>
      ownershipFrom(await app.get(EventStore).read(ownershipStream(PLATFORM))).owners.size;
    for (let round = 0; round < RACE_ROUNDS; round += 1) {
      const before = await owners();
      const email = freshEmail('first');
      await Promise.all(
        Array.from({ length: INSTANCES }, async () => makeSuperAdmin(app, { email, password: PASSWORD })),
      );
      expect(await owners()).toBe(before + 1);
      await (await server.signIn(email)).get('/v1/organisations').expect(200);
    }
  });
});
