import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  inviteObserver,
  join,
  observe,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Place,
} from '../../support/scenarios.js';

describeOnOneEngine('an observer', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server, 'Riverside Hospital');
    deployment = await createDeployment(server, organisation, 'Cohort A');
    await enrol(server, deployment);
    await join(server, deployment, 'contributor');
  });
  afterAll(async () => {
    await server.close();
  });

  const codeOf = async (calling: PromiseLike<{ status: number; body: { code?: string } }>): Promise<string> => {
    const { status, body } = await calling;
    return `${String(status)} ${body.code ?? ''}`.trim();
  };
  const deploymentFor = async (api: Api, place = deployment) => codeOf(api.get(place.path));
  const listed = async (api: Api): Promise<string[]> => {
    await readModelsCaughtUp(server);
    const { body } = await api.get(`${deployment.path}/observers`).expect(200);
    return body.items.map(({ id }: { id: string }) => id);
  };

  it('sees the deployment and its headcount, and no person in it', async () => {
    const observer = await observe(server, deployment);
    await readModelsCaughtUp(server);
    const { body } = await observer.api.get(deployment.path).expect(200);
    expect(body).toMatchObject({ name: 'Cohort A', patients: 1, staff: 1 });
    for (const list of [
      'staff',
      'staff-invitations',
      'patients',
      'patient-invitations',
      'patient-links',
      'observers',
      'observer-invitations',
      'roles',
    ])
      expect([list, await codeOf(observer.api.get(`${deployment.path}/${list}`))]).toEqual([list, '403 forbidden']);
    expect(await codeOf(observer.api.get(organisation.path))).toBe('404 not-found');
    expect(await codeOf(observer.api.get(`${organisation.path}/deployments`))).toBe('404 not-found');
  });

  it('sees no other deployment, and changes nothing in this one', async () => {
    const observer = await observe(server, deployment);
    const other = await createDeployment(server, organisation, 'Cohort B');
    expect(await deploymentFor(observer.api, other)).toBe('404 not-found');
    expect(await codeOf(observer.api.patch(deployment.path, { name: 'Mine' }))).toBe('403 forbidden');
    expect(await codeOf(observer.api.post(`${deployment.path}/archive`))).toBe('403 forbidden');
    for (const invitations of ['staff-invitations', 'patient-invitations', 'observer-invitations']) {
      const call = { emails: [freshEmail()], ...(invitations === 'staff-invitations' ? { role: 'contributor' } : {}) };
      expect(await codeOf(observer.api.post(`${deployment.path}/${invitations}`, call))).toBe('403 forbidden');
    }
  });

  it('finds the deployment among their own places, on the start page too', async () => {
    const observer = await observe(server, deployment);
    await readModelsCaughtUp(server);
    const { body } = await observer.api.get('/v1/me').expect(200);
    expect(body).toMatchObject({
      memberships: [],
      groups: [],
      enrolments: [],
      guestOf: [
        {
          id: observer.membershipId,
          kind: 'observer',
          scope: { kind: 'deployment', id: deployment.id, name: 'Cohort A' },
          organisation: { id: organisation.id, name: 'Riverside Hospital' },
          since: expect.any(String),
        },
      ],
    });
    const { text } = await observer.api.get('/').expect(200);
    expect(text).toContain('Where you are a guest');
    expect(text).toContain('Cohort A');
    expect(text).not.toContain('You have no role at the moment');
  });

  it('is listed, shown and removed only by callers who manage staff', async () => {
    const observer = await observe(server, deployment);
    const [controller, contributor, stranger] = [
      await join(server, deployment, 'access-controller'),
      await join(server, deployment, 'contributor'),
      await join(server, await createDeployment(server, organisation, 'Cohort C'), 'admin'),
    ];
    expect(await listed(controller.api)).toContain(observer.membershipId);
    const path = `/v1/observers/${observer.membershipId}`;
    expect((await controller.api.get(path).expect(200)).body).toMatchObject({
      id: observer.membershipId,
      email: observer.email,
      name: 'Name of observer',
      scope: { kind: 'deployment', id: deployment.id, name: 'Cohort A' },
    });
    expect((await observer.api.get(path).expect(200)).body.id).toBe(observer.membershipId);
    for (const { api } of [contributor, stranger])
      expect([await codeOf(api.get(path)), await codeOf(api.delete(path))]).toEqual(['404 not-found', '404 not-found']);
    expect(await deploymentFor(observer.api)).toBe('200');
    await controller.api.delete(path, { reason: 'The visit is over' }).expect(204);
    expect(await listed(controller.api)).not.toContain(observer.membershipId);
    expect(await codeOf(controller.api.delete(path))).toBe('404 not-found');
  });

  it('sees nothing after the removal, and may be invited again', async () => {
    const observer = await withPlaceElsewhere(server, await observe(server, deployment));
    await server.admin.delete(`/v1/observers/${observer.membershipId}`).expect(204);
    expect(await deploymentFor(observer.api)).toBe('404 not-found');
    expect(await codeOf(observer.api.get(`/v1/observers/${observer.membershipId}`))).toBe('404 not-found');
    const { token } = await inviteObserver(server, server.admin, deployment, observer.email);
    await observer.api.post(`/v1/invitations/${token}/accept`).expect(200);
    expect(await deploymentFor(observer.api)).toBe('200');
  });

  it('can leave, which ends their sessions if it was their last place', async () => {
    const [one, other] = [
      await observe(server, deployment),
      await withPlaceElsewhere(server, await observe(server, deployment)),
    ];
    for (const { api, membershipId } of [one, other]) await api.delete(`/v1/observers/${membershipId}`).expect(204);
    expect(await deploymentFor(one.api)).toBe('401 unauthenticated');
    expect(await deploymentFor(other.api)).toBe('404 not-found');
  });

  it('may hold a role or an enrolment too, and each ends separately', async () => {
    const member = await join(server, deployment, 'contributor');
    const { token } = await inviteObserver(server, server.admin, deployment, member.email);
    const { membershipId } = (await member.api.post(`/v1/invitations/${token}/accept`).expect(200)).body;
    await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
    expect(await deploymentFor(member.api)).toBe('200');
    expect(await codeOf(member.api.get(`${deployment.path}/patients`))).toBe('403 forbidden');

    const patient = await enrol(server, deployment);
    const second = await inviteObserver(server, server.admin, deployment, patient.email);
    await patient.api.post(`/v1/invitations/${second.token}/accept`).expect(200);
    await server.admin
      .post(`/v1/patients/${patient.membershipId}/offboard`, { reason: 'End of treatment' })
      .expect(200);
    // The guest still sees the deployment, although the enrolment is offboarded.
    expect(await deploymentFor(patient.api)).toBe('200');
    await member.api.delete(`/v1/observers/${membershipId}`).expect(204);
  });

  it('cannot join or leave an archived deployment, and still sees it', async () => {
    const archived = await createDeployment(server, organisation, 'Cohort D');
    const observer = await observe(server, archived);
    const email = freshEmail('observer');
    const { token } = await inviteObserver(server, server.admin, archived, email);
    await server.admin.post(`${archived.path}/archive`).expect(200);
    expect((await observer.api.get(archived.path).expect(200)).body.archived).toBe(true);
    expect(await codeOf(observer.api.delete(`/v1/observers/${observer.membershipId}`))).toBe('409 scope-archived');
    expect(
      await codeOf(server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD })),
    ).toBe('409 scope-archived');
  });

  it('is invited by a mail that explains what an observer sees', async () => {
    const email = freshEmail('observer');
    await inviteObserver(server, server.admin, deployment, email, { message: 'See you on Monday.' });
    const mail = server.smtp.to(email).at(-1)!;
    expect(mail.subject).toBe('First Administrator invites you to observe Cohort A (Riverside Hospital)');
    expect(mail.text).toContain('Observers see the deployment, not the people in it.');
    expect(mail.text).toContain('See you on Monday.');
    const page = await server.anonymous.get(`/invitations/${mail.token}`).expect(200);
    expect(page.text).toContain('Observer: you see the deployment, not the people in it');
  });
});
