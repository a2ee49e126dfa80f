import { ADMIN, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  join,
  makePatientLink,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { GroupCallers } from './group-callers.js';
import type { Operation } from './openapi.js';

export const LEVELS: readonly Level[] = ['organisation', 'deployment'];
export type Level = 'organisation' | 'deployment';

/** Something a route can be called on. */
export interface Target {
  path: string;
  /** Where it is; null: nowhere in particular. */
  level: Level | null;
  /** What stands for the path's first parameter. */
  key: string | null;
}

/** An organisation with one deployment; a member and a pending invitation at either, made when first asked for. */
export class Callers {
  private readonly members = new Map<Level, Promise<Member>>();
  private readonly invitations = new Map<Level, Promise<{ id: string; token: string }>>();
  private readonly own = new Map<Level, Promise<{ id: string; token: string }>>();
  private readonly roles = new Map<Level, Promise<string>>();
  private readonly patients = new Map<boolean, Promise<string>>();
  private unsubscription: Promise<string> | undefined;
  private openLink: Promise<{ id: string; token: string }> | undefined;
  private pendingPatient: Promise<{ id: string; token: string }> | undefined;
  /** In the organisation. */
  private readonly groups: GroupCallers;

  private constructor(
    private readonly server: TestServer,
    readonly organisation: Place,
    readonly deployment: Place,
  ) {
    this.groups = new GroupCallers(server, organisation);
  }

  static async make(server: TestServer): Promise<Callers> {
    const organisation = await createOrganisation(server);
    return new Callers(server, organisation, await createDeployment(server, organisation));
  }

  async member(level: Level): Promise<Member> {
    return this.once(this.members, level, async () => join(this.server, this[level], 'contributor'));
  }

  async invitation(level: Level): Promise<{ id: string; token: string }> {
    return this.once(this.invitations, level, async () =>
      invite(this.server, this.server.admin, this[level], freshEmail('invitee'), 'contributor'),
    );
  }

  /** An invitation of the super-admin's own, whom an owner invites. */
  async ownInvitation(level: Level): Promise<{ id: string; token: string }> {
    return this.once(this.own, level, async () => {
      const { api } = await join(this.server, this.organisation, 'organisation-owner');
      return invite(this.server, api, this[level], ADMIN.email, 'contributor');
    });
  }

  /** Id of what the super-admin has unsubscribed from by the link in a mail. */
  async ownUnsubscription(): Promise<string> {
    return (this.unsubscription ??= (async () => {
      // What is invited later is not mailed.
      const [{ token }] = [await this.ownInvitation('organisation'), await this.ownInvitation('deployment')];
      const mail = this.server.smtp.to(ADMIN.email).find((one) => one.token === token)!;
      await this.server.anonymous
        .post(new URL(mail.headers.get('list-unsubscribe')!.slice(1, -1)).pathname)
        .expect(200);
      const { body } = await this.server.admin.get('/v1/me/unsubscriptions').expect(200);
      return body.items.find(({ organisation }: { organisation: Place }) => organisation.id === this.organisation.id)
        .id;
    })());
  }

  /** Id of a custom role that was defined there. */
  async role(level: Level): Promise<string> {
    const define = () =>
      this.server.admin
        .post(`${this[level].path}/roles`, { name: freshEmail('Role'), permissions: ['patients.view'] })
        .expect(201);
    return this.once(this.roles, level, async () => (await define()).body.id as string);
  }

  /** Id of a patient of the deployment; an offboarded patient can be reactivated. */
  async patient(offboarded: boolean): Promise<string> {
    return this.once(this.patients, offboarded, async () => {
      const { membershipId } = await enrol(this.server, this.deployment);
      if (offboarded)
        await this.server.admin
          .post(`/v1/patients/${membershipId}/offboard`, { reason: 'End of treatment' })
          .expect(200);
      return membershipId;
    });
  }

  async patientLink(): Promise<{ id: string; token: string }> {
    return (this.openLink ??= makePatientLink(this.server.admin, this.deployment));
  }

  async patientInvitation(): Promise<{ id: string; token: string }> {
    return (this.pendingPatient ??= invitePatient(
      this.server,
      this.server.admin,
      this.deployment,
      freshEmail('patient'),
    ));
  }

  async archive(level: Level): Promise<void> {
    await this.server.admin.post(`${this[level].path}/archive`).expect(200);
  }

  /**
   * Everything here that the route can be called on.
   * @throws for a kind of path parameter that this test doesn't know
   */
  async targets(operation: Operation, levels: readonly Level[] = LEVELS): Promise<Target[]> {
    const parameters = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    if (parameters.length === 0) return [{ path: operation.path, level: null, key: null }];
    const first = parameters[0] === 'id' ? operation.scope : parameters[0];
    if (first?.startsWith('group'))
      return levels.includes('organisation') ? [await this.inGroups(operation, first)] : [];
    const kind = parameters.length === 1 ? first : null;
    switch (kind) {
      case 'organisation':
      case 'deployment':
        return levels.includes(kind) ? [targetAt(operation, kind, this[kind].id)] : [];
      case 'staff':
        return Promise.all(
          levels.map(async (level) => targetAt(operation, level, (await this.member(level)).membershipId)),
        );
      case 'staff-invitation':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, (await this.invitation(level)).id)));
      case 'own-invitation':
        return Promise.all(
          levels.map(async (level) => targetAt(operation, level, (await this.ownInvitation(level)).id)),
        );
      case 'own-unsubscription':
        return levels.includes('organisation')
          ? [targetAt(operation, 'organisation', await this.ownUnsubscription())]
          : [];
      // Patients are in deployments alone.
      case 'patient':
        return levels.includes('deployment')
          ? [targetAt(operation, 'deployment', await this.patient(operation.path.endsWith('/reactivate')))]
          : [];
      case 'patient-link':
        return levels.includes('deployment') ? [targetAt(operation, 'deployment', (await this.patientLink()).id)] : [];
      case 'patient-invitation':
        return levels.includes('deployment')
          ? [targetAt(operation, 'deployment', (await this.patientInvitation()).id)]
          : [];
      case 'role':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, await this.role(level))));
      case 'token':
        if (operation.path.startsWith('/v1/links/'))
          return levels.includes('deployment')
            ? [targetAt(operation, 'deployment', (await this.patientLink()).token)]
            : [];
        return [
          ...(await Promise.all(
            levels.map(async (level) => targetAt(operation, level, (await this.invitation(level)).token)),
          )),
          ...(levels.includes('organisation')
            ? [targetAt(operation, 'organisation', (await this.groups.invitation()).token)]
            : []),
        ];
      case 'name':
        return [targetAt(operation, null, 'staff-list')];
      case null:
      case undefined:
      default:
        throw new Error(
          `${operation.id}: teach test/http/callers.ts what ${parameters.join(', ')} with x-scope ${String(operation.scope)} stands for`,
        );
    }
  }

  /** What stands for the query parameters that can't be left out. */
  requiredQuery({ parameters }: Operation): [string, string][] {
    const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
    return required.map(({ name, schema }) => [name, schema.enum ? String(schema.enum[0]) : this.organisation.id]);
  }

  /** What stands for the path's parameters after the first. */
  async further(): Promise<Record<string, string>> {
    return this.groups.further();
  }

  /** Whatever is archived with the organisation. */
  private async inGroups(operation: Operation, kind: string): Promise<Target> {
    const { [kind]: id } = await this.groups.ids();
    const key = operation.path.endsWith('/restore') ? (await this.groups.deleted()).id : id;
    if (key === undefined) throw new Error(`${operation.id}: teach test/http/group-callers.ts what ${kind} stands for`);
    return { path: pathWith(operation, key, await this.further()), level: 'organisation', key };
  }

  /** One id of every kind. */
  async ids(): Promise<Record<string, string>> {
    return {
      organisation: this.organisation.id,
      deployment: this.deployment.id,
      staff: (await this.member('deployment')).membershipId,
      'staff-invitation': (await this.invitation('deployment')).id,
      role: await this.role('deployment'),
      patient: await this.patient(false),
      'patient-link': (await this.patientLink()).id,
      'patient-invitation': (await this.patientInvitation()).id,
      ...(await this.groups.ids()),
    };
  }

  private async once<Key, Thing>(
    made: Map<Key, Promise<Thing>>,
    level: Key,
    make: () => Promise<Thing>,
  ): Promise<Thing> {
    const thing = made.get(level) ?? make();
    made.set(level, thing);
    return thing;
  }
}

function targetAt(operation: Operation, level: Level | null, key: string): Target {
  return { path: pathWith(operation, key), level, key };
}

/** The operation's path with its parameters filled in. @param further those after the first, by name */
export function pathWith({ path }: Operation, key: string, further: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{\w+\}/, encodeURIComponent(key)).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = further[name];
    if (value === undefined) throw new Error(`${path}: teach test/http/group-callers.ts what ${name} stands for`);
    return value;
  });
}
