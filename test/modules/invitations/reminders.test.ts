import { describeOnEngines } from '../../support/engines.js';
import { metricsAt, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { TestClock } from '../../support/test-clock.js';
import { createOrganisation, waitUntilSent, type Place } from '../../support/scenarios.js';
import { inviteFor, recordExpiry, reminders } from './time-support.js';

const DAY = 86_400_000;

describeOnEngines('the reminder of an invitation', (engine) => {
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

  const mailsTo = (email: string) => server.smtp.to(email).map(({ subject }) => subject);
  const metric = async (state: string) =>
    Number(
      new RegExp(`rolecall_outbox_entries\\{state="${state}"\\} (\\d+)`).exec(await metricsAt(server.url))?.[1] ?? 0,
    );

  it('is sent once, two days before the end, with the same link and the same end', async () => {
    const invited = await inviteFor(server, place, '7d');
    await waitUntilSent(server);
    expect([await metric('scheduled'), await metric('pending')]).toEqual([1, 0]);
    expect((await server.admin.get(`/v1/staff-invitations/${invited.id}`).expect(200)).body.mail.state).toBe('sent');
    clock.set(invited.expiresAt, -2 * DAY - 1);
    await waitUntilSent(server);
    expect([mailsTo(invited.email).length, await reminders(server, invited)]).toEqual([1, ['1 pending']]);
    clock.set(invited.expiresAt, -2 * DAY);
    const reminder = await server.smtp.mailTo(invited.email, 2);
    expect(reminder.token).toBe(invited.token);
    const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
      new Date(invited.expiresAt),
    );
    expect(reminder.subject).toBe(`Reminder: your invitation to Riverside Hospital is open until ${day}`);
    expect(reminder.text).toContain('have not answered yet');
    await waitUntilSent(server);
    const { body } = await server.admin.get(`/v1/staff-invitations/${invited.id}`).expect(200);
    expect(body).toMatchObject({ state: 'pending', expiresAt: invited.expiresAt, issue: 1, mail: { state: 'sent' } });
    clock.set(invited.expiresAt, -1);
    await waitUntilSent(server);
    expect([mailsTo(invited.email).length, await reminders(server, invited), await metric('scheduled')]).toEqual([
      2,
      ['1 sent'],
      0,
    ]);
    await server.anonymous
      .post(`/v1/invitations/${reminder.token}/accept`, { name: 'Ann', password: PASSWORD })
      .expect(200);
  });

  it('is in the language of the invitation', async () => {
    const { email, expiresAt } = await inviteFor(server, place, '7d', { locale: 'de' });
    clock.set(expiresAt, -2 * DAY);
    expect((await server.smtp.mailTo(email, 2)).subject).toMatch(
      /^Erinnerung: Ihre Einladung zu Riverside Hospital gilt bis \d+\. \p{L}+ \d{4}$/u,
    );
  });

  it('is not sent for an invitation that was answered, revoked or has expired', async () => {
    const [accepted, declined, revoked, resentShort, expired] = [
      await inviteFor(server, place, '7d'),
      await inviteFor(server, place, '7d'),
      await inviteFor(server, place, '7d'),
      await inviteFor(server, place, '7d'),
      await inviteFor(server, place, '7d'),
    ];
    await server.anonymous
      .post(`/v1/invitations/${accepted.token}/accept`, { name: 'Ann', password: PASSWORD })
      .expect(200);
    await server.anonymous.post(`/v1/invitations/${declined.token}/decline`).expect(204);
    await server.admin.delete(`/v1/staff-invitations/${revoked.id}`).expect(204);
    await server.admin.post(`/v1/staff-invitations/${resentShort.id}/resend`, { expiresIn: '24h' }).expect(200);
    await server.smtp.mailTo(resentShort.email, 2);
    server.smtp.refuse((to) => (to === expired.email ? 451 : null));
    clock.set(expired.expiresAt, -2 * DAY);
    await waitUntilSent(server);
    for (const { email } of [accepted, declined, revoked]) expect(mailsTo(email)).toHaveLength(1);
    expect(mailsTo(resentShort.email)).toHaveLength(2);
    for (const some of [accepted, declined, revoked, resentShort])
      expect(await reminders(server, some)).toEqual(['1 dropped']);
    expect(await reminders(server, expired)).toEqual(['1 pending']);
    server.smtp.refuse(() => null);
    clock.set(expired.expiresAt);
    await recordExpiry(server);
    await waitUntilSent(server);
    expect([mailsTo(expired.email).length, await reminders(server, expired)]).toEqual([1, ['1 dropped']]);
  });

  it('is not sent for an archived scope', async () => {
    const closed = await createOrganisation(server, 'Closed');
    const invited = await inviteFor(server, closed, '7d');
    await server.admin.post(`${closed.path}/archive`).expect(200);
    clock.set(invited.expiresAt, -2 * DAY);
    await waitUntilSent(server);
    expect([mailsTo(invited.email).length, await reminders(server, invited)]).toEqual([1, ['1 dropped']]);
  });

  it('is sent late after a downtime, if the invitation is still open', async () => {
    const [open, over] = [await inviteFor(server, place, '7d'), await inviteFor(server, place, '7d')];
    clock.advance(1);
    await server.admin.post(`/v1/staff-invitations/${open.id}/resend`, {}).expect(200);
    const { token } = await server.smtp.mailTo(open.email, 2);
    const { expiresAt } = (await server.admin.get(`/v1/staff-invitations/${open.id}`)).body;
    await waitUntilSent(server);
    await server.running.close();
    clock.set(expiresAt, -1);
    server = await server.another();
    expect((await server.smtp.mailTo(open.email, 3)).token).toBe(token);
    await waitUntilSent(server);
    expect(await reminders(server, open)).toEqual(['1 dropped', '2 sent']);
    await server.running.close();
    server = await server.another();
    await waitUntilSent(server);
    expect(mailsTo(open.email)).toHaveLength(3);
    // This invitation expired a millisecond before the other, and so before the restart.
    expect([over.expiresAt < expiresAt, mailsTo(over.email).length, await reminders(server, over)]).toEqual([
      true,
      1,
      ['1 dropped'],
    ]);
  });
});
