import { EventStore, type Append } from '../../src/shared/event-sourcing/event-store.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { beforeOnce, restore } from '../support/injected-failure.js';
import { createOrganisation, freshEmail, join, type Member, type Place } from '../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { inRounds, RACE_ROUNDS } from './rounds.js';

const ADDRESSES = 300;
/** How many invitees accept while the batch is undone. */
const ACCEPTING = 10;

describeOnEngines('a batch that is undone while', (engine) => {
  const random = new Random(`undone in flight on ${engine.name}`);
  let server: TestServer;
  let store: EventStore;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    store = server.running.app.get(EventStore);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  const send = async (emails: readonly string[]) => {
    const { body } = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails, role: 'contributor' })
      .expect(201);
    return body as { batchId: string; results: { email: string; invitationId: string }[] };
  };
  const fresh = (count: number): string[] => Array.from({ length: count }, () => freshEmail('undone'));
  const undo = async (by: Api, batchId: string) =>
    by.post(`/v1/invitation-batches/${batchId}/undo`, { reason: 'Wrong list' });
  /** The types that ended each of these invitations, in order. */
  const endsOf = async (ids: readonly string[]): Promise<string[]> => {
    const ended = (await server.events()).filter(({ type }) => /^Invitation(?:Accepted|Revoked|Declined)$/.test(type));
    const byId = Map.groupBy(ended, ({ data }) => data['invitationId'] as string);
    return ids.map((id) => (byId.get(id) ?? []).map(({ type }) => type).join(' '));
  };

  it('others undo it and invitees accept: each invitation ends once, by one of them', async () => {
    await inRounds(RACE_ROUNDS, 1, async () => {
      const emails = fresh(ADDRESSES);
      const { batchId, results } = await send(emails);
      const tokens = await Promise.all(
        emails.slice(-ACCEPTING).map(async (email) => (await server.smtp.mailTo(email, 1, 60_000)).token),
      );
      const accept = async (token: string) =>
        server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD });
      const [first, second, ...accepted] = await Promise.all([
        undo(server.admin, batchId),
        undo(server.admin, batchId),
        ...tokens.map(accept),
      ]);
      const joined = accepted.filter(({ status }) => status === 200).length;
      expect(accepted.filter(({ status }) => ![200, 410].includes(status))).toEqual([]);
      expect([first.status, second.status]).toEqual([200, 200]);
      const ends = await endsOf(results.map(({ invitationId }) => invitationId));
      expect([...new Set(ends)].sort()).toEqual(
        joined === 0 ? ['InvitationRevoked'] : ['InvitationAccepted', 'InvitationRevoked'],
      );
      expect(ends.filter((end) => end === 'InvitationAccepted')).toHaveLength(joined);
      const withdrawn = [first, second].map(
        ({ body }) => (body as { summary: Record<string, number> }).summary['withdrawn'] ?? 0,
      );
      expect(withdrawn.reduce((sum, count) => sum + count)).toBe(ADDRESSES - joined);
    });
  }, 240_000);

  it('its undoer is removed: nothing is withdrawn after the removal, and the answer says how far it came', async () => {
    const undoers: Member[] = await Promise.all(
      Array.from({ length: RACE_ROUNDS }, async () => join(server, organisation, 'admin')),
    );
    await inRounds(RACE_ROUNDS, 1, async (n) => {
      const { api, membershipId } = undoers[n]!;
      const { batchId, results } = await send(fresh(ADDRESSES));
      const { personId } = (await api.get('/v1/me').expect(200)).body as { personId: string };
      const removal = Promise.withResolvers<number>();
      let chunks = 1 + random.int(3);
      const isTheirs = (some: unknown): boolean =>
        (some as readonly Append[]).some(({ events }) => events.some(({ metadata }) => metadata.actor === personId));
      const remove = async (): Promise<void> => {
        removal.resolve((await server.admin.delete(`/v1/staff/${membershipId}`)).status);
      };
      beforeOnce(store, 'appendMany', remove, (some) => isTheirs(some) && (chunks -= 1) === 0);
      const answer = await undo(api, batchId);
      restore(store);
      expect([await removal.promise, [403, 404].includes(answer.status)]).toEqual([204, true]);
      const log = await server.events();
      const removed = log.findIndex(
        ({ type, stream }) => type === 'StaffMemberRemoved' && stream === `staff-${membershipId}`,
      );
      const late = log.slice(removed + 1).filter(({ metadata }) => metadata.actor === personId);
      const withdrawn = (await endsOf(results.map(({ invitationId }) => invitationId))).filter(
        (end) => end !== '',
      ).length;
      const { summary = {}, notReached = ADDRESSES } = answer.body as {
        summary?: Record<string, number>;
        notReached?: number;
      };
      expect([late, withdrawn + notReached]).toEqual([[], ADDRESSES]);
      expect(summary['withdrawn'] ?? 0).toBe(withdrawn);
    });
  }, 240_000);
});
