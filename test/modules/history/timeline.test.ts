import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { describeOnEngines } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';

interface Person {
  personId?: string;
  name: string | null;
  platformStaff?: boolean;
}
interface Entry {
  id: string;
  number: number;
  organisationNumber: number | null;
  kind: string;
  summary: string;
  actor: Person;
  subject?: Person;
  scope: { id: string; name: string };
  correlation: string;
  reason?: string | null;
  hasReason: boolean;
  changes: { field: string; from: string | null; to: string | null }[];
}

describeOnEngines('the history', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let owner: Member;
  let auditor: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server, 'Riverside');
    owner = await join(server, organisation, 'organisation-owner');
    auditor = await join(server, organisation, 'auditor');
    deployment = await createDeployment(server, organisation, 'Cohort A');
  });
  afterAll(async () => {
    await server.close();
  });

  const entriesOf = async (api: Api, path: string): Promise<Entry[]> =>
    (await api.get(path).expect(200)).body.items as Entry[];
  const kindsOf = async (api: Api, path: string): Promise<string[]> =>
    (await entriesOf(api, path)).map(({ kind }) => kind);

  it('says who did what, newest first, by the names of that time', async () => {
    const place = await createOrganisation(server, 'Lakeside');
    const { api } = await join(server, place, 'organisation-owner');
    await api.patch(place.path, { name: 'Seaside' }).expect(200);
    const cohort = await createDeployment(server, place, 'Cohort B');
    await invite(server, api, cohort, 'nurse@example.test', 'contributor');
    const entries = await entriesOf(api, `${place.path}/history`);
    expect(entries.map(({ summary }) => summary)).toEqual([
      'Name of organisation-owner invited nurse@example.test to Cohort B as Contributor',
      'Platform staff created the deployment Cohort B',
      'Name of organisation-owner edited the organisation Seaside',
      'Name of organisation-owner joined Lakeside as Organisation Owner',
      expect.stringMatching(/^Platform staff invited organisation-owner.* to Lakeside as Organisation Owner$/),
      'Platform staff created the organisation Lakeside',
    ]);
    expect(entries.map(({ organisationNumber }) => organisationNumber)).toEqual([6, 5, 4, 2, 1, 0]);
    expect(entries[2]!.changes).toEqual([{ field: 'name', from: 'Lakeside', to: 'Seaside' }]);
    expect(entries[1]!.actor).toEqual({ name: 'Platform staff', platformStaff: true });
  });

  it('is told in the language that the reader prefers', async () => {
    const { body } = await owner.api
      .get(`${organisation.path}/history?limit=1`)
      .set('Accept-Language', 'de')
      .expect(200);
    expect(body.items[0].summary).toBe('Plattform-Personal hat das Programm Cohort A angelegt');
  });

  it('takes filters, and goes on from its cursor without a gap', async () => {
    const path = `${organisation.path}/history`;
    const all = await entriesOf(owner.api, path);
    const paged: Entry[] = [];
    for (let cursor = ''; ;) {
      const { body } = await owner.api.get(`${path}?limit=2${cursor}`).expect(200);
      paged.push(...(body.items as Entry[]));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor as string)}`;
    }
    expect(paged).toEqual(all);
    expect(await kindsOf(owner.api, `${path}?kind=staff.accepted&kind=organisation.created`)).toEqual([
      'staff.accepted',
      'staff.accepted',
      'organisation.created',
    ]);
    const accepted = all.find(({ kind, subject }) => kind === 'staff.accepted' && subject?.name?.includes('auditor'))!;
    expect(await kindsOf(owner.api, `${path}?subject=${accepted.subject!.personId!}`)).toEqual([
      'staff.accepted',
      'staff.invited',
    ]);
    expect(await kindsOf(owner.api, `${path}?actor=${accepted.actor.personId!}`)).toEqual(['staff.accepted']);
    expect((await entriesOf(owner.api, `${path}?correlation=${accepted.correlation}`)).map(({ id }) => id)).toContain(
      accepted.id,
    );
    expect((await owner.api.get(`${path}?cursor=${'x'.repeat(8)}`).expect(400)).body.errors[0].field).toBe('cursor');
    expect((await owner.api.get(`${path}?from=yesterday`).expect(400)).body.errors[0].field).toBe('from');
  });

  it('shows an auditor pseudonyms and aliases alone, which work as filters and never the real ids', async () => {
    const path = `${organisation.path}/history`;
    const [known, seen] = [await entriesOf(owner.api, path), await entriesOf(auditor.api, path)];
    expect(seen.map(({ number, kind }) => [number, kind])).toEqual(known.map(({ number, kind }) => [number, kind]));
    const text = JSON.stringify(seen.filter(({ subject }) => subject && !subject.name?.includes('Name of auditor')));
    const secrets = known
      .filter(({ subject }) => subject && !subject.name?.includes('auditor'))
      .flatMap(({ id, correlation, subject }) => [id, correlation, subject!.personId!, subject!.name!]);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    const [hidden] = seen.filter(({ kind, subject }) => kind === 'staff.accepted' && subject!.name!.startsWith('P-'));
    const real = known.find(({ number }) => number === hidden!.number)!;
    expect(await kindsOf(auditor.api, `${path}?subject=${hidden!.subject!.personId!}`)).toEqual([
      'staff.accepted',
      'staff.invited',
    ]);
    expect(await kindsOf(auditor.api, `${path}?subject=${real.subject!.personId!}`)).toEqual([]);
    expect(await kindsOf(auditor.api, `${path}?actor=${real.actor.personId!}`)).toEqual([]);
    expect(await kindsOf(auditor.api, `${path}?correlation=${real.correlation}`)).toEqual([]);
    expect((await entriesOf(auditor.api, `${path}?correlation=${hidden!.correlation}`)).map(({ id }) => id)).toContain(
      hidden!.id,
    );
  });

  it('keeps a reason from readers who may not see staff, and says that there is one', async () => {
    const member = await join(server, organisation, 'contributor');
    await owner.api.delete(`/v1/staff/${member.membershipId}`, { reason: 'Moved to another hospital' }).expect(204);
    const path = `${organisation.path}/history?kind=staff.removed`;
    expect((await entriesOf(owner.api, path))[0]).toMatchObject({
      hasReason: true,
      reason: 'Moved to another hospital',
    });
    const [seen] = await entriesOf(auditor.api, path);
    expect(seen).toMatchObject({ hasReason: true });
    expect(seen).not.toHaveProperty('reason');
  });

  it('is refused to who may not read it, and one deployment shows nothing of another', async () => {
    const [other, contributor] = [
      await createDeployment(server, organisation, 'Cohort C'),
      await join(server, deployment, 'contributor'),
    ];
    expect((await contributor.api.get(`${deployment.path}/history`).expect(403)).body.code).toBe('forbidden');
    expect((await contributor.api.get(`${organisation.path}/history`).expect(403)).body.code).toBe('forbidden');
    expect((await contributor.api.get('/v1/platform/history').expect(403)).body.code).toBe('forbidden');
    expect((await contributor.api.get(`${other.path}/history`).expect(404)).body.code).toBe('not-found');
    const admin = await join(server, deployment, 'admin');
    await invite(server, owner.api, other, freshEmail('secret'), 'contributor');
    const entries = await entriesOf(admin.api, `${deployment.path}/history?limit=200`);
    expect(entries.filter(({ scope }) => scope.id === other.id)).toEqual([]);
    // It shows who may act there from above, by pseudonyms, because the reader sees no staff there.
    const above = entries.filter(({ scope }) => scope.id === organisation.id);
    expect(above.map(({ kind }) => kind)).toContain('staff.accepted');
    expect(above.filter(({ subject }) => subject && !subject.name?.startsWith('P-'))).toEqual([]);
  });

  it('tells the story of one member after their end, and to nobody who may not see them', async () => {
    const member = await join(server, organisation, 'contributor');
    await owner.api.patch(`/v1/staff/${member.membershipId}`, { role: 'admin' }).expect(200);
    await owner.api.delete(`/v1/staff/${member.membershipId}`).expect(204);
    const path = `/v1/staff/${member.membershipId}/history`;
    expect(await kindsOf(owner.api, path)).toEqual([
      'staff.removed',
      'staff.role-changed',
      'staff.accepted',
      'staff.invited',
    ]);
    expect((await entriesOf(owner.api, path))[1]!.changes).toEqual([
      { field: 'role', from: 'Contributor', to: 'Admin' },
    ]);
    expect((await auditor.api.get(path).expect(404)).body.code).toBe('not-found');
    const { api } = await join(server, deployment, 'deployment-staff');
    expect((await api.get(path).expect(404)).body.code).toBe('not-found');
    const story = await entriesOf(owner.api, path);
    // A position may have the letters "P-" by chance; a pseudonym may not stand in what people read.
    const read = story.map(({ actor, subject, summary }) => JSON.stringify([actor.name, subject?.name, summary]));
    expect(read.filter((text) => text.includes('P-'))).toEqual([]);
  });

  it('tells everybody what happened to themselves, without the ids of others', async () => {
    const member = await join(server, organisation, 'contributor');
    await owner.api.patch(`/v1/staff/${member.membershipId}`, { role: 'admin' }).expect(200);
    const entries = await entriesOf(member.api, '/v1/me/history');
    expect(entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['staff.role-changed', 'sign-in.started', 'staff.accepted', 'staff.invited']),
    );
    const changed = entries.find(({ kind }) => kind === 'staff.role-changed')!;
    expect(changed.actor).toEqual({ name: 'Name of organisation-owner' });
    expect(changed.summary).toContain('from Contributor to Admin');
  });

  it('streams all entries as lines with an end, and as a table without formulas', async () => {
    const path = `${organisation.path}/history`;
    const all = await entriesOf(owner.api, `${path}?limit=200`);
    const { text, headers } = await owner.api
      .get(`${path}?before=${String(all[0]!.number + 1)}`)
      .set('Accept', 'application/x-ndjson')
      .expect(200);
    expect(headers['content-type']).toContain('application/x-ndjson');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);
    expect(lines.slice(0, -1)).toEqual(all);
    expect(lines.at(-1)).toEqual({ end: true, next: null });
    const rest = await owner.api
      .get(`${path}?before=${String(all[2]!.number)}`)
      .set('Accept', 'application/x-ndjson')
      .expect(200);
    expect(rest.text.split('\n')).toHaveLength(all.length - 3 + 2);
    const table = await owner.api.get(path).set('Accept', 'text/csv').expect(200);
    expect(table.text.split('\r\n').slice(0, -2)).toHaveLength(all.length + 1);
    expect(table.text).toContain('"end",""');
    expect((await auditor.api.get('/v1/platform/history').set('Accept', 'text/csv').expect(403)).body.code).toBe(
      'forbidden',
    );
  });
});
