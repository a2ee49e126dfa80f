import { CompiledQuery, sql, type Kysely } from 'kysely';
import { Database } from '../../../src/shared/database/database.js';
import { describeOnEngines, describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  join,
  joinGroup,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const PLATFORM: Place = { id: '', path: '/v1/platform' };

interface Listed {
  id: string;
  name: string;
  archived: boolean;
  organisation: { id: string; name: string; archived: boolean };
}

describeOnEngines('the list of all deployments', (engine) => {
  let server: TestServer;
  let riverside: Place;
  let lakeside: Place;
  let places: Record<string, Place>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    riverside = await createOrganisation(server, 'Riverside Hospital');
    lakeside = await createOrganisation(server, 'Lakeside Clinic');
    const made = async (name: string, organisation: Place) => createDeployment(server, organisation, name);
    places = {
      cardiac: await made('Cardiac Rehabilitation', riverside),
      study: await made('Hypertension 100%_Study', riverside),
      diabetes: await made('Diabetes at home', lakeside),
      shut: await made('Ended Programme', lakeside),
    };
    await server.admin.post(`${places['shut']!.path}/archive`).expect(200);
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  /** The whole list. The total that each caller gets for each filter is that of the items that they get. */
  const listed = async (api: Api, query: Record<string, string> = {}): Promise<Listed[]> => {
    await readModelsCaughtUp(server);
    const { body } = await api
      .get(`/v1/deployments?${String(new URLSearchParams({ ...query, total: 'true' }))}`)
      .expect(200);
    if (query['limit'] === undefined) expect(body.total).toBe(body.items.length);
    return body.items as Listed[];
  };
  const names = async (api: Api, query: Record<string, string> = {}) =>
    (await listed(api, query)).map(({ name }) => name);

  it('shows a person with a role on the platform each one, by name, with its organisation', async () => {
    const all = ['Cardiac Rehabilitation', 'Diabetes at home', 'Ended Programme', 'Hypertension 100%_Study'];
    expect(await names(server.admin)).toEqual(all);
    for (const role of ['support', 'account-manager'])
      expect(await names((await join(server, PLATFORM, role)).api)).toEqual(all);
    expect((await listed(server.admin)).map(({ organisation }) => organisation)).toEqual(
      [riverside, lakeside, lakeside, riverside].map(({ id }, n) => ({
        id,
        name: ['Riverside Hospital', 'Lakeside Clinic', 'Lakeside Clinic', 'Riverside Hospital'][n],
        archived: false,
      })),
    );
  });

  it('shows others those of their own places, and no other', async () => {
    const seen: Record<string, string[]> = {};
    for (const role of ['organisation-owner', 'auditor', 'access-controller'])
      seen[role] = await names((await join(server, riverside, role)).api);
    seen['contributor'] = await names((await join(server, places['cardiac']!, 'contributor')).api);
    seen['patient'] = await names((await enrol(server, places['study']!)).api);
    seen['observer'] = await names((await observe(server, places['diabetes']!)).api);
    seen['group member'] = await names((await joinGroup(server, await createGroup(server, riverside))).api);
    const all = ['Cardiac Rehabilitation', 'Hypertension 100%_Study'];
    expect(seen).toEqual({
      'organisation-owner': all,
      auditor: all,
      'access-controller': all,
      contributor: ['Cardiac Rehabilitation'],
      patient: ['Hypertension 100%_Study'],
      observer: ['Diabetes at home'],
      'group member': [],
    });
  });

  it('has a total only when the call asks for it, as lists of organisations and groups have', async () => {
    const { api } = await join(server, riverside, 'organisation-owner');
    await createGroup(server, riverside);
    await readModelsCaughtUp(server);
    const lists = ['/v1/organisations', '/v1/deployments', `${riverside.path}/deployments`, `${riverside.path}/groups`];
    for (const list of lists) {
      const { body } = await api.get(`${list}?total=true&limit=1`).expect(200);
      const { body: all } = await api.get(list).expect(200);
      expect([list, body.total, body.totalIsAtLeast]).toEqual([list, all.items.length, false]);
      expect(all).not.toHaveProperty('total');
    }
  });

  it('lists what the caller may open, and nothing else', async () => {
    for (const { api } of [
      await join(server, riverside, 'organisation-editor'),
      await join(server, places['study']!, 'deployment-staff'),
      await enrol(server, places['cardiac']!),
      await observe(server, places['cardiac']!),
    ]) {
      const ids = new Set((await listed(api)).map(({ id }) => id));
      for (const { id, path } of Object.values(places))
        expect([id, (await api.get(path)).status]).toEqual([id, ids.has(id) ? 200 : 404]);
    }
  });

  it('no longer shows a place to a person who lost it', async () => {
    const { api, membershipId } = await join(server, places['cardiac']!, 'contributor');
    const patient = await enrol(server, places['cardiac']!);
    const guest = await observe(server, places['cardiac']!);
    await server.admin.delete(`/v1/staff/${membershipId}`).expect(204);
    await server.admin.post(`/v1/patients/${patient.membershipId}/offboard`, { reason: 'Moved' }).expect(200);
    await server.admin.delete(`/v1/observers/${guest.membershipId}`).expect(204);
    for (const one of [patient.api, guest.api, api]) {
      const { status, body } = await one.get('/v1/deployments');
      // A session may have ended with the last place.
      if (status !== 401) expect(body.items).toEqual([]);
    }
  });

  it('finds a part of a name, whatever its case, and takes no letter for a pattern', async () => {
    expect(await names(server.admin, { q: 'DIABETES' })).toEqual(['Diabetes at home']);
    expect(await names(server.admin, { q: '100%_s' })).toEqual(['Hypertension 100%_Study']);
    for (const q of ['%', '_']) expect(await names(server.admin, { q })).toEqual(['Hypertension 100%_Study']);
    expect(await names(server.admin, { q: '\\' })).toEqual([]);
    expect(await names((await join(server, lakeside, 'auditor')).api, { q: 'cardiac' })).toEqual([]);
  });

  it('tells archived ones from others, also those that their organisation archived', async () => {
    expect(await names(server.admin, { archived: 'true' })).toEqual(['Ended Programme']);
    const other = await createOrganisation(server, 'Closed Clinic');
    const below = await createDeployment(server, other, 'Below');
    await server.admin.post(`${other.path}/archive`).expect(200);
    expect(await names(server.admin, { archived: 'true' })).toEqual(['Below', 'Ended Programme']);
    expect(await names(server.admin, { archived: 'false' })).not.toContain('Below');
    const [row] = await listed(server.admin, { q: 'below' });
    expect(row).toMatchObject({ archived: true, organisation: { id: other.id, archived: true } });
    expect((await server.admin.get(below.path).expect(200)).body.archived).toBe(true);
    await server.admin.post(`${other.path}/restore`).expect(200);
    expect(await names(server.admin, { archived: 'true' })).toEqual(['Ended Programme']);
    await server.admin.get('/v1/deployments?archived=perhaps').expect(400);
  });

  it('goes on where a page ended, also among equal names', async () => {
    for (let n = 0; n < 3; n += 1) await createDeployment(server, riverside, 'Twin');
    await readModelsCaughtUp(server);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await server.admin.get(`/v1/deployments?limit=1${cursor && `&cursor=${cursor}`}`).expect(200);
      seen.push(...(body.items as Listed[]).map(({ id }) => id));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual((await listed(server.admin)).map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describeOnOneEngine('the list of 100,000 deployments', (engine) => {
  let server: TestServer;
  let owner: Member;
  let statements: CompiledQuery[];
  beforeAll(async () => {
    server = await startTestServer(engine);
    owner = await join(server, await createOrganisation(server), 'organisation-owner');
    const db = server.database.kysely();
    await sql`insert into organisation (id, name, profile, archived)
      select gen_random_uuid(), 'Filler ' || n, '{}', n % 100 = 0 from generate_series(1, 1000) n`.execute(db);
    await sql`insert into deployment (id, organisation_id, name, profile, archived)
      select gen_random_uuid(), organisation.id, 'Programme ' || md5(organisation.id::text || n), '{}', false
      from organisation, generate_series(1, 100) n`.execute(db);
    await sql`vacuum analyze deployment`.execute(db);
    await sql`analyze organisation`.execute(db);
    // Keeps the statements that the product sends.
    const kept = db.withPlugin({
      transformQuery({ node, queryId }) {
        statements.push(db.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => Promise.resolve(result),
    });
    server.running.app.get(Database).kysely = <Tables>() => kept as Kysely<Tables>;
  });
  afterAll(async () => {
    await server.close();
  });

  const planOf = async (api: Api, query: string): Promise<string> => {
    statements = [];
    await api.get(`/v1/deployments?${query}`).expect(200);
    const { sql: text, parameters } = statements.find((one) => one.sql.includes('deployment join organisation'))!;
    const { rows } = await server.database
      .kysely()
      .executeQuery<Record<string, string>>(CompiledQuery.raw(`explain ${text}`, [...parameters]));
    return rows.map((row) => Object.values(row)[0]).join('\n');
  };

  it('is read along an index, for every caller and filter', async () => {
    const first = await planOf(server.admin, '');
    expect(first).toContain('deployment_by_name');
    const { body } = await server.admin.get('/v1/deployments').expect(200);
    const next = await planOf(server.admin, `cursor=${body.nextCursor as string}`);
    expect(next).toMatch(/deployment_by_name[^]*Index Cond/);
    const open = await planOf(server.admin, 'archived=false');
    expect(open).toContain('deployment_by_name');
    const found = await planOf(server.admin, 'q=abcdef');
    expect(found).toContain('deployment_search');
    const own = await planOf(owner.api, '');
    expect(own).toMatch(/deployment_by_organisation/);
    for (const plan of [first, next, open, found, own]) expect(plan).not.toContain('Seq Scan on deployment');
    for (const plan of [first, next, open]) expect(plan).not.toContain('Sort');
  });
});
