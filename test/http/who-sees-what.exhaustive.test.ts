import { randomUUID } from 'node:crypto';
import { BUILT_IN_ROLES } from '../../src/modules/access/roles/built-in-roles.js';
import type { Permission } from '../../src/modules/access/permissions.js';
import { Pseudonyms } from '../../src/modules/people/pseudonyms.js';
import { describeOnOneEngine } from '../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invitePatient,
  join,
  joinGroup,
  observe,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { severalAtOnce } from '../support/several.js';
import { bodyFor, send, withQuery, type Answer } from './calling.js';
import { readOperations, type Operation } from './openapi.js';
import { IDENTIFIED_BY, identifiesAnybody, permissionsOf, SEEN_BY } from './seen-by.js';
import { LEVELS, pathWith, Callers, type Level, type Target } from './callers.js';

/** A kind of reader in the table of docs/domain.md §5.2. */
interface Reader {
  name: string;
  token: string | null;
  /** The permissions at each level, with those of roles above it. Null when no role holds there. */
  at: Record<Level, ReadonlySet<Permission> | null>;
  /** The permissions of a role anywhere in the organisation. */
  anywhere: ReadonlySet<Permission> | null;
  enrolled?: 'active' | 'offboarded';
  /** The reader is a guest of the deployment. */
  observes?: true;
  group?: 'member' | 'administrator' | 'elsewhere';
  /** The reader is an owner of the organisation or a super-admin. */
  isAccountAdministrator?: boolean;
}

const NO_ROLE = { at: { organisation: null, deployment: null }, anywhere: null };
const rolesAt = (level: Level): string[] =>
  BUILT_IN_ROLES.filter(({ scopes }) => scopes.some((kind) => kind === level)).map(({ id }) => id);

/**
 * Calls every route with an id as every kind of reader. Everything is archived, so that a permitted write is refused
 * and changes nothing.
 */
