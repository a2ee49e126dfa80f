import { EventStore, type Append } from '../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../support/engines.js';
import { beforeOnce, restore } from '../support/injected-failure.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, join, type Member, type Place } from '../support/scenarios.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { inRounds, RACE_ROUNDS } from './rounds.js';

/**
 * A store without append conditions is read right before each chunk. Chunks that a call has sent by then may be stored
 * after the removal. Source: ADR 0027
 */
const SENT_BY_THEN = 3 * 100;
/** Addresses per call. */
const SIZES = [1_000, 1, 1, 1, 1];
const ROUNDS_WITHOUT_CONDITIONS = Math.max(25, RACE_ROUNDS);

/** Calls of every size are under way while their caller is removed. */
describeOnEngines(
  'a member who is removed while they invite',
  (engine) => {
    const random = new Random(`removed in flight on ${engine.name}`);
    let server: TestServer;
    let store: EventStore;
    let organisation: Place;
    beforeAll(async () => {
      server = await startTestServer(engine);
      store = server.running.app.get(EventStore);
      organisation = await createOrganisation(server);
    });
    afterAll(async () => server.close());

    /**
     * Makes calls of several sizes. At one of their appends the removal of the caller begins. @returns the caller's
     * person id
     */
    async function round(caller: Member): Promise<string> {
      const { personId } = (await caller.api.get('/v1/me').expect(200)).body as { personId: string };
      const removal = Promise.withResolvers<number>();
      const remove = async (): Promise<void> => {
        server.admin.delete(`/v1/staff/${caller.membershipId}`).then(({ status }) => {
          removal.resolve(status);
        }, removal.reject);
        return Promise.resolve();
      };
      let appends = 1 + random.int(3);
      const isTheirs = (some: unknown): boolean =>
        (some as readonly Append[]).some(({ events }) => events.some(({ metadata }) => metadata.actor === personId));
      beforeOnce(store, 'appendMany', remove, (some) => isTheirs(some) && (appends -= 1) === 0);
      const invite = async (count: number): Promise<number> => {
        const emails = Array.from({ length: count }, () => freshEmail('invitee'));
        return (await caller.api.post(`${organisation.path}/staff-invitations`, { emails, role: 'contributor' }))
          .status;
      };
      const statuses = await Promise.all([...SIZES.map(invite), removal.promise]);
      expect(statuses.filter((status) => ![201, 204, 404].includes(status))).toEqual([]);
      restore(store);
      return personId;
    }

    it('invites nobody after the removal', async () => {
      const rounds = store.supportsAppendConditions ? RACE_ROUNDS : ROUNDS_WITHOUT_CONDITIONS;
      // All members join before anybody invites, because their mails would wait behind those of the invited people.
      const members = await Promise.all(
        Array.from({ length: rounds }, async () => join(server, organisation, 'admin')),
      );
      const callers: string[] = [];
      await inRounds(rounds, 1, async (n) => {
        callers.push(await round(members[n]!));
      });
      const log = await server.events();
      const removals = log.filter(({ type }) => type === 'StaffMemberRemoved');
      const issued = Map.groupBy(
        log.filter(({ type }) => type === 'InvitationIssued'),
        ({ metadata }) => metadata.actor,
      );
      const late = callers.flatMap((caller, n) =>
        (issued.get(caller) ?? []).filter(
          ({ position }) => store.comparePositions(position, removals[n]!.position) > 0,
        ),
      );
      const ofOneCall = [...Map.groupBy(late, ({ metadata }) => metadata.$correlationId).values()].map(
        ({ length }) => length,
      );
      process.stdout.write(
        `${engine.name}: ${String(callers.length)} removals, ${String(late.length)} events after one, at most ${String(Math.max(0, ...ofOneCall))} of one call\n`,
      );
      expect(removals).toHaveLength(callers.length);
      expect(callers.some((caller) => issued.get(caller)!.length < SIZES.reduce((sum, size) => sum + size))).toBe(true);
      if (store.supportsAppendConditions) expect(late).toEqual([]);
      else expect(ofOneCall.filter((count) => count > SENT_BY_THEN)).toEqual([]);
    });
  },
  { alsoOnEventStoreDb: true },
);
