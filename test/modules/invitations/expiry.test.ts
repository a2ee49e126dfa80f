import { ExpirySchedule } from '../../../src/modules/invitations/manage/expiry.schedule.js';
import { CommandHandling } from '../../../src/shared/event-sourcing/command-handling.js';
import { describeOnEngines } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { TestClock } from '../../support/test-clock.js';
import { createOrganisation, freshEmail, type Place } from '../../support/scenarios.js';
import { happened, inviteFor, recordExpiry, type Invited } from './time-support.js';

const DAY = 86_400_000;
const ACCOUNT = { name: 'Ann', password: PASSWORD };
const EXPIRED = ['InvitationIssued', 'InvitationExpired by the system'];

describeOnEngines('the end of an invitation', (engine) => {
  let server: TestServer;
  let place: Place;
  let clock: TestClock;
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, {}, { clock });
    place = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const accept = (token: string) => server.anonymous.post(`/v1/invitations/${token}/accept`, ACCOUNT);
  const listed = async (state: string): Promise<string[]> =>
    (await server.admin.get(`${place.path}/staff-invitations?state=${state}`).expect(200)).body.items.map(
      ({ id, state: shown }: { id: string; state: string }) => `${id} ${shown}`,
    );

  it('is recorded once for each of many invitations, also when the schedule runs again', async () => {
    await recordExpiry(server);
    place = await createOrganisation(server);
    const emails = Array.from({ length: 603 }, () => freshEmail());
    const { headers } = await server.admin
      .post(`${place.path}/staff-invitations`, { emails, role: 'contributor', expiresIn: '24h' })
      .expect(201);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
    const before = await expiries();
    await recordExpiry(server);
    expect(await expiries()).toBe(before);
    clock.advance(DAY + 60_000);
    await recordExpiry(server);
    expect([await expiries(), (await listed('pending')).length]).toEqual([before + 603, 0]);
    await recordExpiry(server);
    expect(await expiries()).toBe(before + 603);
  });

  it.each(['recorded', 'not recorded'])(
    'allows a resend, a revocation and a new invitation if it is %s',
    async (how) => {
      const [resent, revoked, followed] = [
        await inviteFor(server, place, '24h'),
        await inviteFor(server, place, '24h'),
        await inviteFor(server, place, '24h'),
      ];
      clock.set(followed.expiresAt);
      if (how === 'recorded') await recordExpiry(server);
      const again = (await server.admin.post(`/v1/staff-invitations/${resent.id}/resend`, {}).expect(200)).body;
      expect(again).toMatchObject({
        id: resent.id,
        state: 'pending',
        issue: 2,
        expiresAt: new Date(clock.now().getTime() + DAY).toISOString(),
      });
      await accept(resent.token)
        .expect(410)
        .expect(({ body }) => {
          expect(body.code).toBe('invitation-superseded');
        });
      await server.admin.delete(`/v1/staff-invitations/${revoked.id}`).expect(204);
      const { body } = await server.admin
        .post(`${place.path}/staff-invitations`, { emails: [followed.email], role: 'contributor' })
        .expect(201);
      expect([body.results[0].outcome, body.results[0].invitationId !== followed.id]).toEqual(['invited', true]);
      await server.admin.post(`/v1/staff-invitations/${followed.id}/resend`, {}).expect(409);
      await accept((await server.smtp.mailTo(resent.email, 2)).token).expect(200);
      await recordExpiry(server);
      const noted = how === 'recorded' ? EXPIRED : ['InvitationIssued'];
      expect(await happened(server, resent)).toEqual([...noted, 'InvitationReissued', 'InvitationAccepted']);
      expect(await happened(server, revoked)).toEqual([...noted, 'InvitationRevoked']);
      // The new invitation first records the expiry that was not recorded yet.
      const before = how === 'recorded' ? noted : [...noted, 'InvitationExpired'];
      expect(await happened(server, followed)).toEqual([...before, 'InvitationIssued']);
      clock.advance(7 * DAY);
      await recordExpiry(server);
      expect(await happened(server, followed)).toEqual([
        ...before,
        'InvitationIssued',
        'InvitationExpired by the system',
      ]);
    },
  );

  it('is recorded at the next run after a failure', async () => {
    const invited = await inviteFor(server, place, '24h');
    clock.set(invited.expiresAt);
    const commandHandling = server.running.app.get(CommandHandling);
    const failed = failOnce(commandHandling, 'decideMany', 'before');
    await recordExpiry(server);
    restore(commandHandling);
    expect([failed(), await happened(server, invited)]).toEqual([true, ['InvitationIssued']]);
    expect(server.logs.join('')).toContain('expiry could not be recorded');
    await recordExpiry(server);
    expect(await happened(server, invited)).toEqual(EXPIRED);
  });

  it('is recorded at the start after a downtime', async () => {
    const invited = await inviteFor(server, place, '72h');
    await server.running.close();
    clock.set(invited.expiresAt, 30 * DAY);
    server = await server.another();
    await recordExpiry(server);
    expect(await happened(server, invited)).toEqual(EXPIRED);
  });

  if (engine.name === 'PostgreSQL') {
    it('is recorded once by two instances at the same moment', async () => {
      const other = await server.another();
      const invited: Invited[] = [];
      for (let n = 0; n < 20; n++) invited.push(await inviteFor(server, place, '24h'));
      clock.advance(2 * DAY);
      await Promise.all([recordExpiry(server), recordExpiry(other), recordExpiry(server), recordExpiry(other)]);
      for (const one of invited) expect(await happened(server, one)).toEqual(EXPIRED);
      await other.running.close();
    });
  }

  it('is not recorded during a shutdown, but after the next start', async () => {
    const invited = await inviteFor(server, place, '24h');
    clock.set(invited.expiresAt);
    const schedule = server.running.app.get(ExpirySchedule);
    await schedule.stop();
    await schedule.run();
    expect(await happened(server, invited)).toEqual(['InvitationIssued']);
    await server.running.close();
    server = await server.another();
    await recordExpiry(server);
    expect(await happened(server, invited)).toEqual(EXPIRED);
  });

  async function expiries(): Promise<number> {
    return (await server.events()).filter(({ type }) => type === 'InvitationExpired').length;
  }
});
