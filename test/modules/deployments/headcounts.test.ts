import { describeOnOneEngine } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  join,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';

describeOnOneEngine('the headcount of a deployment', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  beforeEach(async () => {
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  /** The counts that a reader gets, after the read models have caught up. */
  async function told(by: Api): Promise<{ patients?: number; staff?: number }> {
    await readModelsCaughtUp(server);
    const { patients, staff } = (await by.get(deployment.path).expect(200)).body;
    return { patients, staff };
  }

  it('is shown to every reader with a role there', async () => {
    const { id: role } = (
      await server.admin
        .post(`${organisation.path}/roles`, { name: 'Night nurse', permissions: ['patients.view'] })
        .expect(201)
    ).body;
    await enrol(server, deployment);
    const readers = [
      server.admin,
      (await join(server, organisation, 'organisation-owner')).api,
      (await join(server, organisation, 'auditor')).api,
      (await join(server, deployment, 'contributor')).api,
      (await join(server, deployment, role)).api,
    ];
    for (const reader of readers) expect(await told(reader)).toEqual({ patients: 1, staff: 2 });
  });

  it('is not shown to a patient without a role', async () => {
    const patient = await enrol(server, deployment);
    const { body } = await patient.api.get(deployment.path).expect(200);
    expect(body).toMatchObject({ id: deployment.id, name: 'Cohort A' });
    for (const count of ['patients', 'staff']) expect(body).not.toHaveProperty(count);

    const { token } = await invite(server, server.admin, deployment, patient.email, 'contributor');
    await patient.api.post(`/v1/invitations/${token}/accept`).expect(200);
    expect(await told(patient.api)).toEqual({ patients: 1, staff: 1 });
  });

  it('is not shown in lists', async () => {
    await readModelsCaughtUp(server);
    const { body } = await server.admin.get(`${organisation.path}/deployments`).expect(200);
    expect(body.items).toHaveLength(1);
    for (const count of ['patients', 'staff']) expect(body.items[0]).not.toHaveProperty(count);
  });

  it('counts the present staff members and active patients of this deployment alone', async () => {
    const { admin } = server;
    const other = await createDeployment(server, organisation, 'Cohort B');
    await enrol(server, other);
    await join(server, other, 'contributor');
    await join(server, organisation, 'admin');
    await invitePatient(server, admin, deployment, freshEmail('patient'));
    await invite(server, admin, deployment, freshEmail(), 'contributor');
    expect(await told(admin)).toEqual({ patients: 0, staff: 0 });

    const [leaver, offboarded] = [await enrol(server, deployment), await enrol(server, deployment)];
    const [quitter, removed] = [
      await withPlaceElsewhere(server, await join(server, deployment, 'contributor')),
      await join(server, deployment, 'admin'),
    ];
    expect(await told(admin)).toEqual({ patients: 2, staff: 2 });

    await leaver.api.delete(`/v1/patients/${leaver.membershipId}`).expect(204);
    await admin.post(`/v1/patients/${offboarded.membershipId}/offboard`, { reason: 'Moved away' }).expect(200);
    await admin.patch(`/v1/staff/${removed.membershipId}`, { role: 'contributor' }).expect(200);
    expect(await told(admin)).toEqual({ patients: 0, staff: 2 });

    await admin.post(`/v1/patients/${offboarded.membershipId}/reactivate`).expect(200);
    await quitter.api.delete(`/v1/staff/${quitter.membershipId}`).expect(204);
    expect(await told(admin)).toEqual({ patients: 1, staff: 1 });

    await admin.delete(`/v1/patients/${offboarded.membershipId}`).expect(204);
    await admin.delete(`/v1/staff/${removed.membershipId}`).expect(204);
    expect(await told(admin)).toEqual({ patients: 0, staff: 0 });
  });
});
