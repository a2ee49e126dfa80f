import { OwnerGuard, ownershipFrom } from '../../src/shared/access/owner-guard.js';
import { EventStore } from '../../src/shared/event-store/event-store.js';
import { currentContext } from '../../src/shared/event-store/request-context.js';
import { staffMemberFrom } from '../../src/modules/staff/staff-roles.js';
import { describeOnEngines } from '../support/engines.js';
import { failOnce, restore } from '../support/injected-failure.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/until.js';
import { createOrganisation, freshEmail, join, type Member, type Place } from '../support/world.js';
import { outcomeOf } from './rounds.js';

/** The full proof is 200. */
const ROUNDS = Number(process.env.OWNER_ROUNDS ?? '15');
const OWNER = 'organisation-owner';

describeOnEngines('owners', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let pair: [Member, Member];
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    pair = [await join(server, organisation, OWNER), await join(server, organisation, OWNER)];
  });
  afterAll(async () => { await server.close(); });

  const store = (): EventStore => server.running.app.get(EventStore);
  const roleOf = async ({ membershipId }: Member): Promise<string> => {
    const member = staffMemberFrom(await store().read(`staff-${membershipId}`));
    return member.status === 'active' ? member.role : member.status;
  };
  const rolesOf = async (members: Member[]): Promise<string[]> => Promise.all(members.map(roleOf));
  const registered = async (): Promise<number> => ownershipFrom(await store().read(`ownership-${organisation.id}`)).owners.size;

  it(`keeps one of two who demote each other at the same moment, ${String(ROUNDS)} times`, async () => {
    const seen = new Map<string, number>();
    const [ann, bob] = pair;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [byAnn, byBob] = await Promise.all([
        ann.api.patch(`/v1/staff/${bob.membershipId}`, { role: 'contributor' }),
        round % 2 === 0 ? bob.api.patch(`/v1/staff/${ann.membershipId}`, { role: 'contributor' }) : bob.api.delete(`/v1/staff/${bob.membershipId}`),
      ]);
      const outcome = [byAnn, byBob].map(outcomeOf).join(', ');
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      expect([byAnn.status, byBob.status].filter((status) => status >= 500)).toEqual([]);
      expect((await rolesOf(pair)).filter((role) => role === OWNER)).toHaveLength(1);
      await restoreOwners();
    }
    process.stdout.write(`two owners on ${engine.name}: ${JSON.stringify([...seen])}\n`);
  }, 300_000);

  /** Both are owners again, by the super-admin; who left joins again. */
  async function restoreOwners(): Promise<void> {
    for (const [n, member] of pair.entries()) {
      const role = await roleOf(member);
      if (role === OWNER) continue;
      if (role === 'contributor') await server.admin.patch(`/v1/staff/${member.membershipId}`, { role: OWNER }).expect(200);
      else await rejoin(member);
      expect(await roleOf(pair[n]!)).toBe(OWNER);
    }
    expect(await registered()).toBe(2);
  }

  async function rejoin(member: Member): Promise<void> {
    const before = server.smtp.to(member.email).length;
    await server.admin.post(`${organisation.path}/staff-invitations`, { emails: [member.email], role: OWNER }).expect(201);
    const { token } = await server.smtp.mailTo(member.email, before + 1);
    await member.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
  }

  const isRequest = (): boolean => currentContext()?.correlationId === currentContext()?.causationId;

  it('finishes a demotion that stopped between the release and the change', async () => {
    const third = await join(server, organisation, OWNER);
    const guard = server.running.app.get(OwnerGuard);
    const failed = failOnce(guard, 'finish', 'before', { when: isRequest });
    const answer = await server.admin.patch(`/v1/staff/${third.membershipId}`, { role: 'contributor', reason: 'stops half-way' });
    expect([failed(), answer.status]).toEqual([true, 500]);
    restore(guard);
    await until('the demotion', async () => (await roleOf(third)) === 'contributor');
    expect(await registered()).toBe(2);
    await server.admin.patch(`/v1/staff/${third.membershipId}`, { role: OWNER }).expect(200);
    expect([await registered(), await roleOf(third)]).toEqual([3, OWNER]);
    await server.admin.delete(`/v1/staff/${third.membershipId}`).expect(204);
  });

  it('registers an owner whose acceptance stopped before that', async () => {
    const guard = server.running.app.get(OwnerGuard);
    const email = freshEmail('owner');
    await server.admin.post(`${organisation.path}/staff-invitations`, { emails: [email], role: OWNER }).expect(201);
    const { token } = await server.smtp.mailTo(email);
    const failed = failOnce(guard, 'register', 'before', { when: isRequest });
    await server.nobody.post(`/v1/invitations/${token}/accept`, { name: 'Half an owner', password: 'a fine new password' }).expect(500);
    expect(failed()).toBe(true);
    restore(guard);
    await until('the registration', async () => (await registered()) === 3);
  });
});
