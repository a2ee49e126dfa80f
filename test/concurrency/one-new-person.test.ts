import { Accounts } from '../../src/modules/accounts/accounts.js';
import { EventStoreUnavailable } from '../../src/shared/event-sourcing/event-store.js';
import { RespondToInvitation } from '../../src/modules/invitations/respond/respond-to-invitation.js';
import { describeOnEngines } from '../support/engines.js';
import { failOnce, restore } from '../support/injected-failure.js';
import { startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, type Place } from '../support/scenarios.js';
import { inRounds, outcomeOf, RACE_ROUNDS } from './rounds.js';

const AT_ONCE = 2;

describeOnEngines('two links of one new person at the same moment', (engine) => {
  let server: TestServer;
  let organisations: [Place, Place];
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisations = [await createOrganisation(server), await createOrganisation(server, 'Hillside Clinic')];
  });
  afterAll(async () => {
    await server.close();
  });

  interface Invited {
    email: string;
    invitations: { id: string; token: string }[];
  }
  async function inviteToBoth(): Promise<Invited> {
    const email = freshEmail('newcomer');
    const invitations = [];
    for (const place of organisations)
      invitations.push(await invite(server, server.admin, place, email, 'contributor'));
    return { email, invitations };
  }

  const accept = (by: Api, token: string, password: string) =>
    by.post(`/v1/invitations/${token}/accept`, { name: `Tab ${password}`, password });
  const signsIn = async (email: string, password: string): Promise<number> =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status;
  const stateOf = async (id: string): Promise<string> =>
    (await server.admin.get(`/v1/staff-invitations/${id}`).expect(200)).body.state as string;

  /** Both links are accepted at once. The call that succeeds makes the one account, with its password. */
  async function pair(n: number, callers: readonly [Api, Api]): Promise<void> {
    const { email, invitations } = await inviteToBoth();
    const passwords = [`first password ${String(n)}`, `second password ${String(n)}`] as const;
    const answers = await Promise.all(
      callers.map((caller, which) => accept(caller, invitations[which]!.token, passwords[which]!)),
    );
    expect(answers.map(outcomeOf).sort()).toEqual(['200', '409 account-exists']);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect([await signsIn(email, passwords[winner]!), await signsIn(email, passwords[1 - winner]!)]).toEqual([
      200, 401,
    ]);
    const { body: me } = await server
      .signedIn(answers[winner]!.body.token as string)
      .after(answers[winner]!.headers['event-position']!, '/v1/me')
      .expect(200);
    expect(me.memberships).toHaveLength(1);
    expect([await stateOf(invitations[winner]!.id), await stateOf(invitations[1 - winner]!.id)]).toEqual([
      'accepted',
      'pending',
    ]);
    const member = await server.signIn(email, passwords[winner]);
    await member.post(`/v1/invitations/${invitations[1 - winner]!.token}/accept`, {}).expect(200);
  }

  it(`makes one account with the winner's password, and the other invitation stays pending, ${String(RACE_ROUNDS)} times`, async () => {
    await inRounds(RACE_ROUNDS, AT_ONCE, async (n) => pair(n, [server.anonymous, server.anonymous]));
  }, 240_000);

  // An embedded installation has one instance only.
  if (engine.name !== 'PGlite') {
    it(`makes one account when two instances answer, ${String(RACE_ROUNDS)} times`, async () => {
      const other = await server.another();
      try {
        await inRounds(RACE_ROUNDS, AT_ONCE, async (n) =>
          pair(n, n % 2 === 0 ? [server.anonymous, other.anonymous] : [other.anonymous, server.anonymous]),
        );
      } finally {
        await other.running.close();
      }
    }, 240_000);
  }

  it('accepts the second link after the first acceptance failed', async () => {
    const {
      email,
      invitations: [first, second],
    } = await inviteToBoth();
    const respondToInvitation = server.running.app.get(RespondToInvitation);
    const failed = failOnce(respondToInvitation, 'accept', 'before');
    expect((await accept(server.anonymous, first!.token, 'a first fine password')).status).toBe(500);
    expect(failed()).toBe(true);
    restore(respondToInvitation);
    await accept(server.anonymous, second!.token, 'a second fine password').expect(200);
    expect([await signsIn(email, 'a first fine password'), await signsIn(email, 'a second fine password')]).toEqual([
      401, 200,
    ]);
  });

  it('refuses the second link while the outcome of the first acceptance is unknown, and accepts the first link', async () => {
    const {
      email,
      invitations: [first, second],
    } = await inviteToBoth();
    const respondToInvitation = server.running.app.get(RespondToInvitation);
    const failed = failOnce(respondToInvitation, 'accept', 'before', { error: new EventStoreUnavailable() });
    await accept(server.anonymous, first!.token, 'a first fine password').expect(503);
    expect(failed()).toBe(true);
    restore(respondToInvitation);
    expect(outcomeOf(await accept(server.anonymous, second!.token, 'a second fine password'))).toBe(
      '409 too-many-conflicts',
    );
    await accept(server.anonymous, first!.token, 'a third fine password').expect(200);
    expect(outcomeOf(await accept(server.anonymous, second!.token, 'a second fine password'))).toBe(
      '409 account-exists',
    );
    expect([await signsIn(email, 'a second fine password'), await signsIn(email, 'a third fine password')]).toEqual([
      401, 200,
    ]);
  }, 30_000);

  it('accepts the second link once a sweep has found that the first acceptance was not stored', async () => {
    const {
      invitations: [first, second],
    } = await inviteToBoth();
    const respondToInvitation = server.running.app.get(RespondToInvitation);
    failOnce(respondToInvitation, 'accept', 'before', { error: new EventStoreUnavailable() });
    await accept(server.anonymous, first!.token, 'a first fine password').expect(503);
    restore(respondToInvitation);
    await server.running.app.get(Accounts).sweep(true);
    await accept(server.anonymous, second!.token, 'a second fine password').expect(200);
  });
});