describeOnOneEngine('things with ids', (engine) => {
  let server: TestServer;
  let callers: Callers;
  let operations: Operation[];
  let further: Record<string, string>;
  const readers: Reader[] = [];

  beforeAll(async () => {
    server = await startTestServer(engine);
    operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body);
    callers = await Callers.make(server);
    const { organisation, deployment } = callers;
    const [another, otherGroup] = [
      await createDeployment(server, organisation, 'Another'),
      await createGroup(server, organisation, 'Another'),
    ];
    await callers.ids();
    further = await callers.further();
    // Targets are made when a test first asks for them. They must exist before all is archived.
    for (const operation of operations) if (hasId(operation)) await callers.targets(operation);
    const { [`group`]: group } = await callers.ids();
    const tokenOf = async ({ api }: { api: Api }) => api.token;
    const holding = async (place: Place, role: string) => tokenOf(await join(server, place, role));
    for (const role of rolesAt('organisation')) {
      const permissions = permissionsOf(role);
      readers.push({
        name: `${role} of the organisation`,
        token: await holding(organisation, role),
        at: { organisation: permissions, deployment: permissions },
        anywhere: permissions,
        isAccountAdministrator: role === 'organisation-owner',
      });
    }
    for (const role of rolesAt('deployment')) {
      const permissions = permissionsOf(role);
      readers.push({
        name: `${role} of the deployment`,
        token: await holding(deployment, role),
        at: { organisation: null, deployment: permissions },
        anywhere: permissions,
      });
      readers.push({
        name: `${role} of another deployment`,
        token: await holding(another, role),
        at: { organisation: null, deployment: null },
        anywhere: permissions,
      });
    }
    const offboarded = await enrol(server, deployment);
    await server.admin
      .post(`/v1/patients/${offboarded.membershipId}/offboard`, { reason: 'End of treatment' })
      .expect(200);
    const place = { id: group!, path: `/v1/groups/${group!}` };
    readers.push(
      { name: 'a patient', token: await tokenOf(await enrol(server, deployment)), ...NO_ROLE, enrolled: 'active' },
      { name: 'a patient who was offboarded', token: await tokenOf(offboarded), ...NO_ROLE, enrolled: 'offboarded' },
      { name: 'an observer', token: await tokenOf(await observe(server, deployment)), ...NO_ROLE, observes: true },
      { name: 'an observer of another deployment', token: await tokenOf(await observe(server, another)), ...NO_ROLE },
      {
        name: 'a member of the group',
        token: await tokenOf(await joinGroup(server, place)),
        ...NO_ROLE,
        group: 'member',
      },
      {
        name: 'an administrator of the group',
        token: await tokenOf(await joinGroup(server, place, { administrator: true })),
        ...NO_ROLE,
        group: 'administrator',
      },
      {
        name: 'an administrator of another group',
        token: await tokenOf(await joinGroup(server, otherGroup, { administrator: true })),
        ...NO_ROLE,
        group: 'elsewhere',
      },
      {
        name: 'an owner of another organisation',
        token: await holding(await createOrganisation(server, 'Elsewhere'), 'organisation-owner'),
        ...NO_ROLE,
      },
    );
    await readModelsCaughtUp(server);
    await callers.archive('deployment');
    await callers.archive('organisation');
  });
  afterAll(async () => {
    await server.close();
  });

  const hasId = ({ scope, open }: Operation): boolean =>
    !open && scope !== null && scope !== 'platform' && !scope.startsWith('own-');

  function sees(reader: Reader, operation: Operation, { level }: Target): boolean {
    const { at, anywhere, enrolled, group, observes = false, isAccountAdministrator = false } = reader;
    const scope = operation.path.includes('{fileId}') ? 'group-file' : operation.scope!;
    const permissions = at[level ?? 'organisation'];
    const isMember = group === 'member' || group === 'administrator';
    if (at.organisation && readsHistory(operation, at.organisation)) return true;
    switch (scope) {
      case 'organisation':
        return anywhere !== null || enrolled !== undefined || group !== undefined;
      case 'deployment':
        return permissions !== null || enrolled === 'active' || observes;
      case 'role':
        return level === 'organisation' ? anywhere !== null : permissions !== null;
      case 'group':
        return operation.path.endsWith('/restore') ? isAccountAdministrator : isMember || isAccountAdministrator;
      case 'group-member':
        return isMember || isAccountAdministrator;
      case 'group-invitation':
        return group === 'administrator' || isAccountAdministrator;
      case 'group-file':
        return isMember;
      // These batches invite staff.
      case 'invitation-batch':
        return permissions?.has('staff.view') === true;
      default:
        return SEEN_BY[scope]!.some((permission) => permissions?.has(permission));
    }
  }

  /** Auditors follow a group from the organisation. They find its people by these ids if they may identify them. */
  function readsHistory({ path, scope }: Operation, permissions: ReadonlySet<Permission>): boolean {
    if (!/\/(?:history|access|access\/diff|access\/changes)$/.test(path) || !permissions.has('audit.view'))
      return false;
    const isOfPerson = scope === 'group-member' || scope === 'group-invitation';
    return (scope === 'group' && !path.includes('{fileId}')) || (isOfPerson && permissions.has('staff.view'));
  }

  /** The alias that the reader gets in place of an id. */
  function aliasFor({ anywhere }: Reader, { scope }: Operation, { key, level }: Target): string {
    const isOfLevel = scope !== null && ['staff-invitation', 'grant', 'entry'].includes(scope);
    const below = isOfLevel ? callers[level!].id : callers.deployment.id;
    return server.running.app
      .get(Pseudonyms)
      .alias(anywhere && identifiesAnybody(anywhere) ? below : callers.organisation.id, key!);
  }

  async function call(operation: Operation, key: string, token: string | null): Promise<Answer> {
    const path = withQuery(pathWith(operation, key, further), callers.requiredQuery(operation));
    return send(server, { method: operation.method, path, token, ...bodyFor(operation) });
  }

  const withoutRequest = ({ status, body: { requestId: _, ...rest } }: Answer): string =>
    JSON.stringify([status, rest]);

  it('are shown only to callers who may see them, and 403 is only for callers who may see and not act', async () => {
    const faults: string[] = [];
    let cases = 0;
    await severalAtOnce(operations.filter(hasId), async (operation) => {
      for (const target of await callers.targets(operation, LEVELS)) {
        await Promise.all(
          readers.map(async (reader) => {
            cases += 1;
            const permissions = reader.at[target.level ?? 'organisation'];
            const seen = sees(reader, operation, target);
            const identifying = IDENTIFIED_BY[operation.scope!];
            const isHidden = seen && identifying !== undefined && !permissions?.has(identifying);
            const alias = aliasFor(reader, operation, target);
            const [answer, nowhere] = [
              await call(operation, isHidden ? alias : target.key!, reader.token),
              await call(operation, randomUUID(), reader.token),
            ];
            const where = `${operation.id} at the ${String(target.level)} for ${reader.name}`;
            const fault = (what: string): void => {
              faults.push(`${where}: ${what}, answered ${String(answer.status)} ${String(answer.body.code ?? '')}`);
            };
            if (nowhere.status !== 404) fault(`${String(nowhere.status)} for what isn't there`);
            const isOwnDeployment = operation.scope === 'deployment' && reader.enrolled === 'offboarded';
            if (isOwnDeployment) {
              if (answer.body.code !== 'offboarded') fault('they were offboarded');
            } else if (!seen) {
              if (withoutRequest(answer) !== withoutRequest(nowhere)) fault('they may not see it');
            } else if (answer.status === 404) {
              fault('they may see it');
            } else if (operation.permission !== null) {
              const may = permissions?.has(operation.permission as Permission) === true;
              const wanted = !may ? [403] : operation.isWrite ? [409, 403] : [200];
              if (!wanted.includes(answer.status)) fault(`not ${wanted.join(' or ')}`);
            }
            // Of id and alias, the reader knows one. The other names nothing to them.
            if (identifying === undefined || !seen) return;
            const other = await call(operation, isHidden ? target.key! : alias, reader.token);
            if (withoutRequest(other) !== withoutRequest(nowhere))
              fault(`${String(other.status)} for ${isHidden ? 'the stored id' : 'an alias'}`);
          }),
        );
      }
    });
    expect(faults).toEqual([]);
    expect(cases).toBeGreaterThan(500);
    // The limit is long, because every reader calls every route.
  }, 120_000);
});

