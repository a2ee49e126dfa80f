import { FailureRecorder } from '../../../src/modules/accounts/sign-in-failures/failure-recorder.js';
import {
  EventStore,
  EventStoreUnavailable,
  type Append,
  type StoredEvent,
} from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../../support/scenarios.js';
import { TestClock } from '../../support/test-clock.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';

const WRONG = 'not the password at all';
const HOUR_MS = 60 * 60 * 1000;

describeOnEngines('failed sign-ins', (engine) => {
  const clock = new TestClock();
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, {}, { clock });
    place = await createOrganisation(server);
  });
  beforeEach(async () => {
    clock.set(new Date(Math.ceil((clock.now().getTime() + 1) / HOUR_MS) * HOUR_MS));
    await recorder().run();
  });
  afterAll(async () => {
    await server.close();
  });

  const recorder = (): FailureRecorder => server.running.app.get(FailureRecorder);
  const fail = async (email: string, to = server): Promise<void> => {
    await to.anonymous.post('/v1/auth/sign-in/email', { email, password: WRONG }).expect(401);
  };
  const personIdOf = async (api: Api): Promise<string> => (await api.get('/v1/me').expect(200)).body.personId;
  /** The events of the hour that the clock showed at this moment. */
  const recordedFor = async (time: Date, from = server): Promise<StoredEvent[]> =>
    (await from.events()).filter(({ type, data }) => type === 'SignInsFailed' && data['hour'] === time.toISOString());
  const countsOf = (events: readonly StoredEvent[]) =>
    events.map(({ data }) => [data['of'], data['personId'], data['count']]);

  it('are recorded after their hour, by person, with all unknown addresses together and none named', async () => {
    const [member, invited] = [await join(server, place, 'contributor'), freshEmail('invited')];
    const { id } = await invite(server, server.admin, place, invited, 'contributor');
    const unknown = freshEmail('unknown');
    const hour = clock.now();
    for (const email of [member.email, unknown, freshEmail(), 'no address', invited, member.email]) await fail(email);
    await member.api
      .post('/v1/auth/password', { currentPassword: WRONG, password: 'another fine password' })
      .expect(403);
    clock.advance(HOUR_MS - 1);
    await recorder().run();
    expect(await recordedFor(hour)).toEqual([]);
    clock.advance(1);
    await recorder().run();
    const events = await recordedFor(hour);
    const [issued] = (await server.events()).filter(({ data }) => data['invitationId'] === id);
    const personIds = [await personIdOf(member.api), issued!.data['personId']];
    expect(countsOf(events).sort()).toEqual(
      [
        ['person', personIds[0], 3],
        ['person', personIds[1], 1],
        ['unknown-addresses', null, 3],
      ].sort(),
    );
    for (const { stream, revision, metadata } of events)
      expect([stream.startsWith('signInFailures-'), revision, metadata.actor]).toEqual([true, 0, 'system']);
    const stored = JSON.stringify(events);
    for (const address of [member.email, invited, unknown]) expect(stored).not.toContain(address);
    const store = server.running.app.get(EventStore);
    const isReadAgain = failOnce(store, 'readMany', 'before', {
      when: (streams) => (streams as string[]).some((stream) => stream.startsWith('signInFailures-')),
    });
    await recorder().run();
    restore(store);
    expect([isReadAgain(), (await recordedFor(hour)).length]).toEqual([false, events.length]);
  });

  it('wait while the log gives no answer, and are recorded once', async () => {
    const store = server.running.app.get(EventStore);
    const hour = clock.now();
    await fail(freshEmail());
    clock.advance(HOUR_MS);
    const when = (appends: unknown): boolean =>
      (appends as Append[]).some(({ stream }) => stream.startsWith('signInFailures-'));
    try {
      const isRefused = failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable(), when });
      await recorder().run();
      expect([isRefused(), await recordedFor(hour)]).toEqual([true, []]);
      // The log stores these events, and its answer gets lost.
      const isLost = failOnce(store, 'appendMany', 'after', { error: new EventStoreUnavailable(), when });
      await recorder().run();
      expect(isLost()).toBe(true);
    } finally {
      restore(store);
    }
    await recorder().run();
    expect(countsOf(await recordedFor(hour))).toEqual([['unknown-addresses', null, 1]]);
  });

  it('of the present hour are recorded when the instance stops in order', async () => {
    const hour = clock.now();
    await fail(freshEmail());
    await server.running.close();
    server = await server.another();
    expect(countsOf(await recordedFor(hour))).toEqual([['unknown-addresses', null, 1]]);
    // The next instance has streams of its own for the same hour.
    await fail(freshEmail());
    clock.advance(HOUR_MS);
    await recorder().run();
    expect(countsOf(await recordedFor(hour))).toEqual([
      ['unknown-addresses', null, 1],
      ['unknown-addresses', null, 1],
    ]);
  });
});
