import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../support/scenarios.js';
import { inRounds, outcomeOf, RACE_ROUNDS } from './rounds.js';

const AT_ONCE = 2;

describeOnEngines('two acceptances of one link at the same moment', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const accept = (by: Api, token: string, account?: object) =>
    by.post(`/v1/invitations/${token}/accept`, account ?? {});
  const canSignIn = async (email: string, password: string): Promise<boolean> =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status === 200;

  /** The number of times that the membership's stream says that the invitation was accepted. */
  async function acceptances(membershipId: string): Promise<number> {
    const history = await server.running.app.get(EventStore).read(`staff-${membershipId}`);
    return history.filter(({ type }) => type === 'InvitationAccepted').length;
  }

  async function anonymousPair(passwords: [string, string]): Promise<void> {
    const email = freshEmail('twice');
    const { token } = await invite(server, server.admin, organisation, email, 'contributor');
    const answers = await Promise.all(
      passwords.map((password, n) => accept(server.anonymous, token, { name: `Tab ${String(n)}`, password })),
    );
    expect(answers.map(outcomeOf).sort()).toEqual(['200', '410 invitation-accepted']);
    const winner = answers.findIndex(({ status }) => status === 200);
    const { token: session, membershipId } = answers[winner]!.body as { token: string; membershipId: string };
    const { body: me } = await server.signedIn(session).get('/v1/me').expect(200);
    expect(me).toMatchObject({ email });
    expect(await acceptances(membershipId)).toBe(1);
    expect(await canSignIn(email, passwords[winner]!)).toBe(true);
    if (passwords[0] !== passwords[1]) expect(await canSignIn(email, passwords[1 - winner]!)).toBe(false);
  }

  it(`makes one member when both callers send the same password, ${String(RACE_ROUNDS)} times`, async () => {
    await inRounds(RACE_ROUNDS, AT_ONCE, async () => anonymousPair([PASSWORD, PASSWORD]));
  }, 240_000);

  it(`keeps the winner's password and session, ${String(RACE_ROUNDS)} times`, async () => {
    await inRounds(RACE_ROUNDS, AT_ONCE, async (n) =>
      anonymousPair([`first password ${String(n)}`, `second password ${String(n)}`]),
    );
  }, 240_000);

  it(`accepts for the signed-in caller, ${String(RACE_ROUNDS)} times`, async () => {
    const { email, api } = await join(server, organisation, 'contributor');
    await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
      const place = await createOrganisation(server);
      const { token } = await invite(server, server.admin, place, email, 'contributor');
      const [signedIn, anonymous] = await Promise.all([
        accept(api, token),
        accept(server.anonymous, token, { name: 'Somebody', password: 'not their password' }),
      ]);
      expect(outcomeOf(signedIn)).toBe('200');
      expect(['409 account-exists', '410 invitation-accepted']).toContain(outcomeOf(anonymous));
      expect(await acceptances((signedIn.body as { membershipId: string }).membershipId)).toBe(1);
    });
    expect(await canSignIn(email, PASSWORD)).toBe(true);
    expect(await canSignIn(email, 'not their password')).toBe(false);
  }, 240_000);

  it(`accepts the caller's own invitation by its id while it is resent, ${String(RACE_ROUNDS)} times`, async () => {
    const { email, api } = await join(server, organisation, 'contributor');
    await inRounds(RACE_ROUNDS, 1, async () => {
      const place = await createOrganisation(server);
      const { id } = await invite(server, server.admin, place, email, 'contributor');
      const [accepted, resent] = await Promise.all([
        api.post(`/v1/me/invitations/${id}/accept`, {}),
        server.admin.post(`/v1/staff-invitations/${id}/resend`, {}),
      ]);
      expect(outcomeOf(accepted)).toBe('200');
      expect(['200', '409 not-resendable']).toContain(outcomeOf(resent));
    });
  }, 240_000);
});
