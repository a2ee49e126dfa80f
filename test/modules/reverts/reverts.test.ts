import { randomUUID } from 'node:crypto';
import { describeOnOneEngine } from '../../support/engines.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  join,
  joinGroup,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { type Api, startTestServer, type TestServer } from '../../support/test-server.js';

interface Entry {
  eventId: string;
  kind: string;
  causedBy?: string;
  reason?: string;
  changes: { field: string; to: string | null }[];
}

const REASON = { reason: 'Chosen by mistake' };

describeOnOneEngine('taking back an entry of the history', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterAll(async () => {
    await server.close();
  });

  const latest = async (path: string, kind: string, api: Api = server.admin): Promise<Entry> => {
    const { body } = await api.get(`${path}/history?limit=100`).expect(200);
    return (body.items as Entry[]).find((entry) => entry.kind === kind)!;
  };
  const revert = (api: Api, { eventId }: Pick<Entry, 'eventId'>, body: object = {}) =>
    api.post(`/v1/history/${eventId}/revert`, body);
  const eventsOf = async (): Promise<number> => (await server.events()).length;

  /** Takes an entry back twice, and expects one event whose cause is the entry. */
  async function once(api: Api, path: string, kind: string, by: string, body: object = {}): Promise<Entry> {
    const entry = await latest(path, kind);
    const before = await eventsOf();
    await revert(api, entry, body).expect(204);
    expect(await eventsOf()).toBe(before + 1);
    const opposite = await latest(path, by);
    expect(opposite.causedBy).toBe(entry.eventId);
    await revert(api, entry, body).expect(204);
    expect(await eventsOf()).toBe(before + 1);
    return opposite;
  }

  describe('gives back what was', () => {
    it('a member their role, with the reason', async () => {
      const { membershipId } = await join(server, organisation, 'contributor');
      const path = `/v1/staff/${membershipId}`;
      await server.admin.patch(path, { role: 'admin' }).expect(200);
      const changed = await once(owner.api, path, 'staff.role-changed', 'staff.role-changed', REASON);
      expect(changed.reason).toBe(REASON.reason);
      expect((await server.admin.get(path).expect(200)).body.role).toBe('contributor');
    });

    it('a member of a group their permissions', async () => {
      const group = await createGroup(server, organisation);
      const { membershipId } = await joinGroup(server, group);
      const path = `/v1/group-members/${membershipId}`;
      await server.admin.patch(path, { contentCreator: true }).expect(200);
      const kind = 'group-member.permissions-changed';
      expect((await once(server.admin, path, kind, kind, REASON)).reason).toBe(REASON.reason);
      expect((await server.admin.get(`${group.path}/members`).expect(200)).body.items).toContainEqual(
        expect.objectContaining({ id: membershipId, contentCreator: false }),
      );
    });

    it('an invitation, which it withdraws', async () => {
      const { id } = await invite(server, server.admin, organisation, freshEmail('invited'), 'contributor');
      const path = `/v1/staff-invitations/${id}`;
      const withdrawn = await once(owner.api, path, 'staff.invited', 'staff.invitation-withdrawn', REASON);
      expect(withdrawn.reason).toBe(REASON.reason);
      expect((await server.admin.get(path).expect(200)).body.state).toBe('revoked');
    });

    it('a patient their place, and takes it again', async () => {
      const { membershipId } = await enrol(server, deployment);
      const path = `/v1/patients/${membershipId}`;
      await server.admin.post(`${path}/offboard`, { reason: 'Moved' }).expect(200);
      await once(server.admin, path, 'patient.offboarded', 'patient.reactivated', REASON);
      await once(server.admin, path, 'patient.reactivated', 'patient.offboarded', REASON);
      expect((await server.admin.get(path).expect(200)).body.status).toBe('offboarded');
    });

    it('a custom role its name and permissions', async () => {
      const role = { name: freshEmail('Role'), permissions: ['patients.view', 'staff.view'] };
      const { body } = await owner.api.post(`${organisation.path}/roles`, role).expect(201);
      const path = `/v1/roles/${body.id as string}`;
      await owner.api.patch(path, { name: freshEmail('Renamed'), permissions: ['patients.view'] }).expect(200);
      await once(owner.api, path, 'role.edited', 'role.edited');
      const { body: listed } = await owner.api.get(`${organisation.path}/roles`).expect(200);
      expect(listed.items).toContainEqual(expect.objectContaining({ id: body.id, ...role }));
    });

    it('a place its profile, field by field', async () => {
      const ward = await createDeployment(server, organisation, 'Ward');
      await owner.api.patch(ward.path, { name: 'Ward 2', privacyPolicyUrl: 'https://example.org/p' }).expect(200);
      const edited = await latest(ward.path, 'deployment.edited');
      await owner.api.patch(ward.path, { termsUrl: 'https://example.org/t' }).expect(200);
      await revert(owner.api, edited).expect(204);
      expect((await owner.api.get(ward.path).expect(200)).body).toMatchObject({
        name: 'Ward',
        privacyPolicyUrl: null,
        termsUrl: 'https://example.org/t',
      });
      await owner.api.patch(organisation.path, { targets: { patients: 5 } }).expect(200);
      await once(owner.api, organisation.path, 'organisation.edited', 'organisation.edited');
      expect((await owner.api.get(organisation.path).expect(200)).body.targets.patients).toBeNull();
    });

    it('a place that was archived, and archives it again', async () => {
      for (const kind of ['organisation', 'deployment'] as const) {
        const outer = await createOrganisation(server);
        const place = kind === 'organisation' ? outer : await createDeployment(server, outer);
        await server.admin.post(`${place.path}/archive`).expect(200);
        await once(server.admin, place.path, `${kind}.archived`, `${kind}.restored`);
        await once(server.admin, place.path, `${kind}.restored`, `${kind}.archived`);
        expect((await server.admin.get(place.path).expect(200)).body.archived).toBe(true);
      }
    });

    it('a group its name, and a deleted group', async () => {
      const group = await createGroup(server, organisation);
      const { body: before } = await server.admin.get(group.path).expect(200);
      await server.admin.patch(group.path, { name: 'Renamed', description: 'About it' }).expect(200);
      await once(server.admin, group.path, 'group.edited', 'group.edited');
      expect((await server.admin.get(group.path).expect(200)).body).toMatchObject({
        name: before.name,
        description: before.description,
      });
      const eventId = async (type: string) => (await server.events()).findLast((event) => event.type === type)!.id;
      await server.admin.delete(group.path).expect(204);
      await revert(owner.api, { eventId: await eventId('GroupDeleted') }).expect(204);
      await revert(owner.api, { eventId: await eventId('GroupRestored') }).expect(204);
      const ofGroup = (await server.events()).filter(({ stream }) => stream === `group-${group.id}`);
      expect(ofGroup.map(({ type }) => type).slice(-3)).toEqual(['GroupDeleted', 'GroupRestored', 'GroupDeleted']);
    });
  });

  it('is refused once something later changed the same, and names it', async () => {
    const { membershipId } = await join(server, organisation, 'contributor');
    const path = `/v1/staff/${membershipId}`;
    await server.admin.patch(path, { role: 'admin' }).expect(200);
    const first = await latest(path, 'staff.role-changed');
    await server.admin.patch(path, { role: 'auditor' }).expect(200);
    const later = await latest(path, 'staff.role-changed');
    const { body } = await revert(owner.api, first, REASON).expect(409);
    expect(body).toMatchObject({
      code: 'not-revertible',
      laterEvent: { eventId: later.eventId, kind: 'staff.role-changed' },
    });
    await server.admin.delete(path).expect(204);
    expect((await revert(owner.api, later, REASON).expect(409)).body.laterEvent.kind).toBe('staff.removed');
    const ward = await createDeployment(server, organisation, 'Ward 3');
    await owner.api.patch(ward.path, { name: 'Ward 4', termsUrl: 'https://example.org/t' }).expect(200);
    const edited = await latest(ward.path, 'deployment.edited');
    await owner.api.patch(ward.path, { name: 'Ward 5' }).expect(200);
    expect((await revert(owner.api, edited).expect(409)).body.code).toBe('not-revertible');
  });

  it('happens once when two do it at the same moment, and never over another change', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { membershipId } = await join(server, organisation, 'contributor');
      const path = `/v1/staff/${membershipId}`;
      await server.admin.patch(path, { role: 'admin' }).expect(200);
      const entry = await latest(path, 'staff.role-changed');
      const [, other] = await Promise.all([
        revert(owner.api, entry, REASON),
        server.admin.patch(path, { role: 'auditor' }),
        revert(server.admin, entry, REASON),
      ]);
      expect(other.status).toBe(200);
      const roles = (await server.events())
        .filter(({ stream, type }) => stream === `staff-${membershipId}` && type === 'StaffRoleChanged')
        .map(({ data, metadata }) => [data['to'], metadata.$causationId === entry.eventId]);
      // The change wins, or the revert was first. A revert is never the last word over a change.
      expect([
        [
          ['admin', false],
          ['auditor', false],
        ],
        [
          ['admin', false],
          ['contributor', true],
          ['auditor', false],
        ],
      ]).toContainEqual(roles);
    }
  });

  it('is refused for what has no opposite', async () => {
    const { membershipId } = await join(server, organisation, 'contributor');
    const path = `/v1/staff/${membershipId}`;
    await server.admin.delete(path).expect(204);
    for (const kind of ['staff.removed', 'staff.accepted', 'staff.invited'])
      expect((await revert(owner.api, await latest(path, kind), REASON).expect(409)).body.code).toBe('not-revertible');
    const created = await latest(organisation.path, 'organisation.created');
    const { body } = await revert(owner.api, created).expect(409);
    expect(body).toMatchObject({ code: 'not-revertible' });
    expect(body).not.toHaveProperty('laterEvent');
  });

  it('needs a reason where one is kept, and refuses one where none is', async () => {
    const { membershipId } = await join(server, organisation, 'contributor');
    await server.admin.patch(`/v1/staff/${membershipId}`, { role: 'admin' }).expect(200);
    const changed = await latest(`/v1/staff/${membershipId}`, 'staff.role-changed');
    const errors = async (entry: Entry, body: object): Promise<unknown> =>
      (await revert(owner.api, entry, body).expect(400)).body.errors;
    expect(await errors(changed, {})).toEqual([{ field: 'reason', message: 'is required' }]);
    await owner.api.patch(organisation.path, { name: freshEmail('Hospital') }).expect(200);
    const edited = await latest(organisation.path, 'organisation.edited');
    expect(await errors(edited, REASON)).toEqual([
      { field: 'reason', message: 'must be left out, because this change keeps none' },
    ]);
  });

  describe('authorises like the opposite itself', () => {
    it('refuses who may see the entry and may not do the opposite, and who may no more', async () => {
      const { membershipId } = await join(server, organisation, 'contributor');
      const path = `/v1/staff/${membershipId}`;
      const second = await join(server, organisation, 'organisation-owner');
      await second.api.patch(path, { role: 'admin' }).expect(200);
      const entry = await latest(path, 'staff.role-changed');
      const role = { name: freshEmail('Watcher'), permissions: ['patients.view', 'staff.view'] };
      const { body } = await owner.api.post(`${organisation.path}/roles`, role).expect(201);
      const staff = await join(server, organisation, body.id as string);
      await staff.api.get(`${path}/history`).expect(200);
      expect((await revert(staff.api, entry, REASON).expect(403)).body.code).toBe('forbidden');
      await server.admin.patch(`/v1/staff/${second.membershipId}`, { role: body.id as string }).expect(200);
      await revert(second.api, entry, REASON).expect(403);
      await server.admin.delete(`/v1/staff/${second.membershipId}`).expect(204);
      expect([401, 404]).toContain((await revert(second.api, entry, REASON)).status);
      const own = await join(server, organisation, 'contributor');
      await server.admin.patch(`/v1/staff/${own.membershipId}`, { role: 'admin' }).expect(200);
      const ownEntry = await latest(`/v1/staff/${own.membershipId}`, 'staff.role-changed');
      expect((await revert(own.api, ownEntry, REASON).expect(403)).body.code).toBe('own-role');
      expect((await revert(server.anonymous, entry, REASON).expect(401)).body.code).toBe('unauthenticated');
    });

    it('answers owners of another organisation like an id that never was', async () => {
      const other = await createOrganisation(server);
      const stranger = await join(server, other, 'organisation-owner');
      await owner.api.patch(organisation.path, { name: freshEmail('Hospital') }).expect(200);
      const edited = await latest(organisation.path, 'organisation.edited');
      const { body: hidden } = await revert(stranger.api, edited).expect(404);
      const { body: unknown } = await revert(stranger.api, { eventId: randomUUID() }).expect(404);
      expect({ ...hidden, requestId: '' }).toEqual({ ...unknown, requestId: '' });
      await revert(stranger.api, { eventId: 'no-id' }).expect(400);
    });

    it('takes the alias of a reader who may not identify the patient, and not the real id', async () => {
      const role = {
        name: freshEmail('Nurse'),
        permissions: ['patients.view', 'patients.manage', 'patients.offboard'],
      };
      const { body } = await owner.api.post(`${organisation.path}/roles`, role).expect(201);
      const nurse = await join(server, deployment, body.id as string);
      const email = freshEmail('patient');
      await invitePatient(server, server.admin, deployment, email);
      const { membershipId } = await enrol(server, deployment);
      await server.admin.post(`/v1/patients/${membershipId}/offboard`, { reason: 'Moved' }).expect(200);
      const real = await latest(`/v1/patients/${membershipId}`, 'patient.offboarded');
      const { body: patients } = await nurse.api.get(`${deployment.path}/patients?status=offboarded`).expect(200);
      const seen = await Promise.all(
        (patients.items as { id: string }[]).map(async ({ id }) =>
          latest(`/v1/patients/${id}`, 'patient.offboarded', nurse.api),
        ),
      );
      expect(seen.map(({ eventId }) => eventId)).not.toContain(real.eventId);
      await revert(nurse.api, real, REASON).expect(404);
      for (const entry of seen) await revert(nurse.api, entry, REASON);
      expect((await server.admin.get(`/v1/patients/${membershipId}`).expect(200)).body.status).toBe('active');
    });
  });
});
