import { randomUUID } from 'node:crypto';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  invitePatient,
  join,
  type Place,
} from '../support/scenarios.js';
import { send, type Answer, type Call } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { goodValue } from './schema-values.js';
import { Callers } from './callers.js';

const PLATFORM = { id: '', path: '/v1/platform' };

/**
 * Derives the callers who must not get a kept answer from the running product's OpenAPI document, so that no route is
 * left out.
 */
describeOnOneEngine('an answer kept for an Idempotency-Key', (engine) => {
  let server: TestServer;
  let operations: Operation[];
  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body).filter(
      ({ idempotent }) => idempotent,
    );
  });
  afterAll(async () => {
    await server.close();
  });

  const post = (by: Api, path: string, body: object, key: string) => by.post(path, body).set('Idempotency-Key', key);

  /** Gives a role to a person who has an account. */
  async function give(to: { email: string; api: Api }, place: Place, role: string): Promise<void> {
    const { token } = await invite(server, server.admin, place, to.email, role);
    await to.api.post(`/v1/invitations/${token}/accept`).expect(200);
  }

  it.each(['who is a stranger there now', 'whose role is lower there now'])(
    'is withheld on every route from a caller %s, and that caller gets a new answer',
    async (which) => {
      const caller = await join(server, PLATFORM, 'super-admin');
      await give(caller, await createOrganisation(server, 'Elsewhere'), 'contributor');
      const calls: { operation: Operation; call: Call; first: Answer }[] = [];
      for (const operation of operations) {
        const callers = await Callers.make(server);
        if (which.includes('lower')) await give(caller, callers.organisation, 'organisation-staff');
        for (const target of await callers.targets(operation)) {
          if (operation.whileArchived) await callers.archive(target.level!);
          const { method, body } = operation;
          const call = {
            method,
            path: target.path,
            token: caller.api.token,
            headers: { 'idempotency-key': randomUUID() },
            ...(body ? { body: goodValue(body.schema) } : {}),
          };
          calls.push({ operation, call, first: await send(server, call) });
        }
      }
      expect(
        calls
          .filter(({ first }) => first.status >= 300)
          .map(({ operation, first }) => `${operation.id}: ${String(first.status)}`),
      ).toEqual([]);
      const kept = async (call: Call): Promise<Answer> => send(server, call);
      expect((await kept(calls[0]!.call)).headers.get('idempotency-replayed')).toBe('true');
      await server.admin.delete(`/v1/staff/${caller.membershipId}`).expect(204);
      const stored = (await server.events()).length;
      const faults: string[] = [];
      for (const { operation, call } of calls) {
        const [again, today] = [
          await kept(call),
          await kept({ ...call, headers: { 'idempotency-key': randomUUID() } }),
        ];
        const said = ({ status, body }: Answer): string => `${String(status)} ${String(body.code)}`;
        if (said(again) !== said(today) || ![403, 404].includes(again.status))
          faults.push(`${operation.id}: ${said(again)}, today ${said(today)}`);
        if (again.headers.has('event-position') || again.headers.has('idempotency-replayed'))
          faults.push(`${operation.id}: says that it is a repeat`);
      }
      expect(faults).toEqual([]);
      expect((await server.events()).length).toBe(stored);
    },
  );

  it('is withheld from a caller who may no longer give the role, and returned once they may again', async () => {
    const organisation = await createOrganisation(server);
    const caller = await join(server, organisation, 'admin');
    const [path, key, body] = [
      `${organisation.path}/staff-invitations`,
      randomUUID(),
      { emails: [freshEmail(), freshEmail()], role: 'contributor' },
    ];
    const first = await post(caller.api, path, body, key).expect(201);
    await server.admin.patch(`/v1/staff/${caller.membershipId}`, { role: 'access-controller' }).expect(200);
    expect((await post(caller.api, path, body, key).expect(403)).body.code).toBe('role-not-grantable');
    await server.admin.patch(`/v1/staff/${caller.membershipId}`, { role: 'admin' }).expect(200);
    expect((await post(caller.api, path, body, key).expect(201)).body).toEqual(first.body);
  });

  const KINDS: Record<
    string,
    {
      path: string;
      permissions: string[];
      identifying: string;
      inviteOne: (place: Place, email: string, role: string) => Promise<{ id: string }>;
    }
  > = {
    staff: {
      path: 'staff-invitations',
      permissions: ['staff.manage'],
      identifying: 'staff.view',
      inviteOne: async (place, email, role) => invite(server, server.admin, place, email, role),
    },
    patient: {
      path: 'patient-invitations',
      permissions: ['patients.manage'],
      identifying: 'patients.view-identifiers',
      inviteOne: async (place, email) => invitePatient(server, server.admin, place, email),
    },
  };
  const DRY = [false, true].flatMap((dryRun) => Object.keys(KINDS).map((kind) => [kind, dryRun] as const));

  it.each(DRY)(
    'that names a %s invitation of others is withheld from an inviter who may no longer identify people (dry run: %s)',
    async (kind, dryRun) => {
      const { path, permissions, identifying, inviteOne } = KINDS[kind]!;
      const deployment = await createDeployment(server, await createOrganisation(server));
      const define = async (chosen: string[]) =>
        (
          await server.admin
            .post(`${deployment.path}/roles`, { name: freshEmail('Role'), permissions: chosen })
            .expect(201)
        ).body.id as string;
      const [offered, blind, seeing] = [
        await define(['patients.view']),
        await define(permissions),
        await define([...permissions, identifying]),
      ];
      const caller = await join(server, deployment, seeing);
      const become = (role: string) => server.admin.patch(`/v1/staff/${caller.membershipId}`, { role }).expect(200);
      const options = { ...(kind === 'staff' ? { role: offered } : {}), dryRun };
      const [others, own] = [freshEmail(), freshEmail()];
      const { id } = await inviteOne(deployment, others, offered);
      const call = (emails: string[], key: string, more: object = {}) =>
        post(caller.api, `${deployment.path}/${path}`, { emails, ...options, ...more }, key);
      const [one, several, mine, again] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      const first = await call([others], one).expect(201);
      expect(first.body.results).toMatchObject([{ outcome: 'already-pending', invitationId: id }]);
      await call([others, 'second@example.test'], several).expect(201);
      await call([own], mine, { dryRun: false }).expect(201);
      const repeated = await call([own], again).expect(201);
      await become(blind);
      for (const refused of [call([others], one), call([others, 'second@example.test'], several)])
        expect((await refused.expect(403)).body.code).toBe('forbidden');
      // A new call says only that the invitation is pending.
      expect((await call([others], randomUUID()).expect(201)).body.results[0].invitationId).toBeUndefined();
      // The caller may know their own invitations.
      await call([own], mine, { dryRun: false }).expect(201);
      expect((await call([own], again).expect(201)).body).toEqual(repeated.body);
      await become(seeing);
      expect((await call([others], one).expect(201)).body).toEqual(first.body);
    },
  );

  it('is returned in a place archived since then only to the caller who archived it', async () => {
    const organisation = await createOrganisation(server);
    const deployment = await createDeployment(server, organisation);
    const owner = await join(server, organisation, 'organisation-owner');
    const invitation = [
      `${deployment.path}/staff-invitations`,
      { emails: [freshEmail()], role: 'contributor' },
      randomUUID(),
    ] as const;
    const archiving = [`${deployment.path}/archive`, {}, randomUUID()] as const;
    await post(owner.api, ...invitation).expect(201);
    const archived = await post(owner.api, ...archiving).expect(200);
    expect((await post(owner.api, ...invitation).expect(409)).body.code).toBe('scope-archived');
    expect((await post(owner.api, ...archiving).expect(200)).body).toEqual(archived.body);
  });

  it('uses no quota and stores nothing when it is returned', async () => {
    const organisation = await createOrganisation(server);
    const [path, key, body] = [
      `${organisation.path}/staff-invitations`,
      randomUUID(),
      { emails: Array.from({ length: 150 }, () => freshEmail()), role: 'contributor' },
    ];
    await post(server.admin, path, body, key).expect(201);
    const before = (await server.events()).length;
    for (let n = 0; n < 3; n++) await post(server.admin, path, body, key).expect(201);
    expect((await server.events()).length).toBe(before);
  });
});
