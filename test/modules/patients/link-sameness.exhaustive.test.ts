import { EventStore, EventStoreUnavailable } from '../../../src/shared/event-sourcing/event-store.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invitePatient,
  makePatientLink,
  type Place,
} from '../../support/scenarios.js';

const ROUNDS = 3;
/** Well below the time that a path without work would save, and well above the noise of medians on a busy machine. */
const MOST_APART_MS = 120;
const BEAT_MS = 300;

/** The holder of a patient link can ask about any address, so no answer may show which addresses are known. */
describeOnOneEngine('a request through a patient link', (engine) => {
  let server: TestServer;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    const organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  /** The addresses of an active, an offboarded and an invited patient. */
  async function knownPeople(): Promise<string[]> {
    const [patient, offboarded, pending] = [
      await enrol(server, deployment),
      await enrol(server, deployment),
      freshEmail('pending'),
    ];
    await server.admin
      .post(`/v1/patients/${offboarded.membershipId}/offboard`, { reason: 'End of treatment' })
      .expect(200);
    await invitePatient(server, server.admin, deployment, pending);
    return [patient.email, offboarded.email, pending];
  }

  interface Told {
    what: string;
    ms: number;
  }

  /** What a caller gets, without the headers that differ in every request, and the time in milliseconds. */
  async function told(url: string, init: RequestInit): Promise<Told> {
    const started = performance.now();
    const response = await fetch(url, { method: 'POST', ...init });
    const text = (await response.text()).replace(/"requestId":"[^"]+"/, '');
    const ms = performance.now() - started;
    const headers = [...response.headers].filter(([name]) => !['date', 'request-id'].includes(name)).sort();
    return { what: JSON.stringify([response.status, headers, text]), ms };
  }

  const ways: [string, (token: string, email: string) => Promise<Told>][] = [
    [
      'of the API',
      async (token, email) =>
        told(`${server.url}/v1/links/${token}/requests`, {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email }),
        }),
    ],
    [
      'of a page',
      async (token, email) =>
        told(`${server.url}/join/${token}`, {
          headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
          body: new URLSearchParams({ email }).toString(),
        }),
    ],
  ];

  it.each(ways)('%s gets the same answer, headers and time for known and unknown people', async (_, ask) => {
    const link = await makePatientLink(server.admin, deployment);
    const [known, ofKnown, ofUnknown] = [await knownPeople(), [] as Told[], [] as Told[]];
    for (const email of Array.from({ length: ROUNDS }, () => known).flat()) {
      ofKnown.push(await ask(link.token, email));
      ofUnknown.push(await ask(link.token, freshEmail('unknown')));
    }
    expect(new Set([...ofKnown, ...ofUnknown].map(({ what }) => what)).size).toBe(1);
    expect(ofKnown[0]!.what).not.toMatch(/event-position/i);
    const [one, other] = [ofKnown, ofUnknown].map((answers) => median(answers.map(({ ms }) => ms)));
    process.stdout.write(`known ${one!.toFixed(0)} ms, unknown ${other!.toFixed(0)} ms on ${engine.name}\n`);
    expect(Math.abs(one! - other!)).toBeLessThan(MOST_APART_MS);
    expect(Math.min(...[...ofKnown, ...ofUnknown].map(({ ms }) => ms))).toBeGreaterThan(BEAT_MS - 5);
  });

  it.each(ways)('%s is refused alike for unknown and known people while the log takes no events', async (_, ask) => {
    const link = await makePatientLink(server.admin, deployment);
    const { email: known } = await enrol(server, deployment);
    const store = server.running.app.get(EventStore);
    failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable() });
    const [unknown, refused] = [await ask(link.token, freshEmail('unknown')), await ask(link.token, known)];
    restore(store);
    expect(unknown.what).toMatch(/^\[503,/);
    expect(refused.what).toBe(unknown.what);
    expect((await ask(link.token, freshEmail('unknown'))).what).toMatch(/^\[20/);
    expect((await ask(link.token, known)).what).toMatch(/^\[20/);
  });

  it('counts towards the limits for known and for unknown addresses', async () => {
    const link = await makePatientLink(server.admin, deployment);
    const codes = async (email: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (let n = 0; n < 6; n++)
        statuses.push((await server.anonymous.post(`/v1/links/${link.token}/requests`, { email })).status);
      return statuses;
    };
    const { email } = await enrol(server, deployment);
    expect([await codes(email), await codes(freshEmail('unknown'))]).toEqual(
      Array(2).fill([202, 202, 202, 202, 202, 429]),
    );
  });
});

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
