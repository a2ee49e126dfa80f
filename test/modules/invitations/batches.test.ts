import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  idle,
  invite,
  join,
  joinGroup,
  pauseReadModel,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { TestClock } from '../../support/test-clock.js';
import { waitFor } from '../../support/wait-for.js';

const DAY = 24 * 60 * 60 * 1000;

describeOnEngines('an invitation batch', (engine) => {
  const clock = new TestClock();
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, {}, { clock });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterAll(async () => {
    server.smtp.refuse(() => null);
    await server.close();
  });

  const fresh = (n: number): string[] => Array.from({ length: n }, () => freshEmail('batch'));
  const call = async (place: Place, emails: string[], by = server.admin, more: object = {}) =>
    (await by.post(`${place.path}/staff-invitations`, { emails, role: 'contributor', ...more }).expect(201)).body;
  const batch = (id: string) => `/v1/invitation-batches/${id}`;
  const statusOf = async (answer: PromiseLike<{ status: number }>): Promise<number> => (await answer).status;
  const seen = async (api: Api, id: string): Promise<number[]> => [
    await statusOf(api.get(batch(id))),
    await statusOf(api.get(`${batch(id)}/failures`)),
    await statusOf(api.post(`${batch(id)}/undo`, {})),
  ];

  it('counts outcomes, states and mails, and names its scope and issuer', async () => {
    const [pending] = fresh(1);
    await call(organisation, [pending!]);
    const emails = [...fresh(3), pending!, pending!, 'nonsense'];
    const { batchId, summary } = await call(organisation, emails);
    await idle(server);
    const { token } = server.smtp.to(emails[0]!).at(-1)!;
    await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
    await readModelsCaughtUp(server);
    const { body } = await server.admin.get(batch(batchId)).expect(200);
    expect(body).toMatchObject({
      id: batchId,
      kind: 'staff',
      scope: { kind: 'organisation', id: organisation.id, name: 'Riverside Hospital' },
      recipients: 6,
      finished: true,
      outcomes: summary,
      notReached: 0,
      invitations: { pending: 2, accepted: 1, declined: 0, revoked: 0, expired: 0 },
      mails: { waiting: 0, sent: 3, failed: 0, unsubscribed: 0, dropped: 0 },
    });
    expect(summary).toMatchObject({ invited: 3, 'already-pending': 1, 'duplicate-in-request': 1, 'invalid-email': 1 });
  });

  it('is every call that records something: of one address too, and no dry run', async () => {
    const [one] = fresh(1);
    const { batchId } = await call(deployment, [one!]);
    expect((await server.admin.get(batch(batchId)).expect(200)).body).toMatchObject({
      recipients: 1,
      finished: true,
      outcomes: { invited: 1, 'already-pending': 0 },
    });
    const before = (await server.events()).length;
    expect(await call(deployment, [one!])).not.toHaveProperty('batchId');
    expect(await call(deployment, ['nonsense', 'nothing'])).not.toHaveProperty('batchId');
    expect(await call(deployment, fresh(2), server.admin, { dryRun: true })).not.toHaveProperty('batchId');
    expect((await server.events()).length).toBe(before);
  });

  it('stays one batch when the call is sent again with its key', async () => {
    const [emails, key] = [fresh(3), randomUUID()];
    const send = async () =>
      server.admin
        .post(`${organisation.path}/staff-invitations`, { emails, role: 'contributor' })
        .set('Idempotency-Key', key)
        .expect(201);
    const [first, second] = [(await send()).body, (await send()).body];
    expect(second).toEqual(first);
    await readModelsCaughtUp(server);
    expect((await server.admin.get(batch(first.batchId)).expect(200)).body.invitations.pending).toBe(3);
  });

  it('is seen by those who list the invitations there, and by its issuer while they may invite there', async () => {
    const [issuer, lister] = [
      await join(server, deployment, 'admin'),
      await join(server, deployment, 'organisation-staff'),
    ];
    const another = await createDeployment(server, organisation, 'Another');
    const { batchId } = await call(deployment, fresh(2), issuer.api);
    expect(await seen(lister.api, batchId)).toEqual([200, 200, 403]);
    const others = [
      (await join(server, another, 'admin')).api,
      (await join(server, deployment, 'contributor')).api,
      (await join(server, organisation, 'auditor')).api,
      (await join(server, await createOrganisation(server), 'organisation-owner')).api,
    ];
    for (const api of others) expect(await seen(api, batchId)).toEqual([404, 404, 404]);
    expect(await seen(server.anonymous, batchId)).toEqual([401, 401, 401]);
    expect(await seen(server.admin, randomUUID())).toEqual([404, 404, 404]);
    await server.admin.patch(`/v1/staff/${issuer.membershipId}`, { role: 'contributor' }).expect(200);
    expect(await seen(issuer.api, batchId)).toEqual([404, 404, 404]);
    expect((await server.admin.get(batch(batchId))).body.invitations.pending).toBe(2);
  });

  it('is listed newest first, to each caller what they see, with cursors', async () => {
    const place = await createOrganisation(server, 'Listed');
    const [a, b] = [await createDeployment(server, place, 'A'), await createDeployment(server, place, 'B')];
    const group = await createGroup(server, place);
    const adminOfA = await withPlaceElsewhere(server, await join(server, a, 'admin'));
    const ids: string[] = [];
    for (const at of [place, a, b, a]) ids.unshift((await call(at, fresh(2))).batchId);
    const patients = await server.admin.post(`${a.path}/patient-invitations`, { emails: fresh(2) }).expect(201);
    const members = { emails: fresh(2), administrator: false, contentCreator: false };
    const grouped = await server.admin.post(`${group.path}/invitations`, members).expect(201);
    await readModelsCaughtUp(server);
    const list = async (api: Api, query = '') => {
      const { body } = await api.get(`${place.path}/invitation-batches${query}`).expect(200);
      return {
        ids: body.items
          .map(({ id }: { id: string }) => id)
          .filter((id: string) => [...ids, patients.body.batchId, grouped.body.batchId].includes(id)),
        body,
      };
    };
    expect((await list(server.admin)).ids).toEqual([grouped.body.batchId, patients.body.batchId, ...ids]);
    expect((await list(adminOfA.api)).ids).toEqual([patients.body.batchId, ids[0], ids[2]]);
    const administrator = await joinGroup(server, group, { administrator: true });
    const insider = await withPlaceElsewhere(server, administrator);
    await server.admin.get(`${place.path}/invitation-batches`).expect(200);
    expect(await statusOf(insider.api.get(`${place.path}/invitation-batches`))).toBe(403);
    expect(await statusOf(insider.api.get(batch(grouped.body.batchId)))).toBe(200);
    expect((await list((await join(server, place, 'auditor')).api)).body.items).toEqual([]);
    const { body: first } = await list(server.admin, '?limit=2');
    const { body: second } = await list(server.admin, `?limit=50&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual(
      (await list(server.admin, '?limit=50')).body.items.map(({ id }: { id: string }) => id),
    );
    await server.admin.get(`${place.path}/invitation-batches?limit=51`).expect(400);
  });

  it('lists failed mails as CSV that no spreadsheet takes for formulas', async () => {
    const [good, bad] = [freshEmail('good'), `=cmd+${freshEmail('bad')}`];
    const { batchId } = await call(deployment, [good, bad]);
    await idle(server);
    await sql`update outbox set state = 'failed' where invitation_id in (select i.id from invitation i join person_directory p on p.id = i.person_id where p.email = ${bad})`.execute(
      server.database.kysely(),
    );
    const { text, headers } = await server.admin.get(`${batch(batchId)}/failures`).expect(200);
    expect([headers['content-type'], headers['content-disposition']]).toEqual([
      'text/csv; charset=utf-8',
      'attachment; filename="failed-mails.csv"',
    ]);
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(new RegExp(`^"'=cmd\\+`));
    expect((await server.admin.get(batch(batchId))).body.mails).toMatchObject({ sent: 1, failed: 1 });
  });

  it('shows no address of failed mails to readers who may not identify the invitee', async () => {
    const reader = await join(server, deployment, 'admin');
    const [bad] = fresh(1);
    const { body } = await server.admin
      .post(`${deployment.path}/patient-invitations`, { emails: [bad!, ...fresh(1)] })
      .expect(201);
    await idle(server);
    await sql`update outbox set state = 'failed' where invitation_id = any(${`{${body.results.map(({ invitationId }: { invitationId: string }) => invitationId).join(',')}}`}::uuid[])`.execute(
      server.database.kysely(),
    );
    const { text } = await reader.api.get(`${batch(body.batchId)}/failures`).expect(200);
    expect(text).toContain('P-');
    expect(text).not.toContain('@');
    for (const { invitationId } of body.results) expect(text).not.toContain(invitationId);
    expect((await server.admin.get(`${batch(body.batchId)}/failures`).expect(200)).text).toContain(bad);
  });

  it('withdraws what is still open, once, and says what became of the rest', async () => {
    const emails = fresh(5);
    const { batchId, results } = await call(organisation, emails);
    await idle(server);
    const tokenOf = (email: string) => server.smtp.to(email).at(-1)!.token;
    await server.anonymous
      .post(`/v1/invitations/${tokenOf(emails[0]!)}/accept`, { name: 'Ann', password: PASSWORD })
      .expect(200);
    await server.anonymous.post(`/v1/invitations/${tokenOf(emails[1]!)}/decline`).expect(204);
    await server.admin.delete(`/v1/staff-invitations/${results[2].invitationId}`).expect(204);
    const none = { withdrawn: 0, revoked: 0, accepted: 0, declined: 0, replaced: 0, 'not-allowed': 0 };
    const undo = async () =>
      (await server.admin.post(`${batch(batchId)}/undo`, { reason: 'Wrong list' }).expect(200)).body;
    expect(await undo()).toEqual({
      id: batchId,
      summary: { ...none, withdrawn: 2, revoked: 1, accepted: 1, declined: 1 },
    });
    await server.anonymous.get(`/v1/invitations/${tokenOf(emails[3]!)}`).expect(410);
    const before = (await server.events()).length;
    expect(await undo()).toEqual({ id: batchId, summary: { ...none, revoked: 3, accepted: 1, declined: 1 } });
    const log = await server.events();
    expect(log.length).toBe(before);
    const revoked = log.filter(
      ({ type, data }) =>
        type === 'InvitationRevoked' &&
        results.some((one: { invitationId: string }) => one.invitationId === data['invitationId']),
    );
    expect(revoked.filter(({ data }) => data['reason'] !== undefined)).toHaveLength(2);
    expect(JSON.stringify(log)).not.toContain('Wrong list');
  });

  it('leaves invitations whose role the caller may not take', async () => {
    const { batchId, results } = await call(organisation, fresh(3));
    const change = `/v1/staff-invitations/${results[0].invitationId}`;
    await server.admin.patch(change, { role: 'organisation-owner' }).expect(200);
    const { api } = await join(server, organisation, 'admin');
    const { body } = await api.post(`${batch(batchId)}/undo`, {}).expect(200);
    expect(body.summary).toMatchObject({ withdrawn: 2, 'not-allowed': 1 });
    expect((await server.admin.get(change).expect(200)).body.state).toBe('pending');
  });

  it('is not undone in an archived scope, nor by who may only look', async () => {
    const place = await createDeployment(server, organisation, 'Closing');
    const { batchId } = await call(place, fresh(2));
    await server.admin.post(`${place.path}/archive`).expect(200);
    expect((await server.admin.post(`${batch(batchId)}/undo`, {}).expect(409)).body.code).toBe('scope-archived');
    await readModelsCaughtUp(server);
    expect((await server.admin.get(batch(batchId)).expect(200)).body.invitations.pending).toBe(2);
    const { api } = await join(server, organisation, 'organisation-staff');
    const { batchId: undone } = await call(organisation, fresh(2));
    await server.admin.post(`${batch(undone)}/undo`, {}).expect(200);
    // Nothing is left to withdraw, and it is refused all the same.
    expect(await seen(api, undone)).toEqual([200, 200, 403]);
  });

  it('undoes several chunks, and again finds nothing', async () => {
    const { batchId } = await call(deployment, fresh(230));
    const { body } = await server.admin.post(`${batch(batchId)}/undo`, {}).expect(200);
    expect(body.summary.withdrawn).toBe(230);
    await invite(server, server.admin, deployment, freshEmail('after'), 'contributor');
    expect((await server.admin.post(`${batch(batchId)}/undo`, {}).expect(200)).body.summary.withdrawn).toBe(0);
  });

  it('is undone no further once the caller may revoke no more, and says how far that came', async () => {
    const { batchId } = await call(organisation, fresh(900));
    const caller = await withPlaceElsewhere(server, await join(server, organisation, 'admin'));
    const { personId } = (await caller.api.get('/v1/me').expect(200)).body;
    const byCaller = async () =>
      (await server.events()).filter(
        ({ type, metadata }) => type === 'InvitationRevoked' && metadata.actor === personId,
      );
    const undoing = caller.api.post(`${batch(batchId)}/undo`, {}).then((answer) => answer);
    await waitFor('a first withdrawal', async () => (await byCaller()).length > 0);
    await server.admin.delete(`/v1/staff/${caller.membershipId}`).expect(204);
    const answer = await undoing;
    const log = await server.events();
    const end = log.findIndex(
      ({ type, stream }) => type === 'StaffMemberRemoved' && stream === `staff-${caller.membershipId}`,
    );
    expect(end).toBeGreaterThan(0);
    expect(
      log.slice(end).filter(({ metadata, type }) => type === 'InvitationRevoked' && metadata.actor === personId),
    ).toEqual([]);
    const withdrawn = (await byCaller()).length;
    if (answer.status === 200) expect(answer.body.summary.withdrawn).toBe(900);
    else
      expect(answer.body).toMatchObject({
        code: expect.stringMatching(/^(?:forbidden|not-found)$/),
        summary: { withdrawn },
        notReached: 900 - withdrawn,
      });
    const { body } = await server.admin.post(`${batch(batchId)}/undo`, {}).expect(200);
    expect(body.summary).toMatchObject({ withdrawn: 900 - withdrawn, revoked: withdrawn });
  });

  it('is the same after its read model was rebuilt', async () => {
    await readModelsCaughtUp(server);
    const rows = async () =>
      JSON.stringify(
        (
          await sql`select (select json_agg(b order by id) from invitation_batch b) as batches, (select json_agg(i order by id) from invitation_batch_item i) as items`.execute(
            server.database.kysely(),
          )
        ).rows,
      );
    const before = await rows();
    await server.admin.post('/v1/projections/invitation-batches/rebuild').expect((answer) => {
      if (answer.status >= 300) throw new Error(answer.text);
    });
    await readModelsCaughtUp(server);
    expect(await rows()).toBe(before);
  });

  it('agrees with the list of invitations after a resend, a change, an expiry and a withdrawal', async () => {
    const { batchId, results } = await call(organisation, fresh(4), server.admin, { expiresIn: '24h' });
    const [resent, changed, withdrawn, expired] = (results as { invitationId: string }[]).map(
      ({ invitationId }) => `/v1/staff-invitations/${invitationId}`,
    );
    clock.advance(DAY);
    await readModelsCaughtUp(server);
    expect((await server.admin.get(batch(batchId)).expect(200)).body.invitations).toMatchObject({ expired: 4 });
    for (const path of [resent, changed, withdrawn]) await server.admin.post(`${path}/resend`, {}).expect(200);
    await server.admin.patch(changed!, { expiresIn: '72h' }).expect(200);
    await server.admin.delete(withdrawn!).expect(204);
    clock.advance(2 * DAY);
    await readModelsCaughtUp(server);
    await idle(server);
    const states = await Promise.all(
      [resent, changed, withdrawn, expired].map(async (path) => (await server.admin.get(path!).expect(200)).body.state),
    );
    expect(states).toEqual(['expired', 'pending', 'revoked', 'expired']);
    const { body } = await server.admin.get(batch(batchId)).expect(200);
    expect(body.invitations).toEqual({ pending: 1, accepted: 0, declined: 0, revoked: 1, expired: 2 });
    // The mails of the present issues: that of the withdrawn invitation may have been sent before it was withdrawn.
    const { sent, dropped, waiting } = body.mails as Record<string, number>;
    expect(sent! + dropped!).toBe(4);
    expect(waiting).toBe(0);
  });

  it('counts mails as waiting while the outbox is behind the batches', async () => {
    await pauseReadModel(server, 'invitation-mail');
    const { batchId } = await call(organisation, fresh(3));
    await readModelsCaughtUp(server);
    expect((await server.admin.get(batch(batchId)).expect(200)).body.mails).toMatchObject({ waiting: 3, sent: 0 });
    await server.admin.post('/v1/projections/invitation-mail/resume').expect(204);
    await idle(server);
    expect((await server.admin.get(batch(batchId)).expect(200)).body.mails).toMatchObject({ waiting: 0, sent: 3 });
  });

  it('counts an invitation as expired from its last moment on', async () => {
    const { batchId } = await call(organisation, fresh(2), server.admin, { expiresIn: '24h' });
    await readModelsCaughtUp(server);
    clock.advance(DAY);
    const { body } = await server.admin.get(batch(batchId)).expect(200);
    expect(body.invitations).toMatchObject({ pending: 0, expired: 2 });
  });
});
