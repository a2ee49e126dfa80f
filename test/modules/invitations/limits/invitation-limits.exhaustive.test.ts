import { sql } from 'kysely';
import { LeaderElection } from '../../../../src/shared/cluster/leader-election.js';
import { InvitationQuotas } from '../../../../src/modules/invitations/invite/limits/invitation-quotas.js';
import { describeOnOneEngine } from '../../../support/engines.js';
import { TestClock } from '../../../support/test-clock.js';
import { startTestServer, type TestServer } from '../../../support/test-server.js';
import { waitFor } from '../../../support/wait-for.js';
import { join, makePatientLink } from '../../../support/scenarios.js';
import { DAY, fresh, limitsOn, MINUTE, PLATFORM_STAFF } from './limits-support.js';

describeOnOneEngine('limits of invitations', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  afterEach(async () => {
    await server.close();
  });

  async function start(settings: Record<string, string> = {}): Promise<void> {
    clock = new TestClock();
    server = await startTestServer(engine, settings, { clock });
  }
  const { places, inviting, refused } = limitsOn(() => server);

  describe('one invitation', () => {
    it('of every type is resent at most once a minute and five times a day', async () => {
      await start();
      const invitations = await Promise.all(
        [...(await places()), PLATFORM_STAFF].map(async (to) => {
          const { body } = await inviting(to, fresh(1)).expect(201);
          const path = `${to.one}/${String(body.results[0].invitationId)}`;
          return { to, path, resend: () => server.admin.post(`${path}/resend`, {}) };
        }),
      );
      for (const { resend } of invitations) await resend().expect(200);
      // Refused calls do not count.
      for (let n = 0; n < 6; n += 1)
        for (const { resend } of invitations) await refused(resend, 'too-many-requests', MINUTE);
      for (let n = 2; n <= 5; n += 1) {
        clock.advance(MINUTE + 1000);
        for (const { resend } of invitations) await resend().expect(200);
      }
      clock.advance(MINUTE + 1000);
      for (const { to, path, resend } of invitations) {
        await refused(resend, 'too-many-requests', DAY);
        const { body } = await inviting(to, fresh(1)).expect(201);
        await server.admin.post(`${to.one}/${String(body.results[0].invitationId)}/resend`, {}).expect(200);
        await server.admin.delete(path).expect(204);
        expect((await resend().expect(409)).body.code).toBe('not-resendable');
      }
    });

    it('is resent again after a day, and never for a caller without the right', async () => {
      await start({ RESENDS_PER_MINUTE: '0', RESENDS_PER_DAY: '2' });
      const [to] = await places();
      const { body } = await inviting(to!, fresh(1)).expect(201);
      const resend = (by = server.admin) =>
        by.post(`/v1/staff-invitations/${String(body.results[0].invitationId)}/resend`, {});
      await resend().expect(200);
      await resend().expect(200);
      await refused(() => resend(), 'too-many-requests', DAY);
      const contributor = await join(server, to!.place, 'contributor');
      expect((await resend(contributor.api)).status).toBeGreaterThanOrEqual(403);
      clock.advance(DAY + 1000);
      await resend().expect(200);
    });

    it('is resent once by many calls at the same moment, at two instances too', async () => {
      await start();
      const [to] = await places();
      const { body } = await inviting(to!, fresh(1)).expect(201);
      const other = engine.name === 'PGlite' ? server : await server.another();
      const path = `/v1/staff-invitations/${String(body.results[0].invitationId)}/resend`;
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (_, n) => (n % 2 === 0 ? server : other).admin.post(path, {})),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 429)]);
      if (other !== server) await other.running.close();
    });

    it('is resent without limit if the limits are 0', async () => {
      await start({ RESENDS_PER_MINUTE: '0', RESENDS_PER_DAY: '0' });
      const [to] = await places();
      const { body } = await inviting(to!, fresh(1)).expect(201);
      for (let n = 0; n < 8; n += 1)
        await server.admin.post(`/v1/staff-invitations/${String(body.results[0].invitationId)}/resend`, {}).expect(200);
    });
  });

  describe('invitations a day', () => {
    it('of an organisation are limited together for all types, so a call over the limit is refused whole', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '9' });
      const all = await places();
      for (const to of all) await inviting(to, fresh(2)).expect(201);
      for (const to of all) await refused(() => inviting(to, fresh(2)), 'quota-exceeded', DAY, 1);
      for (const to of all) await refused(() => inviting(to, fresh(2), { mode: 'atomic' }), 'quota-exceeded', DAY, 1);
      // The invalid address and the duplicate count for nothing, because nobody is invited by them.
      const [email] = fresh(1);
      await inviting(all[0]!, [email!, email!, 'nonsense']).expect(201);
      for (const to of all) await refused(() => inviting(to, fresh(1)), 'quota-exceeded', DAY, 0);
      await inviting(PLATFORM_STAFF, fresh(9)).expect(201);
      await refused(() => inviting(PLATFORM_STAFF, fresh(1)), 'quota-exceeded', DAY, 0);
      await inviting((await places())[2]!, fresh(9)).expect(201);
      clock.advance(DAY - MINUTE);
      await refused(() => inviting(all[0]!, fresh(1)), 'quota-exceeded', MINUTE + 20_000, 0);
      clock.advance(MINUTE + 1000);
      await inviting(all[1]!, fresh(9)).expect(201);
    });

    it('of a caller are limited together for all places, and not for other callers', async () => {
      await start({ CALLER_INVITATIONS_PER_DAY: '4' });
      const [organisation, deployment, patients] = await places();
      const owner = await join(server, organisation!.place, 'organisation-owner');
      await inviting(organisation!, fresh(1), {}, owner.api).expect(201);
      await inviting(deployment!, fresh(2), {}, owner.api).expect(201);
      await refused(() => inviting(organisation!, fresh(2), {}, owner.api), 'quota-exceeded', DAY, 1);
      await inviting(organisation!, fresh(1), {}, owner.api).expect(201);
      await refused(() => inviting(deployment!, fresh(1), {}, owner.api), 'quota-exceeded', DAY, 0);
      // The administrator has invited one person so far: the owner.
      await inviting(patients!, fresh(3)).expect(201);
    });

    it('count only new invitations, so pending people and members use no quota', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '3' });
      const [to] = await places();
      const emails = fresh(2);
      await inviting(to!, emails).expect(201);
      for (let n = 0; n < 3; n += 1) await inviting(to!, [emails[0]!]).expect(201);
      await refused(() => inviting(to!, [...emails]), 'quota-exceeded', DAY, 1);
      const { body } = await inviting(to!, [...fresh(1)]).expect(201);
      expect(body.summary.invited).toBe(1);
      await refused(() => inviting(to!, fresh(1)), 'quota-exceeded', DAY, 0);
      // Dry runs and refused calls use no quota either.
      clock.advance(DAY);
      await inviting(to!, fresh(3), { dryRun: true }).expect(201);
      await inviting(to!, ['nonsense', ...fresh(2)], { mode: 'atomic' }).expect(422);
      const contributor = await join(server, to!.place, 'contributor');
      await inviting(to!, fresh(2), {}, contributor.api).expect(403);
      await inviting(to!, fresh(2)).expect(201);
    });

    it('stay within the limit for calls at the same moment, at two instances too', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '20' });
      const [to] = await places();
      const other = engine.name === 'PGlite' ? server : await server.another();
      const answers = await Promise.all(
        Array.from({ length: 24 }, async (_, n) =>
          inviting(to!, fresh(n % 3 === 0 ? 3 : 1), {}, (n % 2 === 0 ? server : other).admin),
        ),
      );
      expect(answers.filter(({ status }) => status !== 201 && status !== 429).map(({ status }) => status)).toEqual([]);
      const stored = (await server.events()).filter(({ type }) => type === 'InvitationIssued').length - 1;
      expect(stored).toBe(answers.reduce((sum, { body }) => sum + Number(body.summary?.invited ?? 0), 0));
      expect([stored <= 20, stored >= 18]).toEqual([true, true]);
      if (other !== server) await other.running.close();
    });

    it('are counted across a restart, with the quota that an instance reserved ahead', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '3000' });
      const [to] = await places();
      await inviting(to!, fresh(1)).expect(201);
      const used = async () =>
        (
          await sql<{
            used: number;
          }>`select used from invitation_quota where kind = 'organisation' and id = ${to!.place.id}`.execute(
            server.database.kysely(),
          )
        ).rows[0]?.used;
      // The instance reserved three ahead, so the next three calls ask no database.
      expect(await used()).toBe(4);
      for (let n = 0; n < 3; n += 1) await inviting(to!, fresh(1)).expect(201);
      expect(await used()).toBe(4);
      await inviting(to!, fresh(1)).expect(201);
      expect(await used()).toBe(8);
      // An instance that stops gives back what it reserved and did not use.
      await server.running.app.get(InvitationQuotas).giveAllBack();
      expect(await used()).toBe(5);
      await sql`update invitation_quota set used = 2999`.execute(server.database.kysely());
      await server.running.close();
      server = await server.another();
      await refused(() => inviting(to!, fresh(2)), 'quota-exceeded', DAY, 1);
    });

    it('are deleted when their day is over', async () => {
      await start();
      const [to] = await places();
      await inviting(to!, fresh(2)).expect(201);
      const rows = async () =>
        (await sql`select 1 from invitation_quota`.execute(server.database.kysely())).rows.length;
      expect(await rows()).toBeGreaterThan(1);
      clock.advance(DAY);
      await waitFor('the lease', async () => Promise.resolve(server.running.app.get(LeaderElection).isLeader));
      await server.running.app.get(InvitationQuotas).sweep();
      expect(await rows()).toBe(0);
    });

    it('are unlimited if the setting is 0', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '0', CALLER_INVITATIONS_PER_DAY: '0' });
      await inviting((await places())[0]!, fresh(5)).expect(201);
      expect((await sql`select 1 from invitation_quota`.execute(server.database.kysely())).rows).toEqual([]);
    });

    it('through a patient link use the quota of the organisation too', async () => {
      await start({ ORGANISATION_INVITATIONS_PER_DAY: '1' });
      const to = (await places())[2]!;
      const { token } = await makePatientLink(server.admin, to.place);
      const ask = (email: string) => server.anonymous.post(`/v1/links/${token}/requests`, { email });
      const [first, second] = fresh(2);
      await ask(first!).expect(202);
      // A stranger learns of no quota, and gets the same answer for a known address.
      for (const email of [first!, second!]) await refused(() => ask(email), 'too-many-requests', DAY);
    });
  });
});
