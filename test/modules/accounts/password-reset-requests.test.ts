import request from 'supertest';
import { EventStore, EventStoreUnavailable } from '../../../src/shared/event-sourcing/event-store.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { createOrganisation, freshEmail, idle, invite, join, type Place } from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const ROUNDS = 5;
/** Well below the time that a path without work would save, and well above the noise of medians on a busy machine. */
const MOST_APART_MS = 120;
const BEAT_MS = 300;
const REQUESTS = 200;
const MAILS_AN_HOUR = 5;

/** Anybody can ask about any address, so no answer may show which addresses are known. */
describeOnOneEngine('a request for a new password', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, { TRUSTED_PROXIES: 'loopback' });
    place = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  interface Told {
    what: string;
    ms: number;
  }

  /** What a caller gets, without the headers that differ in every request, and the time in milliseconds. */
  async function told(path: string, type: string, body: string): Promise<Told> {
    const started = performance.now();
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, accept: 'text/html' },
      body,
    });
    const text = (await response.text()).replace(/"requestId":"[^"]+"/, '');
    const ms = performance.now() - started;
    const headers = [...response.headers].filter(([name]) => !['date', 'request-id'].includes(name)).sort();
    return { what: JSON.stringify([response.status, headers, text]), ms };
  }

  const ways: [string, (email: string) => Promise<Told>][] = [
    ['of the API', async (email) => told('/v1/auth/password-reset', 'application/json', JSON.stringify({ email }))],
    [
      'of a page',
      async (email) =>
        told('/password-reset', 'application/x-www-form-urlencoded', new URLSearchParams({ email }).toString()),
    ],
  ];

  it.each(ways)('%s gets the same answer after the same time for known, invited and unknown people', async (_, ask) => {
    const [{ email: known }, invited] = [await join(server, place, 'contributor'), freshEmail('invited')];
    await invite(server, server.admin, place, invited, 'contributor');
    const answers: Record<'known' | 'invited' | 'unknown', Told[]> = { known: [], invited: [], unknown: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      answers.known.push(await ask(known));
      answers.invited.push(await ask(invited));
      answers.unknown.push(await ask(freshEmail('unknown')));
    }
    const all = Object.values(answers).flat();
    expect(new Set(all.map(({ what }) => what)).size).toBe(1);
    expect(all[0]!.what).not.toMatch(/event-position/i);
    const medians = Object.values(answers).map((some) => median(some.map(({ ms }) => ms)));
    process.stdout.write(`${medians.map((ms) => ms.toFixed(0)).join(', ')} ms on ${engine.name}\n`);
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(MOST_APART_MS);
    expect(Math.min(...all.map(({ ms }) => ms))).toBeGreaterThan(BEAT_MS - 5);
  });

  it.each(ways)('%s is refused alike for known and unknown people while the log takes no events', async (_, ask) => {
    const { email: known } = await join(server, place, 'contributor');
    await idle(server);
    const store = server.running.app.get(EventStore);
    failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable() });
    const [first, unknown] = [await ask(known), await ask(freshEmail('unknown'))];
    restore(store);
    expect(first.what).toMatch(/^\[503,/);
    expect(unknown.what).toBe(first.what);
    expect((await ask(known)).what).toMatch(/^\[20/);
    expect((await ask(freshEmail('unknown'))).what).toMatch(/^\[20/);
  });

  it(`is answered ${String(REQUESTS)} times for one address, and ${String(MAILS_AN_HOUR)} mails are sent`, async () => {
    const [{ email: known }, invited] = [await join(server, place, 'contributor'), freshEmail('invited')];
    await invite(server, server.admin, place, invited, 'contributor');
    await idle(server);
    for (const email of [known, invited]) {
      const before = server.smtp.to(email).length;
      const statuses = await Promise.all(
        Array.from({ length: REQUESTS }, async (_, n) => {
          const answer = await request(server.url)
            .post('/v1/auth/password-reset')
            .set('X-Forwarded-For', `203.0.113.${String(n)}`)
            .send({ email });
          return answer.status;
        }),
      );
      expect(statuses.filter((status) => status !== 202)).toEqual([]);
      await idle(server);
      const sent = server.smtp.to(email).length - before;
      // Of requests that come at once, only the newest is mailed.
      expect([sent > 0, sent <= MAILS_AN_HOUR]).toEqual([true, true]);
      const asked = (await server.events()).filter(({ type }) => type === 'PasswordResetRequested');
      expect(Math.max(...countsByStream(asked.map(({ stream }) => stream)))).toBeLessThanOrEqual(MAILS_AN_HOUR);
    }
  });
});

function countsByStream(streams: readonly string[]): number[] {
  return [...Map.groupBy(streams, (stream) => stream).values()].map(({ length }) => length);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
