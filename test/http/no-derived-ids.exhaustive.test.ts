import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { deterministicId } from '../../src/shared/event-sourcing/stream-id.js';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../support/test-server.js';
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
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { severalAtOnce } from '../support/several.js';
import { FORM, send, withQuery, type Answer } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { Callers } from './callers.js';

interface Reader {
  name: string;
  api: Api;
  /** The people whom the reader may identify besides themselves. */
  identifies: 'nobody' | 'staff' | 'patients';
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * A holder of a personId can derive ids from it. A caller who may not identify a person gets none of that person's ids.
 */
describeOnOneEngine('ids that follow from a person', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let another: Place;
  let callers: Callers;
  let operations: Operation[];
  /** A staff member of the organisation who is also a patient. */
  let both: Member;
  let colleague: Member;
  let pending: { id: string; email: string };
  const readers: Reader[] = [];

  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    callers = await Callers.make(server);
    ({ organisation, deployment } = callers);
    another = await createDeployment(server, organisation, 'Another');
    const elsewhere = await createOrganisation(server, 'Elsewhere');
    await callers.ids();
    await callers.patient(true);
    for (let n = 0; n < 3; n += 1) await enrol(server, deployment);
    pending = { email: freshEmail('pending'), id: '' };
    pending.id = (await invitePatient(server, server.admin, deployment, pending.email)).id;
    const role = async (name: string, permissions: string[]): Promise<string> =>
      String((await server.admin.post(`${organisation.path}/roles`, { name, permissions }).expect(201)).body.id);
    const [enroller, manager] = [await role('Enroller', ['patients.manage']), await role('Manager', ['staff.manage'])];
    const joining = async (
      name: string,
      place: Place,
      held: string,
      identifies: Reader['identifies'],
    ): Promise<Member> => {
      const member = await join(server, place, held, freshEmail('reader'));
      readers.push({ name, api: member.api, identifies });
      // Each reader has an invitation to answer, because it names its inviter.
      await invite(server, server.admin, elsewhere, member.email, 'contributor');
      return member;
    };
    await joining('deployment staff', deployment, 'deployment-staff', 'nobody');
    await joining('a custom role that enrols', organisation, enroller, 'nobody');
    await joining('a custom role that manages staff and sees none', organisation, manager, 'nobody');
    await joining('an auditor', organisation, 'auditor', 'nobody');
    await joining('an admin of the deployment', deployment, 'admin', 'staff');
    await joining('an admin of the organisation', organisation, 'admin', 'staff');
    await joining('a contributor of the deployment', deployment, 'contributor', 'patients');
    const partly = await joining(
      'deployment staff who identify in another deployment',
      deployment,
      'deployment-staff',
      'nobody',
    );
    await alsoJoins(partly, `${another.path}/staff-invitations`, { role: 'contributor' });
    [both, colleague] = [
      await join(server, organisation, 'contributor'),
      await join(server, organisation, 'contributor'),
    ];
    await alsoJoins(both, `${deployment.path}/patient-invitations`);
    await joinGroup(server, {
      id: (await callers.ids())['group']!,
      path: `/v1/groups/${(await callers.ids())['group']!}`,
    });
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await server.close();
  });

  /** Invites a person who has an account, and accepts for them. */
  async function alsoJoins({ email, api }: Member, path: string, options: object = {}): Promise<void> {
    const before = server.smtp.to(email).length;
    await server.admin.post(path, { emails: [email], ...options }).expect(201);
    const { token } = await server.smtp.mailTo(email, before + 1);
    await api.post(`/v1/invitations/${token}/accept`).expect(200);
  }

  /** All derived ids of people in scopes, by what they mean, without those of people whom the reader may identify. */
  async function derivedFor({ api, identifies }: Reader): Promise<Map<string, string>> {
    const own = String((await api.get('/v1/me').expect(200)).body.personId);
    const { rows } = await sql<{
      id: string;
      staff: boolean;
      patients: boolean;
      group: boolean;
    }>`select id, exists (select from staff_member where person_id = person.id) or exists (select from invitation where person_id = person.id and kind <> 'patient') as staff,
      exists (select from patient where person_id = person.id) or exists (select from invitation where person_id = person.id and kind = 'patient') as patients,
      exists (select from group_member where person_id = person.id) as group from person`.execute(
      server.database.kysely(),
    );
    const people = rows.filter((row) => row.id !== own && (identifies === 'nobody' || !row[identifies]));
    const scopes = await sql<{
      id: string;
    }>`select id from organisation union select id from deployment union select id from working_group`.execute(
      server.database.kysely(),
    );
    const ids = people.flatMap(({ id }) => [
      [id, 'a personId'] as const,
      ...[PLATFORM, ...scopes.rows].map(
        (scope) => [deterministicId(scope.id, id), `the membership of ${id} in ${scope.id}`] as const,
      ),
    ]);
    return new Map(ids);
  }

  /** The whole text of an answer, with its cursor decoded. */
  function told({ body, headers }: Answer): string {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const cursor =
      typeof body === 'object' && typeof body.nextCursor === 'string'
        ? Buffer.from(body.nextCursor, 'base64url').toString()
        : '';
    return `${text}\n${cursor}\n${JSON.stringify([...headers])}`;
  }

  it('are in no answer, header or cursor for a caller who may not identify that person', async () => {
    const faults: string[] = [];
    let answered = 0;
    for (const reader of readers) {
      const derived = await derivedFor(reader);
      const look = (answer: Answer): void => {
        if (answer.status < 300) answered += 1;
        for (const [id] of told(answer).matchAll(UUID)) {
          const what = derived.get(id.toLowerCase());
          if (what !== undefined) faults.push(`${answer.call} tells ${reader.name} ${what}`);
        }
      };
      const { token } = reader.api;
      // The lists come first, because the next calls use the ids that lists show.
      const shown = new Map<string, string[]>();
      const reads = operations.filter(({ method, open }) => method === 'GET' && !open);
      await severalAtOnce(reads, async (operation) => {
        for (const target of await callers.targets(operation)) {
          const isList = operation.parameters.some(({ name }) => name === 'limit');
          for (const query of isList
            ? ([[['limit', '1']], [['limit', '200']]] as [string, string][][])
            : ([[]] as [string, string][][])) {
            const answer = await send(server, {
              method: 'GET',
              path: withQuery(target.path, [...callers.requiredQuery(operation), ...query]),
              token,
            });
            look(answer);
            const items = (answer.body.items ?? []) as { id?: string }[];
            shown.set(operation.path, [...(shown.get(operation.path) ?? []), ...items.flatMap(({ id }) => id ?? [])]);
          }
        }
      });
      const one = (path: string, of: string): string[] =>
        [...new Set(shown.get(of) ?? [])].map((id) => path.replace('{id}', id));
      const [patients, invitations] = ['/v1/deployments/{id}/patients', '/v1/deployments/{id}/patient-invitations'];
      for (const path of [...one('/v1/patients/{id}', patients), ...one('/v1/patient-invitations/{id}', invitations)])
        look(await send(server, { method: 'GET', path, token }));
      for (const path of one('/v1/patients/{id}/offboard', patients))
        look(await send(server, { method: 'POST', path, token, body: { reason: 'End of treatment' } }));
      for (const path of one('/v1/patients/{id}/reactivate', patients))
        look(await send(server, { method: 'POST', path, token, body: {} }));
      for (const path of one('/v1/patient-invitations/{id}/resend', invitations))
        look(await send(server, { method: 'POST', path, token, body: {} }));
      const emails = [pending.email, both.email, colleague.email, 'nobody'];
      for (const extra of [{ dryRun: true }, { mode: 'atomic' }, {}]) {
        look(
          await send(server, {
            method: 'POST',
            path: `${deployment.path}/patient-invitations`,
            token,
            body: { emails, ...extra },
            headers: { 'idempotency-key': randomUUID() },
          }),
        );
        look(
          await send(server, {
            method: 'POST',
            path: `${deployment.path}/staff-invitations`,
            token,
            body: { emails, role: 'contributor', ...extra, dryRun: true },
          }),
        );
      }
      look(
        await send(server, { method: 'POST', path: `${deployment.path}/patient-invitations/import`, token, ...FORM }),
      );
    }
    expect([...new Set(faults)]).toEqual([]);
    expect(answered).toBeGreaterThan(readers.length * 10);
    // The limit is long, because every reader calls every route.
  }, 60_000);

  it('show nothing to a member who derives them from personIds', async () => {
    const { body } = await server.admin.get(`${organisation.path}/staff?limit=200`).expect(200);
    const personIds = (body.items as { personId: string; email: string }[]).map(({ personId }) => personId);
    expect(personIds.length).toBeGreaterThan(5);
    const faults: string[] = [];
    const withoutRequest = ({ status, body: { requestId: _, ...rest } }: Answer): string =>
      JSON.stringify([status, rest]);
    for (const {
      name,
      api: { token },
    } of readers.filter(({ identifies }) => identifies !== 'patients')) {
      const own = String((await send(server, { method: 'GET', path: '/v1/me', token })).body.personId);
      const others = personIds.filter((personId) => personId !== own);
      await severalAtOnce(others, async (personId) => {
        for (const [method, path, payload] of [
          ['GET', ''],
          ['POST', '/offboard', { reason: 'Asked' }],
          ['POST', '/reactivate', {}],
          ['DELETE', '', {}],
        ] as const) {
          const call = async (id: string): Promise<string> =>
            withoutRequest(
              await send(server, {
                method,
                path: `/v1/patients/${id}${path}`,
                token,
                ...(payload ? { body: payload } : {}),
              }),
            );
          if ((await call(deterministicId(deployment.id, personId))) !== (await call(randomUUID())))
            faults.push(`${method} ${path} tells ${name} of ${personId}`);
        }
      });
    }
    expect(faults).toEqual([]);
  });

  it('get a 404 after the same time whether they exist or not', async () => {
    const { body } = await server.admin.get(`${deployment.path}/patients?limit=1`).expect(200);
    const [{ id: known }] = body.items as [{ id: string }];
    const {
      body: {
        items: [{ id: member }],
      },
    } = await server.admin.get(`${organisation.path}/staff?limit=1`).expect(200);
    const {
      api: { token },
    } = await joinGroup(server, await createGroup(server, organisation, 'Beside'));
    for (const [path, id] of [
      ['/v1/patients/', known],
      ['/v1/staff/', member as string],
    ] as const) {
      const took: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
      for (let n = 0; n < 24; n += 1) {
        const which = n % 2 === 0 ? 'known' : 'unknown';
        const started = performance.now();
        expect(
          (await send(server, { method: 'GET', path: path + (which === 'known' ? id : randomUUID()), token })).status,
        ).toBe(404);
        took[which].push(performance.now() - started);
      }
      // A timer may fire a little early.
      expect([...took.known, ...took.unknown].filter((ms) => ms < 45)).toEqual([]);
      const [quick, slow] = [took.known, took.unknown].map((some) => some.sort((a, b) => a - b)[3]!);
      expect(Math.abs(quick! - slow!)).toBeLessThan(15);
    }
  });

  it('appear as aliases that are the same on each page of a list, and name the same thing', async () => {
    for (const { name, api } of readers) {
      const whole = await api.get(`${deployment.path}/patients?limit=200`);
      if (whole.status !== 200) continue;
      const ids: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = (
          await api.get(`${deployment.path}/patients?limit=2${cursor ? `&cursor=${cursor}` : ''}`).expect(200)
        ).body as { items: { id: string }[]; nextCursor: string | null };
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect([name, ids]).toEqual([name, (whole.body.items as { id: string }[]).map(({ id }) => id)]);
      for (const item of whole.body.items as { id: string }[])
        expect((await api.get(`/v1/patients/${item.id}`).expect(200)).body).toMatchObject({ id: item.id });
    }
  });

  it('appear as pseudonyms, one per organisation for callers who may identify nobody there, and one per deployment for others', async () => {
    const twice = await enrol(server, deployment);
    await alsoJoins(twice, `${another.path}/patient-invitations`);
    await readModelsCaughtUp(server);
    type Shown = { id: string; personId: string; pseudonym: string; since: string };
    const shownTo = async (api: Api): Promise<Shown[]> => {
      const lists = await Promise.all(
        [deployment, another].map(
          async ({ path }) => (await api.get(`${path}/patients?limit=200`).expect(200)).body.items as Shown[],
        ),
      );
      const sinces = await Promise.all(
        [deployment, another].map(
          async ({ path }) =>
            (
              (await server.admin.get(`${path}/patients?limit=200&q=${twice.email}`).expect(200)).body.items as Shown[]
            )[0]!.since,
        ),
      );
      return lists.map((items, n) => items.find(({ since }) => since === sinces[n])!);
    };
    const distinct = (shown: Shown[]) =>
      (['id', 'personId', 'pseudonym'] as const).map((field) => new Set(shown.map((one) => one[field])).size);
    const [enroller, admin] = [
      readers.find(({ name }) => name.startsWith('a custom role that enrols'))!,
      readers.find(({ name }) => name === 'an admin of the organisation')!,
    ];
    expect([distinct(await shownTo(enroller.api)), distinct(await shownTo(admin.api))]).toEqual([
      [2, 1, 1],
      [2, 2, 2],
    ]);
  });
});
