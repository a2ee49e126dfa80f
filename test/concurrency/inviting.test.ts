import { sql } from 'kysely';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, waitUntilSent, type Place } from '../support/scenarios.js';
import { inRounds, outcomeOf } from './rounds.js';

const CALLS = 100;
const ROUNDS = 12;

describeOnEngines('inviting at the same moment', (engine) => {
  const random = new Random(`inviting at the same moment on ${engine.name}`);
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  /** Waits until each mail of the log is sent or dropped. @returns the kinds of the invitation's outbox entries */
  async function entriesOf(invitationId: string): Promise<string[]> {
    const { headers } = await server.admin
      .patch(organisation.path, { name: `Renamed for ${invitationId}` })
      .expect(200);
    await server.admin.after(headers['event-position']!, organisation.path).expect(200);
    await waitUntilSent(server);
    const { rows } = await sql<{
      kind: string;
    }>`select kind from outbox where invitation_id = ${invitationId} order by kind`.execute(server.database.kysely());
    return rows.map(({ kind }) => kind);
  }

  it(`makes one invitation and sends one mail for ${String(CALLS)} calls with the same address`, async () => {
    const email = freshEmail('wanted');
    const calls = Array.from({ length: CALLS }, () =>
      server.admin.post(`${organisation.path}/staff-invitations`, { emails: [email], role: 'contributor' }).expect(201),
    );
    const results = (await Promise.all(calls)).map(
      ({ body }) => (body as { results: { outcome: string; invitationId: string }[] }).results[0]!,
    );
    const [invitationId, ...others] = [...new Set(results.map((result) => result.invitationId))];
    expect(others).toEqual([]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array<string>(CALLS - 1).fill('already-pending'),
      'invited',
    ]);
    await server.smtp.mailTo(email);
    expect(await entriesOf(invitationId!)).toEqual(['invitation', 'reminder']);
    expect(server.smtp.to(email)).toHaveLength(1);
  });

  it(`ends a race of an acceptance, a revocation and a resend in one of the legal ways, ${String(ROUNDS)} times`, async () => {
    const seen = new Set<string>();
    await inRounds(ROUNDS, 3, async () => {
      seen.add(await race(freshEmail('raced'), server.anonymous, organisation));
    });
    // A signed-in person wins more often, because no password is hashed. The rounds run one at a time, because all
    // their mails go to one address.
    const member = await join(server, organisation, 'contributor');
    await inRounds(ROUNDS, 1, async () => {
      seen.add(await race(member.email, member.api, await createOrganisation(server)));
    });
    process.stdout.write(`accept, revoke, resend on ${engine.name}: ${[...seen].join(' | ')}\n`);
    expect([...seen].some((outcome) => outcome.startsWith('200'))).toBe(true);
  }, 240_000);

  /** `then` sends the request at once. Supertest sends other requests only when the test awaits them. */
  const accept = async (invitee: Api, token: string) =>
    invitee
      .post(
        `/v1/invitations/${token}/accept`,
        invitee === server.anonymous ? { name: 'Raced', password: PASSWORD } : {},
      )
      .then((answer) => answer);

  /** Runs one race, and checks that state, stream and account agree at its end. @returns the three answers */
  async function race(email: string, invitee: Api, place: Place): Promise<string> {
    const { id, token } = await invite(server, server.admin, place, email, 'contributor');
    const [accepting, headStartMs] = [accept(invitee, token), random.int(60)];
    await new Promise((resolve) => setTimeout(resolve, headStartMs));
    const [accepted, revoked, resent] = await Promise.all([
      accepting,
      server.admin.delete(`/v1/staff-invitations/${id}`),
      server.admin.post(`/v1/staff-invitations/${id}/resend`, {}),
    ]);
    const outcome = [accepted, revoked, resent].map(outcomeOf).join(', ');
    expect(LEGAL).toContain(outcome);
    const won = accepted.status === 200;
    const { body } = await server.admin.get(`/v1/staff-invitations/${id}`).expect(200);
    expect((body as { state: string }).state).toBe(won ? 'accepted' : 'revoked');
    const { rows } = await sql<{ stream: string }>`select stream from invitation where id = ${id}`.execute(
      server.database.kysely(),
    );
    const types = (await server.running.app.get(EventStore).read(rows[0]!.stream)).map(({ type }) => type);
    expect(types.filter((type) => type === 'InvitationAccepted' || type === 'InvitationRevoked')).toEqual([
      won ? 'InvitationAccepted' : 'InvitationRevoked',
    ]);
    if (invitee === server.anonymous)
      expect((await server.anonymous.post('/v1/auth/sign-in/email', { email, password: PASSWORD })).status).toBe(
        won ? 200 : 401,
      );
    return outcome;
  }
});

/**
 * The legal answers to an acceptance, a revocation and a resend that race. When the acceptance comes first, the others
 * are refused. Otherwise the invitation ends revoked.
 */
const LEGAL = [
  '200, 409 not-revocable, 409 not-resendable',
  '410 invitation-revoked, 204, 409 not-resendable',
  '410 invitation-revoked, 204, 200',
  '410 invitation-superseded, 204, 200',
];
