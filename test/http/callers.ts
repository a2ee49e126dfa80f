import type { ProblemCode } from '../../src/shared/problems/problem-codes.js';
import { ADMIN, PASSWORD, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  invite,
  inviteObserver,
  invitePatient,
  join,
  makePatientLink,
  observe,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { GroupCallers } from './group-callers.js';
import type { Operation } from './openapi.js';

export const LEVELS: readonly Level[] = ['organisation', 'deployment'];
/** Parameters of paths that name a thing of the whole installation: a read model, a mail. */
export const OF_NO_SCOPE: readonly string[] = ['name', 'key'];
/** Routes about a content that is stored. */
const CONTENTS = /\/(?:content|preview|versions)$/;
export type Level = 'organisation' | 'deployment';

/** A thing on which a route can be called. */
export interface Target {
  path: string;
  /** The level of the thing's place, or null when it has none. */
  level: Level | null;
  /** The value of the path's first parameter. */
  key: string | null;
}

/** What a path of a mailed link holds before the token, and the code for a forged token. */
const CODES_OF_LINKS = [
  ['/v1/links/', 'link-not-found'],
  ['/password-reset/', 'password-reset-not-found'],
  ['/address-changes/', 'address-change-not-found'],
  ['/address-undos/', 'address-undo-not-found'],
] as const;

/** The code of a route for a forged token or an unknown name in its path. */
export function codeOfForged({ path, open }: Operation): ProblemCode {
  const [, code] = CODES_OF_LINKS.find(([part]) => path.includes(part)) ?? [];
  return code ?? (open ? 'invitation-not-found' : 'not-found');
}

/** An organisation with one deployment. Both get a member and a pending invitation when a test first asks for them. */
export class Callers {
  private readonly members = new Map<Level, Promise<Member>>();
  private readonly invitations = new Map<Level, Promise<{ id: string; token: string }>>();
  private readonly own = new Map<Level, Promise<{ id: string; token: string }>>();
  private readonly batches = new Map<Level, Promise<string>>();
  private readonly roles = new Map<Level, Promise<string>>();
  private readonly entries = new Map<Level, Promise<string>>();
  private readonly patients = new Map<boolean, Promise<string>>();
  private unsubscription: Promise<string> | undefined;
  private reset: Promise<string> | undefined;
  private unsent: Promise<string> | undefined;
  private change: Promise<string> | undefined;
  private undo: Promise<string> | undefined;
  private openLink: Promise<{ id: string; token: string }> | undefined;
  private pendingPatient: Promise<{ id: string; token: string }> | undefined;
  private guest: Promise<Member> | undefined;
  private pendingObserver: Promise<{ id: string; token: string }> | undefined;
  /** The groups of the organisation. */
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

  /** The id of what the member holds. */
  async grant(level: Level): Promise<string> {
    const { membershipId } = await this.member(level);
    const { body } = await this.server.admin.get(`${this[level].path}/access?limit=200`).expect(200);
    const grants = body.items as { grantId: string; membershipId: string }[];
    return grants.find((one) => one.membershipId === membershipId)!.grantId;
  }

  /** The id of an invitation call. */
  async batch(level: Level): Promise<string> {
    return this.once(this.batches, level, async () => {
      const call = { emails: [freshEmail('invited'), freshEmail('invited')], role: 'contributor' };
      const { body } = await this.server.admin.post(`${this[level].path}/staff-invitations`, call).expect(201);
      return body.batchId as string;
    });
  }

  /** An invitation of the super-admin, whom an owner invites. */
  async ownInvitation(level: Level): Promise<{ id: string; token: string }> {
    return this.once(this.own, level, async () => {
      const { api } = await join(this.server, this.organisation, 'organisation-owner');
      return invite(this.server, api, this[level], ADMIN.email, 'contributor');
    });
  }

  /** Unsubscribes the super-admin by the link in a mail. @returns the id of that unsubscription */
  async ownUnsubscription(): Promise<string> {
    return (this.unsubscription ??= (async () => {
      // The second invitation comes before it, because later ones are not mailed.
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

  /** The id of another session of the super-admin's own. */
  async ownSession(): Promise<string> {
    await this.server.signIn(ADMIN.email, ADMIN.password);
    const { body } = await this.server.admin.get('/v1/me/sessions').expect(200);
    return body.items.find(({ current }: { current: boolean }) => !current).id;
  }

  /** The token of a mailed link to a new password, of a person whom nothing else here is about. */
  async passwordReset(): Promise<string> {
    return (this.reset ??= (async () => {
      const { email } = await join(this.server, this.organisation, 'contributor');
      await this.server.anonymous.post('/v1/auth/password-reset', { email }).expect(202);
      await idle(this.server);
      return /\/password-reset\/([A-Za-z0-9_-]{51})/.exec(this.server.smtp.to(email).at(-1)!.text)![1]!;
    })());
  }

  /** The token of a mailed link that confirms an address, of a person whom nothing else here is about. */
  async addressChange(): Promise<string> {
    return (this.change ??= (async () => {
      const { api } = await join(this.server, this.organisation, 'contributor');
      return this.addressLink(api, freshEmail('changed'));
    })());
  }

  /** The token of a mailed link that undoes a change of the address. */
  async addressUndo(): Promise<string> {
    return (this.undo ??= (async () => {
      const { api, email } = await join(this.server, this.organisation, 'contributor');
      const token = await this.addressLink(api, freshEmail('undone'));
      await this.server.anonymous.post(`/v1/address-changes/${token}`).expect(204);
      await idle(this.server);
      return /\/address-undo\/([A-Za-z0-9_-]{51})/.exec(this.server.smtp.to(email).at(-1)!.text)![1]!;
    })());
  }

  private async addressLink(api: Api, email: string): Promise<string> {
    await api.post('/v1/me/address', { email, password: PASSWORD }).expect(202);
    await idle(this.server);
    return /\/address\/([A-Za-z0-9_-]{51})/.exec(this.server.smtp.to(email).at(-1)!.text)![1]!;
  }

  /** The id of a custom role that is defined there. */
  async role(level: Level): Promise<string> {
    const define = () =>
      this.server.admin
        .post(`${this[level].path}/roles`, { name: freshEmail('Role'), permissions: ['patients.view'] })
        .expect(201);
    return this.once(this.roles, level, async () => (await define()).body.id as string);
  }

  /** The id of a patient of the deployment. An offboarded patient can be reactivated. */
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

  /** The event that gave a member another role. */
  async entry(level: Level): Promise<string> {
    return this.once(this.entries, level, async () => {
      const { membershipId } = await join(this.server, this[level], 'contributor');
      await this.server.admin.patch(`/v1/staff/${membershipId}`, { role: 'admin' }).expect(200);
      const { body } = await this.server.admin.get(`/v1/staff/${membershipId}/history`).expect(200);
      return (body as { items: { eventId: string }[] }).items[0]!.eventId;
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

  /** The key of a mail that failed for good, also after a retry. */
  private async deadLetter(): Promise<string> {
    return (this.unsent ??= (async () => {
      const email = freshEmail('refused');
      this.server.smtp.refuse((to) => (to === email ? 550 : null));
      const call = { emails: [email], role: 'contributor' };
      await this.server.admin.post(`${this.organisation.path}/staff-invitations`, call).expect(201);
      await idle(this.server);
      const { body } = await this.server.admin.get('/v1/outbox?state=failed').expect(200);
      return (body as { items: { key: string }[] }).items[0]!.key;
    })());
  }

  async observer(): Promise<Member> {
    return (this.guest ??= observe(this.server, this.deployment));
  }

  async observerInvitation(): Promise<{ id: string; token: string }> {
    return (this.pendingObserver ??= inviteObserver(
      this.server,
      this.server.admin,
      this.deployment,
      freshEmail('observer'),
    ));
  }

  async archive(level: Level): Promise<void> {
    await this.server.admin.post(`${this[level].path}/archive`).expect(200);
  }

  /**
   * All things here on which the route can be called.
   * @throws for a kind of path parameter that this class doesn't know
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
      case 'invitation-batch':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, await this.batch(level))));
      case 'own-invitation':
        return Promise.all(
          levels.map(async (level) => targetAt(operation, level, (await this.ownInvitation(level)).id)),
        );
      case 'own-unsubscription':
        return levels.includes('organisation')
          ? [targetAt(operation, 'organisation', await this.ownUnsubscription())]
          : [];
      case 'own-session':
        return [targetAt(operation, null, await this.ownSession())];
      // Only deployments have patients.
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
      // Only deployments have observers.
      case 'observer':
        return levels.includes('deployment')
          ? [targetAt(operation, 'deployment', (await this.observer()).membershipId)]
          : [];
      case 'observer-invitation':
        return levels.includes('deployment')
          ? [targetAt(operation, 'deployment', (await this.observerInvitation()).id)]
          : [];
      case 'role':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, await this.role(level))));
      case 'entry':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, await this.entry(level))));
      case 'grant':
        return Promise.all(levels.map(async (level) => targetAt(operation, level, await this.grant(level))));
      case 'token':
        if (operation.path.includes('/auth/password-reset/'))
          return [targetAt(operation, null, await this.passwordReset())];
        if (operation.path.startsWith('/v1/address-changes/'))
          return [targetAt(operation, null, await this.addressChange())];
        if (operation.path.startsWith('/v1/address-undos/'))
          return [targetAt(operation, null, await this.addressUndo())];
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
      case 'key':
        return [targetAt(operation, null, await this.deadLetter())];
      case null:
      case undefined:
      default:
        throw new Error(
          `${operation.id}: teach test/http/callers.ts what ${parameters.join(', ')} with x-scope ${String(operation.scope)} stands for`,
        );
    }
  }

  /** The values of the required query parameters. */
  requiredQuery({ parameters }: Operation): [string, string][] {
    const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
    return required.map(({ name, schema }) => [name, schema.enum ? String(schema.enum[0]) : this.organisation.id]);
  }

  /** The values of the path's parameters after the first. */
  async further(): Promise<Record<string, string>> {
    return this.groups.further();
  }

  /** A thing of a group, which is archived with the organisation. */
  private async inGroups(operation: Operation, kind: string): Promise<Target> {
    const { [kind]: id } = await this.groups.ids();
    const key = operation.path.endsWith('/restore')
      ? (await this.groups.deleted()).id
      : CONTENTS.test(operation.path)
        ? await this.groups.content()
        : id;
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
      'invitation-batch': await this.batch('deployment'),
      role: await this.role('deployment'),
      entry: await this.entry('deployment'),
      grant: await this.grant('deployment'),
      patient: await this.patient(false),
      'patient-link': (await this.patientLink()).id,
      'patient-invitation': (await this.patientInvitation()).id,
      observer: (await this.observer()).membershipId,
      'observer-invitation': (await this.observerInvitation()).id,
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

/** The operation's path with its parameters filled in. @param further the parameters after the first, by name */
export function pathWith({ path }: Operation, key: string, further: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{\w+\}/, encodeURIComponent(key)).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = further[name];
    if (value === undefined) throw new Error(`${path}: teach test/http/group-callers.ts what ${name} stands for`);
    return value;
  });
}
