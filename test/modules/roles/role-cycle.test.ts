import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { roleStream } from '../../../src/modules/access/roles/roles.js';
import { EventStore, revisionOf, type JsonObject } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import {
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';

interface DomainEvent {
  type: string;
  data: JsonObject;
}
interface CycleLog {
  roles: Record<'nurse' | 'doctor' | 'helper' | 'porter', string>;
  defined: DomainEvent[];
  deleted: DomainEvent[];
}

const LOG = JSON.parse(
  readFileSync(new URL('../../fixtures/logs/role-cycle.json', import.meta.url), 'utf8'),
) as CycleLog;
const LAST_NAMES = { nurse: 'Ward nurse', doctor: 'Duty doctor', helper: 'Helper', porter: 'Porter' } as const;
const NAMES = Object.keys(LAST_NAMES) as (keyof typeof LAST_NAMES)[];

describeOnEngines(
  'a log in which the successors of deleted roles form a circle',
  (engine) => {
    let server: TestServer;
    let organisation: Place;
    const members = new Map<string, Member>();
    const invitations = new Map<string, { id: string; token: string }>();

    /** Stores events of an older version, which this version would not decide. */
    async function store(domainEvents: readonly DomainEvent[]): Promise<void> {
      const events = server.running.app.get(EventStore);
      const stream = roleStream(organisation.id);
      const scope = { kind: 'organisation' as const, id: organisation.id };
      const metadata = {
        actor: 'system',
        organisationId: organisation.id,
        scope,
        schemaVersion: 1,
        $correlationId: randomUUID(),
        $causationId: randomUUID(),
        commandId: randomUUID(),
      };
      const placed = domainEvents.map(({ type, data }) => ({
        id: randomUUID(),
        type,
        data: type === 'RoleDefined' ? { ...data, scope } : data,
        metadata,
      }));
      await events.append({ stream, expectedRevision: revisionOf(await events.read(stream)), events: placed });
    }

    beforeAll(async () => {
      server = await startTestServer(engine);
      organisation = await createOrganisation(server);
      await store(LOG.defined);
      await readModelsCaughtUp(server);
      for (const name of NAMES) {
        members.set(name, await join(server, organisation, LOG.roles[name]));
        invitations.set(name, await invite(server, server.admin, organisation, freshEmail(name), LOG.roles[name]));
      }
      await store(LOG.deleted);
      await readModelsCaughtUp(server);
    });
    afterAll(async () => {
      await server.close();
    });

    const answer = async (path: string) => (await server.admin.get(path).expect(200)).body;
    const roleNames = async (path: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        ((await answer(path)).items as { id: string; roleName: string }[]).map(({ id, roleName }) => [id, roleName]),
      );
    const named = (ids: (name: (typeof NAMES)[number]) => string) =>
      Object.fromEntries(NAMES.map((name) => [ids(name), LAST_NAMES[name]]));

    it('is listed with the last name of each role', async () => {
      expect(await roleNames(`${organisation.path}/staff`)).toEqual(named((name) => members.get(name)!.membershipId));
      expect(await roleNames(`${organisation.path}/staff-invitations?state=pending`)).toEqual(
        named((name) => invitations.get(name)!.id),
      );
      for (const name of NAMES) {
        const id = members.get(name)!.membershipId;
        expect(await roleNames(`${organisation.path}/staff?role=${LOG.roles[name]}`)).toEqual({
          [id]: LAST_NAMES[name],
        });
        expect((await answer(`/v1/staff/${id}`)).roleName).toBe(LAST_NAMES[name]);
        expect((await answer(`/v1/staff-invitations/${invitations.get(name)!.id}`)).roleName).toBe(LAST_NAMES[name]);
        expect(
          Object.values(await roleNames(`${organisation.path}/staff-invitations?role=${LOG.roles[name]}`)),
        ).toContain(LAST_NAMES[name]);
      }
    });

    it('shows no deleted role among the roles that can be granted', async () => {
      const ids = ((await answer(`${organisation.path}/roles`)).items as { id: string }[]).map(({ id }) => id);
      expect(ids.filter((id) => Object.values(LOG.roles).includes(id))).toEqual([]);
      for (const name of NAMES) {
        await server.admin.delete(`/v1/roles/${LOG.roles[name]}?moveTo=contributor`).expect(404);
        await server.admin.patch(`/v1/roles/${LOG.roles[name]}`, { name: 'Another' }).expect(404);
      }
      await server.admin
        .post(`${organisation.path}/roles`, { name: LAST_NAMES.nurse, permissions: ['patients.view'] })
        .expect(201);
    });

    it('names the roles to their members, and allows them nothing', async () => {
      for (const name of NAMES) {
        const { api } = members.get(name)!;
        const { body } = await api.get('/v1/me').expect(200);
        expect((body.memberships as { roleName: string }[]).map(({ roleName }) => roleName)).toEqual([
          LAST_NAMES[name],
        ]);
        await api.get(`${organisation.path}/staff`).expect(404);
        await api
          .post(`${organisation.path}/staff-invitations`, { emails: [freshEmail()], role: 'contributor' })
          .expect(404);
      }
    });

    it('allows no acceptance of its invitations, and allows their revocation', async () => {
      for (const name of NAMES) {
        const { id, token } = invitations.get(name)!;
        expect((await server.anonymous.get(`/v1/invitations/${token}`).expect(200)).body.roleName).toBe(
          LAST_NAMES[name],
        );
        const { body } = await server.anonymous
          .post(`/v1/invitations/${token}/accept`, { name: 'Somebody', password: PASSWORD })
          .expect(409);
        expect(body.code).toBe('inviter-lost-authority');
        expect((await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(403)).body.code).toBe(
          'role-not-grantable',
        );
      }
      await server.admin.delete(`/v1/staff-invitations/${invitations.get('porter')!.id}`).expect(204);
    });

    it('is replayed into every read model', async () => {
      for (const name of ['staff-list', 'custom-role-list', 'invitation-list']) {
        await server.admin.post(`/v1/projections/${name}/rebuild`).expect(204);
        await waitFor(`the rebuild of ${name}`, async () => {
          const state = (
            (await answer('/v1/projections')).items as {
              name: string;
              version: number;
              rebuild: object | null;
              error: string | null;
            }[]
          ).find((one) => one.name === name);
          return state !== undefined && state.version > 1 && state.rebuild === null && state.error === null;
        });
      }
      expect(await roleNames(`${organisation.path}/staff`)).toEqual(named((name) => members.get(name)!.membershipId));
    });

    it('lets members get another role, leave and be removed', async () => {
      await server.admin.patch(`/v1/staff/${members.get('nurse')!.membershipId}`, { role: 'contributor' }).expect(200);
      await members.get('nurse')!.api.get(organisation.path).expect(200);
      await server.admin.delete(`/v1/staff/${members.get('doctor')!.membershipId}`).expect(204);
      await members
        .get('helper')!
        .api.delete(`/v1/staff/${members.get('helper')!.membershipId}`)
        .expect(204);
      await server.admin.delete(`/v1/staff/${members.get('porter')!.membershipId}`).expect(204);
      await readModelsCaughtUp(server);
      expect(Object.values(await roleNames(`${organisation.path}/staff`))).toEqual(['Contributor']);
    });
  },
  { alsoOnEventStoreDb: true },
);