describeOnOneEngine("a reader's own things", (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  const codeOf = async (calling: PromiseLike<{ status: number; body: { code?: string } }>): Promise<string> => {
    const { status, body } = await calling;
    return `${String(status)} ${body.code ?? ''}`.trim();
  };
  const changed = async (by: Member, role: string) =>
    server.admin.patch(`/v1/staff/${by.membershipId}`, { role }).expect(200);

  it('include an invitation that they sent, while they have a role in the organisation and until it is accepted', async () => {
    const inviter = await withPlaceElsewhere(server, await join(server, deployment, 'admin'));
    const email = freshEmail('patient');
    const patient = await invitePatient(server, inviter.api, deployment, email);
    const staff = (
      await inviter.api
        .post(`${deployment.path}/staff-invitations`, { emails: [freshEmail()], role: 'contributor' })
        .expect(201)
    ).body.results[0].invitationId as string;
    // The first role sees no patients, and the next one no staff.
    await changed(inviter, 'access-controller');
    expect((await inviter.api.get(`/v1/patient-invitations/${patient.id}`).expect(200)).body).toMatchObject({
      id: patient.id,
      email,
    });
    expect(await codeOf(inviter.api.post(`/v1/patient-invitations/${patient.id}/resend`, {}))).toBe('403 forbidden');
    await changed(inviter, 'deployment-staff');
    expect((await inviter.api.get(`/v1/staff-invitations/${staff}`).expect(200)).body).toMatchObject({
      id: staff,
      email: expect.any(String),
    });
    expect(await codeOf(inviter.api.delete(`/v1/staff-invitations/${staff}`))).toBe('403 forbidden');
    await server.anonymous
      .post(`/v1/invitations/${patient.token}/accept`, { name: 'A Patient', password: PASSWORD })
      .expect(200);
    expect(await codeOf(inviter.api.get(`/v1/patient-invitations/${patient.id}`))).toBe('404 not-found');
    await inviter.api.delete(`/v1/staff/${inviter.membershipId}`).expect(204);
    await readModelsCaughtUp(server);
    for (const path of [`/v1/patient-invitations/${patient.id}`, `/v1/staff-invitations/${staff}`])
      expect(await codeOf(inviter.api.get(path))).toBe('404 not-found');
  });

  it('include their own patient and invitation by its id, and no other person', async () => {
    const [one, other] = [await enrol(server, deployment), await enrol(server, deployment)];
    expect((await one.api.get(`/v1/patients/${one.membershipId}`).expect(200)).body).toMatchObject({
      id: one.membershipId,
      email: one.email,
    });
    expect(await codeOf(one.api.get(`/v1/patients/${other.membershipId}`))).toBe('404 not-found');
    const second = await createDeployment(server, organisation, 'Second');
    const { id } = await invitePatient(server, server.admin, second, one.email);
    expect((await one.api.get(`/v1/patient-invitations/${id}`).expect(200)).body).toMatchObject({
      id,
      email: one.email,
    });
    for (const call of [
      one.api.post(`/v1/patient-invitations/${id}/resend`, {}),
      one.api.delete(`/v1/patient-invitations/${id}`),
    ])
      expect(await codeOf(call)).toBe('403 forbidden');
    expect(await codeOf(other.api.get(`/v1/patient-invitations/${id}`))).toBe('404 not-found');
  });

  it('include their own membership without a permission, and no other member', async () => {
    const [one, other] = [await join(server, deployment, 'contributor'), await join(server, deployment, 'contributor')];
    expect((await one.api.get(`/v1/staff/${one.membershipId}`).expect(200)).body.id).toBe(one.membershipId);
    expect(await codeOf(one.api.get(`/v1/staff/${other.membershipId}`))).toBe('404 not-found');
    expect(await codeOf(one.api.patch(`/v1/staff/${one.membershipId}`, { role: 'admin' }))).toBe('403 own-role');
  });
});
