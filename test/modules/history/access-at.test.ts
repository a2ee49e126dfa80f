import {
  createDeployment,
  createOrganisation,
  invitePatient,
  join,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { describeOnEngines } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';

interface Grant {
  grantId: string;
  membershipId: string;
  person: { personId: string; name: string | null };
  role: string;
  roleName: string;
  permissions: string[];
  scope: { id: string };
  inherited: boolean;
  archived: boolean;
}
interface Change {
  change: string;
  before: Grant | null;
  after: Grant | null;
  permissionsGained: string[];
  permissionsLost: string[];
  changedByRelease: boolean;
  entries: number[];
}

describeOnEngines('who held what', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server, 'Riverside');
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterAll(async () => {
    await server.close();
  });

  const accessAt = async (
    api: Api,
    place: Place,
    query = '',
  ): Promise<{ items: Grant[]; number: number; nextCursor: string | null; settled: boolean }> =>
    (await api.get(`${place.path}/access${query}`).expect(200)).body;
  const now = async (): Promise<number> => (await accessAt(owner.api, organisation, '?limit=1')).number;
  const changes = async (from: number, to: number): Promise<Change[]> =>
    (
      await owner.api
        .get(`${organisation.path}/access/diff?fromNumber=${String(from)}&toNumber=${String(to)}`)
        .expect(200)
    ).body.items;
  const grantOf = ({ items }: { items: Grant[] }, name: string): Grant | undefined =>
    items.find(({ person }) => person.name === name);

  it('is answered as the roles meant then, after a custom role was edited and deleted', async () => {
    const { body: role } = await owner.api
      .post(`${organisation.path}/roles`, { name: 'Ward lead', permissions: ['staff.view'] })
      .expect(201);
    const member = await join(server, organisation, role.id as string);
    const before = await now();
    await owner.api
      .patch(`/v1/roles/${role.id as string}`, { name: 'Ward head', permissions: ['notes.manage'] })
      .expect(200);
    const edited = await now();
    await owner.api.delete(`/v1/roles/${role.id as string}?moveTo=contributor`).expect(204);
    const deleted = await now();
    const at = async (number: number): Promise<Partial<Grant> | undefined> => {
      const grant = (await accessAt(owner.api, organisation, `?number=${String(number)}`)).items.find(
        ({ person }) => person.name === 'Name of ' + (role.id as string),
      );
      return grant && { role: grant.role, roleName: grant.roleName, permissions: grant.permissions };
    };
    expect(await at(before)).toEqual({
      role: role.id,
      roleName: 'Ward lead',
      permissions: ['patients.view', 'staff.view', 'deployment.view'],
    });
    expect(await at(edited)).toEqual({
      role: role.id,
      roleName: 'Ward head',
      permissions: ['patients.view', 'notes.manage', 'deployment.view'],
    });
    expect(await at(deleted)).toMatchObject({ role: 'contributor', roleName: 'Contributor' });
    expect(
      (await changes(before, edited)).map(({ change, permissionsGained, permissionsLost, changedByRelease }) => ({
        change,
        permissionsGained,
        permissionsLost,
        changedByRelease,
      })),
    ).toEqual([
      {
        change: 'changed',
        permissionsGained: ['notes.manage'],
        permissionsLost: ['staff.view'],
        changedByRelease: false,
      },
    ]);
    expect(member.membershipId).toBeDefined();
    const { body: story } = await owner.api.get(`/v1/roles/${role.id as string}/history`).expect(200);
    expect(story.items.map(({ kind }: { kind: string }) => kind)).toEqual([
      'role.deleted',
      'role.edited',
      'role.defined',
    ]);
  });

  it('names what was added, removed and changed, with the entries that did it', async () => {
    const [leaving, rising] = [
      await join(server, organisation, 'contributor'),
      await join(server, organisation, 'deployment-staff'),
    ];
    const before = await now();
    await owner.api.delete(`/v1/staff/${leaving.membershipId}`).expect(204);
    await owner.api.patch(`/v1/staff/${rising.membershipId}`, { role: 'admin' }).expect(200);
    await join(server, organisation, 'auditor');
    const found = await changes(before, await now());
    expect(found.map(({ change, before: a, after: b }) => [change, a?.role ?? null, b?.role ?? null])).toEqual([
      ['removed', 'contributor', null],
      ['changed', 'deployment-staff', 'admin'],
      ['added', null, 'auditor'],
    ]);
    expect(found.map(({ entries }) => entries.length)).toEqual([1, 1, 2]);
    expect(found[1]!.permissionsGained).toContain('staff.manage');
    expect(await changes(before, before)).toEqual([]);
  });

  it('marks inherited and archived grants, and leaves reading alone in an archived scope', async () => {
    const deployment = await createDeployment(server, organisation, 'Cohort A');
    await join(server, deployment, 'admin');
    const open = await accessAt(server.admin, deployment);
    expect(grantOf(open, 'Name of admin')).toMatchObject({ inherited: false, archived: false });
    expect(grantOf(open, 'Name of organisation-owner')).toMatchObject({ inherited: true });
    await server.admin.post(`${deployment.path}/archive`).expect(200);
    const archived = grantOf(await accessAt(server.admin, deployment), 'Name of admin')!;
    expect(archived).toMatchObject({ archived: true });
    expect(archived.permissions.toSorted()).toEqual([
      'audit.view',
      'deployment.view',
      'patients.export',
      'patients.view',
      'staff.view',
    ]);
    expect(
      grantOf(await accessAt(server.admin, deployment, `?number=${String(open.number)}`), 'Name of admin'),
    ).toMatchObject({ archived: false });
  });

  it('tells apart what one person holds in one scope as staff and as a patient', async () => {
    const deployment = await createDeployment(server, organisation, 'Cohort B');
    const { api, email } = await join(server, deployment, 'contributor');
    const { id } = await invitePatient(server, server.admin, deployment, email);
    await api.post(`/v1/me/invitations/${id}/accept`).expect(200);
    const own = async (): Promise<(string | undefined)[]> =>
      (await accessAt(server.admin, deployment)).items
        .filter(({ inherited }) => !inherited)
        .map(({ role }) => role)
        .toSorted();
    expect(await own()).toEqual(['active', 'contributor']);
    const [patient] = (await server.admin.get(`${deployment.path}/patients`).expect(200)).body.items as {
      id: string;
    }[];
    await server.admin.post(`/v1/patients/${patient!.id}/offboard`, { reason: 'End of treatment' }).expect(200);
    expect(await own()).toEqual(['contributor', 'offboarded']);
    const stories = ['staff', 'patients'].map(async (kind) => {
      const { body } = await server.admin.get(`/v1/${kind}/${patient!.id}/history`).expect(200);
      return body.items.map((entry: { kind: string }) => entry.kind) as string[];
    });
    expect(await Promise.all(stories)).toEqual([
      ['staff.accepted', 'staff.invited'],
      ['patient.offboarded', 'patient.accepted', 'patient.invited'],
    ]);
  });

  it('takes filters, and keeps all pages at one instant', async () => {
    const all = await accessAt(owner.api, organisation, '?limit=200');
    const first = await accessAt(owner.api, organisation, '?limit=2');
    await join(server, organisation, 'auditor');
    const paged = [...first.items];
    for (let cursor = first.nextCursor; cursor !== null;) {
      const page = await accessAt(owner.api, organisation, `?limit=2&cursor=${encodeURIComponent(cursor)}`);
      expect(page.number).toBe(all.number);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.items);
    const owners = await accessAt(owner.api, organisation, '?permission=organisation.edit');
    expect(owners.items.map(({ role }) => role)).toEqual(['organisation-owner']);
    const one = await accessAt(owner.api, organisation, `?person=${owners.items[0]!.person.personId}`);
    expect(one.items).toEqual(owners.items);
  });

  it('shows an auditor pseudonyms and aliases, and takes them', async () => {
    const { api } = await join(server, organisation, 'auditor');
    const [known, seen] = [
      await accessAt(owner.api, organisation, '?limit=200'),
      await accessAt(api, organisation, '?limit=200'),
    ];
    const hidden = seen.items.filter(({ person }) => person.name?.startsWith('P-'));
    expect(hidden).toHaveLength(known.items.length - 1);
    const text = JSON.stringify(hidden);
    expect(
      known.items.filter(({ grantId, person }) => text.includes(grantId) || text.includes(person.personId)),
    ).toEqual([]);
    const { items } = await accessAt(api, organisation, `?person=${hidden[0]!.person.personId}`);
    expect(items).toEqual([hidden[0]]);
    expect((await accessAt(api, organisation, `?person=${known.items[0]!.person.personId}`)).items).toEqual([]);
    const { body: story } = await api.get(`/v1/staff/${hidden[0]!.membershipId}/history`).expect(200);
    expect(story.items.map(({ kind }: { kind: string }) => kind)).toContain('staff.accepted');
    await api.get(`/v1/staff/${known.items[0]!.membershipId}/history`).expect(404);
  });

  it('refuses an instant later than now, and says when one may still change', async () => {
    const refused = async (query: string): Promise<unknown> =>
      (await owner.api.get(`${organisation.path}/access${query}`).expect(400)).body.errors;
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await refused(`?at=${later}`)).toEqual([{ field: 'at', message: 'must not be later than now' }]);
    expect(await refused('?number=999999')).toEqual([{ field: 'number', message: 'must not be later than now' }]);
    expect(await refused('?number=1&at=2026-01-01T00:00:00Z')).toEqual([
      { field: 'number', message: 'must not be given together with at' },
    ]);
    expect((await accessAt(owner.api, organisation, `?at=${new Date().toISOString()}`)).settled).toBe(false);
    const past = await accessAt(owner.api, organisation, '?at=2020-01-01T00:00:00Z');
    expect(past).toMatchObject({ items: [], number: -1, settled: true });
  });
});
