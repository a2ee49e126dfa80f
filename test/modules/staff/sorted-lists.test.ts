import { sql } from 'kysely';
import { describeOnEngines } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, join, readModelsCaughtUp, type Place } from '../../support/scenarios.js';

const WINDOWS = ['24h', '72h', '7d'] as const;

describeOnEngines('sorted lists', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    let position = '0';
    // Many are of the same moment, so that only the id orders them.
    for (const [n, expiresIn] of WINDOWS.entries()) {
      const emails = Array.from({ length: 7 }, (_, at) => `${'gcfadbe'[at]!}-${String(n)}@example.test`);
      const { headers } = await server.admin
        .post(`${place.path}/staff-invitations`, { emails, role: 'contributor', expiresIn })
        .expect(201);
      position = headers['event-position']!;
    }
    for (const name of ['zoe', 'adam', 'mia']) await join(server, place, 'contributor', `${name}@example.test`);
    await server.admin.after(position, '/v1/me').expect(200);
  });
  afterAll(async () => {
    await server.close();
  });

  /** All items, three at a time. */
  async function all(list: string, query: string): Promise<Record<string, string>[]> {
    const items: Record<string, string>[] = [];
    for (let cursor = ''; ;) {
      const { body } = await server.admin.get(`${place.path}/${list}?limit=3&${query}${cursor}`).expect(200);
      items.push(...body.items);
      if (body.nextCursor === null) return items;
      cursor = `&cursor=${body.nextCursor}`;
    }
  }

  it.each([
    ['invitedAt', 'invitedAt'],
    ['-invitedAt', 'invitedAt'],
    ['expiresAt', 'expiresAt'],
    ['-expiresAt', 'expiresAt'],
    ['email', 'email'],
    ['-email', 'email'],
  ])('show invitations by %s, each once', async (sort, field) => {
    const items = await all('staff-invitations', `state=pending&sort=${sort}`);
    const keys = items.map((item) => `${item[field]!} ${item['id']!}`);
    expect(new Set(keys).size).toBe(21);
    const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
    expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
  });

  it('show the newest first by default, and can be filtered', async () => {
    const ids = (items: Record<string, string>[]) => items.map(({ id }) => id);
    expect(ids(await all('staff-invitations', ''))).toEqual(ids(await all('staff-invitations', 'sort=-invitedAt')));
    expect((await all('staff-invitations', 'sort=email&q=a-')).map(({ email }) => email)).toEqual([
      'a-0@example.test',
      'a-1@example.test',
      'a-2@example.test',
    ]);
  });

  it('show members by start, name and address', async () => {
    const emails = async (sort: string) => (await all('staff', sort)).map(({ email }) => email!.split('@')[0]);
    expect(await emails('')).toEqual(['zoe', 'adam', 'mia']);
    expect(await emails('sort=-since')).toEqual(['mia', 'adam', 'zoe']);
    expect(await emails('sort=email')).toEqual(['adam', 'mia', 'zoe']);
    expect(await emails('sort=-email')).toEqual(['zoe', 'mia', 'adam']);
    const names = await all('staff', 'sort=name');
    expect(names.map(({ id }) => id)).toEqual([...names.map(({ id }) => id)].sort());
  });

  it.each(['staff-invitations', 'staff'])(
    'refuse the cursor of another order, and an unknown order: %s',
    async (list) => {
      const { body } = await server.admin.get(`${place.path}/${list}?limit=1&sort=email`).expect(200);
      for (const query of [`cursor=${body.nextCursor}`, `sort=-email&cursor=${body.nextCursor}`]) {
        const { body: refusal } = await server.admin.get(`${place.path}/${list}?${query}`).expect(400);
        expect(refusal).toMatchObject({ code: 'invalid-input', errors: [{ field: 'cursor' }] });
      }
      await server.admin.get(`${place.path}/${list}?sort=role`).expect(400);
    },
  );

  it('are searched without wildcards', async () => {
    await server.admin
      .post(`${place.path}/staff-invitations`, {
        emails: ['un_der@example.test', 'unXder@example.test', '100%@example.test'],
        role: 'contributor',
      })
      .expect(201);
    await readModelsCaughtUp(server);
    const found = async (q: string) =>
      (await all('staff-invitations', `sort=email&q=${encodeURIComponent(q)}`)).map(({ email }) => email);
    expect(await found('N_D')).toEqual(['un_der@example.test']);
    expect(await found('0%@')).toEqual(['100%@example.test']);
    for (const q of ['n_x', '%%', '\\', '\\%', '_________']) expect([q, await found(q)]).toEqual([q, []]);
  });

  it('find a page by an index for each order, filter and search', async () => {
    const db = server.database.kysely();
    await sql`insert into invitation (id, kind, stream, person_id, scope_kind, scope_id, role, state, issue, issued_by, invited_at, expires_at)
      select gen_random_uuid(), 'staff', 'staff-' || gen_random_uuid(), gen_random_uuid(), 'organisation', ${place.id}::uuid, case when n % 1000 = 0 then 'rare' else 'usual' end,
        case when n % 100 = 0 then 'pending' else 'accepted' end, 1, 'filler', now() - n * interval '1 second', now() + (7 * 86400 - n) * interval '1 second'
      from generate_series(1, 20000) n`.execute(db);
    await sql`insert into person_directory (id, email) select person_id, id || '@example.test' from invitation where issued_by = 'filler'`.execute(
      db,
    );
    await sql`analyze invitation`.execute(db);
    await sql`vacuum analyze person_directory`.execute(db);
    const plan = async (where: string, order: string, table = 'invitation') => {
      const { rows } = await sql<
        Record<string, string>
      >`explain select invitation.id from ${sql.raw(table)} where scope_id = ${place.id} and kind = 'staff' and ${sql.raw(where)} order by ${sql.raw(order)} limit 51`.execute(
        db,
      );
      return rows.map((row) => Object.values(row)[0]).join('\n');
    };
    const newest = 'invited_at desc, invitation.id desc';
    expect(await plan('true', newest)).toContain('invitation_by_scope');
    expect(await plan('true', 'expires_at, id')).toContain('invitation_by_expiry');
    expect(await plan("expires_at > now() and state = 'pending'", newest)).toContain('invitation_by_state');
    expect(await plan("role in ('rare')", newest)).toContain('invitation_by_role');
    for (const order of [newest, 'expires_at, id']) expect(await plan('true', order)).not.toMatch(/Sort|Seq Scan/);
    const withPeople = 'invitation join person_directory on person_directory.id = invitation.person_id';
    const address = `coalesce(person_directory.email, '') collate "C"`;
    expect(await plan('true', `${address}, invitation.id`, withPeople)).toContain('person_directory_by_email');
    expect(
      await plan(
        `${address} >= 'b' and (${address}, invitation.id) > ('b', gen_random_uuid())`,
        `${address}, invitation.id`,
        withPeople,
      ),
    ).toMatch(/person_directory_by_email.*\n.*Index Cond/);
    expect(await plan("person_directory.email like '%a1b2%'", newest, withPeople)).toContain('person_directory_search');
    await sql`delete from person_directory where id in (select person_id from invitation where issued_by = 'filler')`.execute(
      db,
    );
    await sql`delete from invitation where issued_by = 'filler'`.execute(db);
  });
});
