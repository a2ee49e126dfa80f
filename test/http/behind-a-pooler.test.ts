import { sql } from 'kysely';
import { describeBehindPgBouncer } from '../support/servers/behind-pgbouncer.js';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';

describeBehindPgBouncer('two instances behind PgBouncer in transaction mode', ({ engine }) => {
  let one: TestServer;
  let other: TestServer;
  let organisation: Place;
  let owner: Member;
  beforeAll(async () => {
    one = await startTestServer(engine);
    other = await one.another();
    organisation = await createOrganisation(one);
    owner = await join(one, organisation, 'organisation-owner');
  });
  afterAll(async () => {
    await other.running.close();
    await one.close();
  });

  it('say once that they poll, because they cannot hear each other', () => {
    for (const { logs } of [one, other])
      expect(logs.filter((line) => line.includes('a connection pooler is in front of the database'))).toHaveLength(1);
    expect(
      [...one.logs, ...other.logs].filter((line) =>
        line.includes('other instances are not heard, polling until they are'),
      ),
    ).toEqual([]);
  });

  it('let a person sign in at one instance after an acceptance at the other', async () => {
    const api = await other.signIn(owner.email);
    await api.get('/v1/me').expect(200);
  });

  it('list an invitation of one at the other, and accept it there', async () => {
    const email = freshEmail('contributor');
    const { token } = await invite(one, owner.api, organisation, email, 'contributor');
    await readModelsCaughtUp(other);
    const { body } = await other.signedIn(owner.api.token!).get(`${organisation.path}/staff-invitations`).expect(200);
    expect((body as { items: { email: string }[] }).items.map((item) => item.email)).toContain(email);
    await other.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ωmega', password: PASSWORD }).expect(200);
  });

  it('answer many calls at the same moment, at both', async () => {
    const deployment = await createDeployment(one, organisation);
    const callers = [one.admin, other.signedIn(one.admin.token!)];
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) =>
        callers[n % 2]!.post(`${deployment.path}/patient-invitations`, { emails: [freshEmail('patient')] }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });

  it('leave no lock and no setting in sessions of the server', async () => {
    const { rows } = await sql`
      select locktype as left_behind from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      union all select name from pg_settings where source = 'session' and setting <> reset_val`.execute(
      one.database.kysely(),
    );
    expect(rows).toEqual([]);
  });
});
