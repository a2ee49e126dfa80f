import { sql } from 'kysely';
import { pageQuery } from '../../../src/modules/invitations/lists/rows-of-scopes.js';
import { Sorting } from '../../../src/shared/http/lists/sorting.js';
import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  join,
  joinGroup,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';

/** The issuer of rows that no event made. */
const FILLER = '00000000-0000-4000-8000-00000000000f';

type Item = Record<string, string> & { scope: { id: string; kind: string; name: string } };

describeOnEngines('lists of an organisation with its deployments', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let [cohortA, cohortB]: Place[] = [];
  let owner: Member;
  let adminOfA: Member;
  /** Addresses of pending invitations, by the id of their scope. */
  const pending = new Map<string, string[]>();

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    cohortA = await createDeployment(server, organisation, 'Cohort A');
    cohortB = await createDeployment(server, organisation, 'Cohort B');
    owner = await join(server, organisation, 'organisation-owner');
    adminOfA = await join(server, cohortA, 'admin');
    const elsewhere = await createOrganisation(server, 'Elsewhere');
    const [n, places] = [7, [organisation, cohortA, cohortB, await createDeployment(server, elsewhere)]];
    for (const place of places) {
      const emails = Array.from({ length: n }, () => freshEmail('invited'));
      pending.set(place.id, emails);
      const role = place === cohortB ? 'deployment-staff' : 'contributor';
      await server.admin.post(`${place.path}/staff-invitations`, { emails, role }).expect(201);
    }
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await server.close();
  });

  /** All items of a list, three at a time. */
  async function all(api: Api, list: string, query: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor = ''; ;) {
      const { body } = await api.get(`${organisation.path}/${list}?limit=3&${query}${cursor}`).expect(200);
      items.push(...(body.items as Item[]));
      if (body.nextCursor === null) return items;
      cursor = `&cursor=${body.nextCursor}`;
    }
  }

  const emailsOf = (items: readonly Item[]): string[] => items.map(({ email }) => email!).sort();
  const invitedTo = (...places: (Place | undefined)[]): string[] =>
    places.flatMap((place) => pending.get(place!.id) ?? []).sort();

  it('show every deployment to a reader at the organisation, and the scope of each row', async () => {
    const items = await all(owner.api, 'staff-invitations', 'state=pending&within=all');
    expect(emailsOf(items)).toEqual(invitedTo(organisation, cohortA, cohortB));
    for (const { email, scope } of items) expect(pending.get(scope.id)).toContain(email);
    expect(new Set(items.map(({ scope }) => `${scope.kind} ${scope.name}`))).toEqual(
      new Set(['organisation Riverside Hospital', 'deployment Cohort A', 'deployment Cohort B']),
    );
    expect(emailsOf(await all(owner.api, 'staff-invitations', 'state=pending'))).toEqual(invitedTo(organisation));
    expect(emailsOf(await all(owner.api, 'staff', 'within=all'))).toEqual([adminOfA.email, owner.email].sort());
  });

  it('show a reader of one deployment that deployment alone, and count nothing else', async () => {
    const query = 'state=pending&within=all';
    expect(emailsOf(await all(adminOfA.api, 'staff-invitations', query))).toEqual(invitedTo(cohortA));
    expect(emailsOf(await all(adminOfA.api, 'staff', 'within=all'))).toEqual([adminOfA.email]);
    const total = async (list: string): Promise<unknown> =>
      (await adminOfA.api.get(`${organisation.path}/${list}&within=all&total=true`).expect(200)).body.total;
    expect(await total('staff-invitations?state=pending')).toBe(7);
    expect(await total('staff-invitations?role=deployment-staff')).toBe(0);
    expect(await total(`staff-invitations?q=${invitedTo(cohortB)[0]!}`)).toBe(0);
    expect(await total(`staff?q=${owner.email}`)).toBe(0);
    expect(await total('staff?sort=since')).toBe(1);
  });

  it('continue from a cursor of another reader only with what the caller may see', async () => {
    const { body } = await owner.api.get(`${organisation.path}/staff-invitations?within=all&limit=1`).expect(200);
    const { body: rest } = await adminOfA.api
      .get(`${organisation.path}/staff-invitations?within=all&cursor=${body.nextCursor}`)
      .expect(200);
    expect(new Set((rest.items as Item[]).map(({ scope }) => scope.id))).toEqual(new Set([cohortA!.id]));
  });

  it('are refused to everybody else, as the lists of the organisation are', async () => {
    const group = await createGroup(server, organisation);
    const others: [string, Api, number][] = [
      ['a contributor of a deployment', (await join(server, cohortA!, 'contributor')).api, 403],
      ['an auditor of the organisation', (await join(server, organisation, 'auditor')).api, 403],
      ['a patient', (await enrol(server, cohortA!)).api, 403],
      ['a member of a group', (await joinGroup(server, group)).api, 403],
      ['an observer', (await observe(server, cohortA!)).api, 404],
      [
        'an owner of another organisation',
        (await join(server, await createOrganisation(server), 'organisation-owner')).api,
        404,
      ],
      ['nobody', server.anonymous, 401],
    ];
    for (const [who, api, status] of others)
      for (const list of ['staff', 'staff-invitations']) {
        const answer = await api.get(`${organisation.path}/${list}?within=all&total=true`);
        expect([who, answer.status, answer.body.total]).toEqual([who, status, undefined]);
      }
  });

  it('show a removed reader nothing from the next call on', async () => {
    const gone = await join(server, cohortB!, 'admin');
    await join(server, cohortA!, 'contributor', freshEmail('stays'));
    await all(gone.api, 'staff', 'within=all');
    const { token } = await invite(server, server.admin, cohortA!, gone.email, 'contributor');
    await gone.api.post(`/v1/invitations/${token}/accept`).expect(200);
    await server.admin.delete(`/v1/staff/${gone.membershipId}`).expect(204);
    await gone.api.get(`${organisation.path}/staff?within=all`).expect(403);
  });

  it.each(['invitedAt', '-invitedAt', 'expiresAt', '-expiresAt', 'email', '-email'])(
    'show invitations by %s, each once',
    async (sort) => {
      const items = await all(owner.api, 'staff-invitations', `within=all&state=pending&sort=${sort}`);
      const keys = items.map((item) => `${item[sort.replace('-', '')]!} ${item['id']!}`);
      expect(new Set(keys).size).toBe(21);
      const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
      expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
    },
  );

  it.each(['since', '-since', 'email', 'name'])('show members by %s, each once', async (sort) => {
    const items = await all(owner.api, 'staff', `within=all&sort=${sort}`);
    const keys = items.map((item) => item[sort.replace('-', '')]!.toLowerCase());
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
    expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
  });

  it('are filtered and searched over all scopes', async () => {
    const [email] = invitedTo(cohortB);
    const found = async (query: string) => emailsOf(await all(owner.api, 'staff-invitations', `within=all&${query}`));
    expect(await found(`q=${email!}`)).toEqual([email]);
    expect(await found('role=deployment-staff&state=pending')).toEqual(invitedTo(cohortB));
    expect(await found('state=revoked')).toEqual([]);
    expect(emailsOf(await all(owner.api, 'staff', `within=all&q=${adminOfA.email}`))).toEqual([adminOfA.email]);
    expect(emailsOf(await all(owner.api, 'staff', 'within=all&role=organisation-owner'))).toEqual([owner.email]);
  });

  it('have a total only when the call asks for it, the same on every page', async () => {
    const list = `${organisation.path}/staff-invitations?state=pending&limit=2`;
    const { body: first } = await owner.api.get(`${list}&total=true`).expect(200);
    expect(first).toMatchObject({ total: 7, totalIsAtLeast: false });
    const { body: second } = await owner.api.get(`${list}&total=true&cursor=${first.nextCursor}`).expect(200);
    expect(second).toMatchObject({ total: 7, totalIsAtLeast: false });
    for (const query of ['', '&total=false'])
      expect((await owner.api.get(`${list}${query}`).expect(200)).body).not.toHaveProperty('total');
    await owner.api.get(`${list}&total=yes`).expect(400);
  });

  it('are of organisations alone: other lists refuse the parameter', async () => {
    for (const path of [`${cohortA!.path}/staff`, `${cohortA!.path}/staff-invitations`, '/v1/platform/staff'])
      expect((await server.admin.get(`${path}?within=all`).expect(400)).body.code).toBe('invalid-input');
    await owner.api.get(`${organisation.path}/staff?within=deployments`).expect(400);
  });

  it('read a page of each scope along an index, and count no further than ten thousand', async () => {
    const db = server.database.kysely();
    await sql`insert into invitation (id, kind, stream, person_id, scope_kind, scope_id, organisation_id, role, state, issue, issued_by, invited_at, expires_at)
      select gen_random_uuid(), 'staff', 'staff-' || gen_random_uuid(), gen_random_uuid(), 'deployment', ${cohortA!.id}::uuid, ${organisation.id}::uuid, 'usual',
        case when n % 3 = 0 then 'accepted' else 'pending' end, 1, ${FILLER}, now() - n * interval '1 second', now() + (7 * 86400 - n) * interval '1 second'
      from generate_series(1, 20000) n`.execute(db);
    await sql`insert into person_directory (id, email) select person_id, id || '@example.test' from invitation where issued_by = ${FILLER}`.execute(
      db,
    );
    await sql`analyze invitation`.execute(db);
    const columns = { invitedAt: { value: sql`invitation.invited_at`, kind: 'time' } } as const;
    const sorting = new Sorting<'invitedAt'>('-invitedAt', columns, sql`invitation.id`);
    const rows = {
      table: 'invitation',
      scopeColumn: 'scope_id',
      scopeIds: [organisation.id, cohortA!.id, cohortB!.id],
      where: [sql<boolean>`kind = 'staff'`, sql<boolean>`state = 'pending' and expires_at > now()`],
    };
    const { rows: plan } = await sql<
      Record<string, string>
    >`explain (analyze, costs off, timing off, summary off) ${pageQuery(rows, sorting, 50, null)}`.execute(db);
    const text = plan.map((line) => Object.values(line)[0]).join('\n');
    expect(text).toMatch(/Index Scan.*invitation_by_state/);
    expect(text).not.toContain('Seq Scan');
    const { body } = await owner.api
      .get(`${organisation.path}/staff-invitations?within=all&state=pending&total=true`)
      .expect(200);
    expect(body).toMatchObject({ total: 10_000, totalIsAtLeast: true });
    await sql`delete from person_directory where id in (select person_id from invitation where issued_by = ${FILLER})`.execute(
      db,
    );
    await sql`delete from invitation where issued_by = ${FILLER}`.execute(db);
  });
});
