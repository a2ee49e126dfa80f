import { Departures } from '../../src/modules/access/memberships/departures.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { readCheckpoints, type CheckpointTables } from '../../src/shared/projections/checkpoints.js';
import { describeOnOneEngine } from '../support/engines.js';
import { failOnce } from '../support/injected-failure.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { Visitor } from '../modules/portal/portal-support.js';

/** A person who loses every role may lose the mailbox too, so earlier links prove nothing any more. */
describeOnOneEngine('an account that holds no place', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let group: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    group = await createGroup(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  async function accepted(by: Api, token: string): Promise<string> {
    return ((await by.post(`/v1/invitations/${token}/accept`).expect(200)).body as { membershipId: string })
      .membershipId;
  }

  const PLACES: Record<string, { make: () => Promise<Member>; path: string }> = {
    role: { make: async () => join(server, deployment, 'contributor'), path: 'staff' },
    'group membership': { make: async () => joinGroup(server, group), path: 'group-members' },
    enrolment: { make: async () => enrol(server, deployment), path: 'patients' },
  };
  const ENDS = Object.keys(PLACES).flatMap(
    (place) =>
      [
        [place, 'removed'],
        [place, 'left'],
      ] as const,
  );

  it.each(ENDS)('has no session from the moment its last %s was %s, and signs in again', async (place, how) => {
    const { make, path } = PLACES[place]!;
    const member = await make();
    const second = await server.signIn(member.email);
    await (how === 'left' ? member.api : server.admin).delete(`/v1/${path}/${member.membershipId}`, {}).expect(204);
    for (const api of [member.api, second])
      expect((await api.get('/v1/me').expect(401)).body.code).toBe('unauthenticated');
    // The process manager ends sessions once more, and none that began in the meantime.
    const again = await server.signIn(member.email);
    await reactedTo(...server.running.app.get(Departures).handles);
    expect((await again.get('/v1/me').expect(200)).body).toMatchObject({
      memberships: [],
      groups: [],
      enrolments: [],
    });
  });

  it('has no session after a caller who knows only its alias ended its last enrolment', async () => {
    const staff = await join(server, deployment, 'deployment-staff');
    const list = async () =>
      (await staff.api.get(`${deployment.path}/patients?limit=200`).expect(200)).body.items as { id: string }[];
    // There are several members, because the process manager may be as fast for one of them.
    for (let n = 0; n < 4; n += 1) {
      await readModelsCaughtUp(server);
      const before = new Set((await list()).map(({ id }) => id));
      const patient = await enrol(server, deployment);
      await readModelsCaughtUp(server);
      const alias = (await list()).find(({ id }) => !before.has(id))!.id;
      expect(alias).not.toBe(patient.membershipId);
      await staff.api.delete(`/v1/patients/${alias}`, {}).expect(204);
      expect((await patient.api.get('/v1/me').expect(401)).body.code).toBe('unauthenticated');
    }
  });

  it('keeps its sessions while any place is left, also an offboarded enrolment', async () => {
    const member = await join(server, deployment, 'contributor');
    const inGroup = await accepted(member.api, (await inviteToGroup(server, server.admin, group, member.email)).token);
    const enrolled = await accepted(
      member.api,
      (await invitePatient(server, server.admin, deployment, member.email)).token,
    );
    await server.admin.delete(`/v1/staff/${member.membershipId}`, { keepGroups: true }).expect(204);
    await member.api.get('/v1/me').expect(200);
    await server.admin.post(`/v1/patients/${enrolled}/offboard`, { reason: 'End of treatment' }).expect(200);
    await server.admin.delete(`/v1/group-members/${inGroup}`).expect(204);
    await member.api.get('/v1/me').expect(200);
    await server.admin.delete(`/v1/patients/${enrolled}`).expect(204);
    await member.api.get('/v1/me').expect(401);
  });

  it('loses its sessions also when the call fails half-way', async () => {
    const member = await join(server, organisation, 'auditor');
    failOnce(server.running.app.get(Departures), 'react', 'before');
    await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
    await waitFor('the process manager', async () => (await member.api.get('/v1/me')).status === 401);
  });

  /** A signed-in member without a place, who has one pending invitation. */
  async function placeless(): Promise<{ member: Member; api: Api; id: string; token: string }> {
    const member = await join(server, organisation, 'contributor');
    await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
    const { id, token } = await invite(server, server.admin, organisation, member.email, 'auditor');
    await readModelsCaughtUp(server);
    return { member, api: await server.signIn(member.email), id, token };
  }
  const accepting = (by: Api, id: string) => by.post(`/v1/me/invitations/${id}/accept`);

  /** Waits until the process manager has handled the newest event of these types and ended the sessions. */
  async function reactedTo(...endings: readonly string[]): Promise<void> {
    const { position } = (await server.events()).findLast(({ type }) => endings.includes(type))!;
    await waitFor('the process manager', async () => {
      const [checkpoint] = await readCheckpoints(server.database.kysely<CheckpointTables>(), ['reactions']);
      return (
        checkpoint?.position != null &&
        server.running.app.get(EventStore).comparePositions(checkpoint.position, position) >= 0
      );
    });
  }

  it('accepts on the dashboard only after it opened the mailed link in that session', async () => {
    const { member, api, id, token } = await placeless();
    const other = await server.signIn(member.email);
    expect((await api.get('/v1/me/invitations').expect(200)).body.items).toMatchObject([{ id }]);
    expect((await accepting(api, id).expect(409)).body.code).toBe('use-the-link');
    // Only this person's session proves the mailbox, not an anonymous caller, another person or another session.
    await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
    await server.admin.get(`/v1/invitations/${token}`).expect(200);
    await other.get(`/v1/invitations/${token}`).expect(200);
    expect((await accepting(api, id).expect(409)).body.code).toBe('use-the-link');
    const before = (await server.events()).length;
    await api.get(`/v1/invitations/${token}`).expect(200);
    expect((await server.events()).length).toBe(before);
    await accepting(api, id).expect(200);
    await accepting(other, id).expect(200);
  });

  it('proves nothing by an old link, and accepts by the new one', async () => {
    const { api, id, token } = await placeless();
    await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    await api.get(`/v1/invitations/${token}`).expect(410);
    expect((await accepting(api, id).expect(409)).body.code).toBe('use-the-link');
    const { email } = (await api.get('/v1/me').expect(200)).body as { email: string };
    await server.smtp.waitUntil(() => server.smtp.to(email).length >= 3);
    await accepted(api, server.smtp.to(email).at(-1)!.token);
  });

  it('proves the mailbox only by a link mailed after its last place ended, and accepts by an older one', async () => {
    const member = await join(server, organisation, 'contributor');
    // The staff membership ends first, so it isn't the last place.
    const enrolled = await accepted(
      member.api,
      (await invitePatient(server, server.admin, deployment, member.email)).token,
    );
    await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
    const [old, other] = [
      await invite(server, server.admin, deployment, member.email, 'contributor'),
      await invite(server, server.admin, organisation, member.email, 'auditor'),
    ];
    await server.admin.delete(`/v1/patients/${enrolled}`).expect(204);
    await reactedTo('PatientRemoved');
    const api = await server.signIn(member.email);
    for (const { id, token } of [old, other]) {
      await api.get(`/v1/invitations/${token}`).expect(200);
      expect((await accepting(api, id).expect(409)).body.code).toBe('use-the-link');
    }
    const visitor = new Visitor(server.url);
    await visitor.submit('/sign-in', { email: member.email, password: PASSWORD });
    await visitor.get(`/invitations/${old.token}`);
    expect((await visitor.submit(`/me/invitations/${old.id}/accept`)).status).toBe(409);
    // The resent mail came after the last place ended.
    const links = (): string[] =>
      server.smtp
        .to(member.email)
        .map(({ token }) => token)
        .filter(Boolean);
    const before = links().length;
    await server.admin.post(`/v1/staff-invitations/${other.id}/resend`, {}).expect(200);
    await server.smtp.waitUntil(() => links().length > before);
    const later = await server.signIn(member.email);
    await later.get(`/v1/invitations/${links().at(-1)!}`).expect(200);
    const { membershipId } = (await accepting(later, other.id).expect(200)).body as { membershipId: string };
    await server.admin.delete(`/v1/staff/${membershipId}`).expect(204);
    await reactedTo('StaffMemberRemoved');
    const last = await server.signIn(member.email);
    await last.get(`/v1/invitations/${old.token}`).expect(200);
    expect((await accepting(last, old.id).expect(409)).body.code).toBe('use-the-link');
    await accepted(last, old.token);
  });

  it('declines without the link, and accepts without it when it holds a place or was made a moment ago', async () => {
    const { api, id } = await placeless();
    await api.post(`/v1/me/invitations/${id}/decline`).expect(204);
    const email = freshEmail();
    const [first, second] = [
      await invite(server, server.admin, organisation, email, 'auditor'),
      await invite(server, server.admin, deployment, email, 'contributor'),
    ];
    const { token } = (
      await server.anonymous
        .post(`/v1/invitations/${first.token}/accept`, { name: 'Ann', password: PASSWORD })
        .expect(200)
    ).body as { token: string };
    await accepting(server.signedIn(token), second.id).expect(200);
    const third = await invite(
      server,
      server.admin,
      await createDeployment(server, organisation),
      email,
      'contributor',
    );
    await accepting(await server.signIn(email), third.id).expect(200);
  });

  it('sees on its pages that it must open the link, before and after it presses the button', async () => {
    const { member, id, token } = await placeless();
    const visitor = new Visitor(server.url);
    await visitor.submit('/sign-in', { email: member.email, password: PASSWORD });
    const home = await visitor.get('/');
    expect([
      home.text.includes('open the link in the mail'),
      home.text.includes(`/me/invitations/${id}/accept`),
      home.text.includes(`/me/invitations/${id}/decline`),
    ]).toEqual([true, false, true]);
    const pressed = await visitor.submit(`/me/invitations/${id}/accept`);
    expect([pressed.status, pressed.text.includes('Open the link in the mail')]).toEqual([409, true]);
    await visitor.get(`/invitations/${token}`);
    expect((await visitor.get('/')).text).toContain(`/me/invitations/${id}/accept`);
    expect((await visitor.submit(`/me/invitations/${id}/accept`)).status).toBe(303);
    expect((await visitor.get('/')).text).not.toContain('open the link in the mail');
  });
});

describeOnOneEngine('END_SESSIONS_WITH_LAST_ROLE', (engine) => {
  it.each([
    ['true', 401],
    ['false', 200],
  ])(
    'set to %s answers a person who lost the last role in an organisation with %d, and others with 200',
    async (setting, status) => {
      const server = await startTestServer(engine, { END_SESSIONS_WITH_LAST_ROLE: setting });
      try {
        const [one, other] = [await createOrganisation(server), await createOrganisation(server, 'Elsewhere')];
        const member = await join(server, one, 'contributor');
        let below = '';
        for (const place of [other, await createDeployment(server, one)]) {
          const { token } = await invite(server, server.admin, place, member.email, 'contributor');
          below = (
            (await member.api.post(`/v1/invitations/${token}/accept`).expect(200)).body as { membershipId: string }
          ).membershipId;
        }
        await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
        await member.api.get('/v1/me').expect(200);
        await server.admin.delete(`/v1/staff/${below}`).expect(204);
        await member.api.get('/v1/me').expect(status);
        await server.admin.get('/v1/me').expect(200);
      } finally {
        await server.close();
      }
    },
  );
});
