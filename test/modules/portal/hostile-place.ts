import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import type { Engine } from '../../support/engines.js';
import {
  createDeployment,
  createGroup,
  enrol,
  freshEmail,
  idle,
  invite,
  inviteToGroup,
  joinGroup,
  makePatientLink,
  observe,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import type { PageRoute } from '../../support/page-routes.js';
import { pathIn } from '../invitations/subscriptions/subscriptions-support.js';

/** What a page must never hold: Handlebars escapes each equals sign and each bracket, in texts and in attributes. */
export const RAW = /onerror=|<script>ran|<zx/;

/** A text that runs where a page forgets to escape it, in a text, an attribute of either quote, or a script. */
export function payload(what: string): string {
  return `${what}"'><img src=x onerror=ran()><script>ran()</script><zx`;
}

/** The id of nothing. */
export const ABSENT_ID = '0b6f1e0a-5c43-4bd5-9a43-5b8f6f1f0c11';

/** How a page shows the start of a payload. */
export function shownPayload(what: string): string {
  return `${what}&quot;&#x27;&gt;&lt;img`;
}

export type PlaceKind = 'organisations' | 'deployments' | 'groups' | 'platform';

/** An organisation and all that is in it, with a payload in each free text, and the addresses of every page about it. */
export class HostilePlace {
  readonly tokens: Record<string, string> = {};
  readonly ids: Record<PlaceKind, Record<string, string>> = {
    organisations: {},
    deployments: {},
    groups: {},
    platform: {},
  };
  /** What the addresses of a person's own pages name. */
  readonly own: Record<string, string> = {};
  owner!: Member;
  offboarded!: Member;

  private constructor(
    readonly server: TestServer,
    readonly organisation: Place,
    readonly deployment: Place,
    readonly group: Place,
  ) {}

  static async make(engine: Engine, settings: Record<string, string> = {}): Promise<HostilePlace> {
    const server = await startTestServer(engine, settings);
    const { body } = await server.admin
      .post('/v1/organisations', {
        name: payload('organisation'),
        privacyPolicyUrl: 'https://policy.example/"><img src=x onerror=ran()>',
      })
      .expect(201);
    const organisation = { id: String(body.id), path: `/v1/organisations/${String(body.id)}` };
    const deployment = await createDeployment(server, organisation, payload('deployment'));
    const group = await createGroup(server, organisation, payload('group'));
    const place = new HostilePlace(server, organisation, deployment, group);
    await place.fill();
    return place;
  }

  /** The address of a page route, with things of this place for its parameters. @throws for a parameter unknown here */
  address({ path }: PageRoute, absent = false): string {
    const [, first = '', second = ''] = path.split('/');
    // The Admin portal has forms about one organisation or deployment.
    const [, below] = /^\/portal\/platform\/(organisations|deployments)\//.exec(path) ?? [];
    const kind = (below ?? second) as PlaceKind;
    return path.replaceAll(/:(\w+)/g, (_, name: string) => {
      if (absent && name !== 'token') return ABSENT_ID;
      const value =
        name === 'token'
          ? this.tokens[first]
          : first === 'portal'
            ? this.ids[kind][name]
            : (this.own[`${first}/${second}`] ?? this.own[first]);
      if (value === undefined) throw new Error(`no value for :${name} of ${path}: give it one in hostile-place.ts`);
      return value;
    });
  }

  private async grantOf(path: string, membershipId: string): Promise<string> {
    const { body } = await this.server.admin.get(`${path}/access?limit=200`).expect(200);
    const grants = body.items as { grantId: string; membershipId: string }[];
    return grants.find((grant) => grant.membershipId === membershipId)!.grantId;
  }

  private async fill(): Promise<void> {
    const { server, organisation, deployment, group } = this;
    const { admin } = server;
    this.owner = await this.joined(organisation, 'organisation-owner', payload('person'));
    const role = await this.owner.api
      .post(`${organisation.path}/roles`, { name: payload('role'), permissions: ['patients.view'] })
      .expect(201);
    const roleBelow = await this.owner.api
      .post(`${deployment.path}/roles`, { name: payload('roleBelow'), permissions: ['patients.view'] })
      .expect(201);
    const roles: Record<Exclude<PlaceKind, 'groups'>, string> = {
      organisations: String(role.body.id),
      deployments: String(roleBelow.body.id),
      platform: String(role.body.id),
    };
    const places: [keyof typeof roles, { path: string; id: string }, string][] = [
      ['organisations', organisation, roles.organisations],
      ['deployments', deployment, roles.deployments],
      ['platform', { path: '/v1/platform', id: '' }, 'support'],
    ];
    for (const [kind, at, held] of places) {
      const member = await this.joined(at, held, payload('member'));
      const pending = await this.call(at, held, [freshEmail('pending')]);
      const batch = await this.call(at, held, [
        freshEmail('one'),
        freshEmail('two'),
        payload('wrong'),
        `"<img src=x onerror=ran()>"@zx.test`,
      ]);
      this.ids[kind] = {
        id: at.id,
        memberId: member.membershipId,
        grantId: ABSENT_ID,
        invitationId: pending.results[0]!.invitationId,
        batchId: batch.batchId,
        roleId: roles[kind],
        // An entry of the history that isn't there.
        eventId: ABSENT_ID,
        // Of pages about operations: a read model, and a mail that isn't there.
        name: 'deployment-list',
        key: ABSENT_ID,
      };
    }
    await admin
      .patch(`/v1/staff/${this.ids.organisations['memberId']!}`, { role: 'contributor', reason: payload('reason') })
      .expect(200);
    for (const [kind, { path }] of places)
      this.ids[kind]['grantId'] = await this.grantOf(path, this.ids[kind]['memberId']!);
    const file = await admin
      .post(`${group.path}/files`, { name: payload('file'), url: 'https://files.example/a', type: 'text/html' })
      .expect(201);
    await admin.patch(group.path, { description: payload('description') }).expect(200);
    const { id: invitationId } = await inviteToGroup(server, admin, group, this.owner.email, { administrator: true });
    const call = { emails: [freshEmail('one'), freshEmail('two')], administrator: false, contentCreator: true };
    const { body } = await admin.post(`${group.path}/invitations`, call).expect(201);
    this.ids.groups = {
      id: group.id,
      memberId: (await joinGroup(server, group, { contentCreator: true })).membershipId,
      invitationId,
      batchId: String(body.batchId),
      eventId: ABSENT_ID,
      fileId: String(file.body.id),
    };
    await this.fillOwnPages();
    this.offboarded = await enrol(server, deployment);
    await admin
      .post(`/v1/patients/${this.offboarded.membershipId}/offboard`, { reason: payload('offboarded') })
      .expect(200);
    this.ids.deployments['patientId'] = this.offboarded.membershipId;
    this.ids.deployments['observerId'] = (await observe(server, deployment)).membershipId;
    await idle(server);
  }

  /** Makes the links of mails, and the things of the owner's own pages. */
  private async fillOwnPages(): Promise<void> {
    const { server, organisation, deployment } = this;
    const { admin } = server;
    const invitee = freshEmail('invitee');
    const call = { emails: [invitee], role: 'contributor', message: payload('message') };
    await this.owner.api.post(`${organisation.path}/staff-invitations`, call).expect(201);
    this.tokens['invitations'] = (await server.smtp.mailTo(invitee)).token;
    this.tokens['unsubscribe'] = pathIn(await server.smtp.mailTo(invitee), server).slice('/unsubscribe/'.length);
    const link = await makePatientLink(admin, deployment, { name: payload('link') });
    this.tokens['join'] = link.token;
    this.ids.deployments['linkId'] = link.id;
    const { id } = await invite(server, admin, deployment, this.owner.email, 'contributor');
    this.own['me/invitations'] = id;
    const mover = await this.joined(organisation, 'contributor', payload('mover'));
    const forgotten = { email: mover.email };
    await this.mailed('/v1/auth/password-reset', forgotten, mover.email, 'password-reset', server.anonymous);
    const change = async (email: string) =>
      this.mailed('/v1/me/address', { email, password: PASSWORD }, email, 'address', mover.api);
    await change(freshEmail('moved'));
    await server.anonymous.post(`/v1/address-changes/${this.tokens['address']!}`).expect(204);
    await idle(server);
    this.tokens['address-undo'] = tokenIn(server.smtp.to(mover.email).at(-1)!.text, 'address-undo');
    await change(freshEmail('moving'));
    this.own['me/unsubscriptions'] = organisation.id;
    await server.anonymous
      .post('/v1/auth/sign-in/email', { email: this.owner.email, password: PASSWORD })
      .set('User-Agent', payload('browser'))
      .expect(200);
    const { body } = await this.owner.api.get('/v1/me/sessions').expect(200);
    this.own['account/sessions'] = body.items.find(({ current }: { current: boolean }) => !current).id;
    this.own['docs'] = 'staff';
    this.own['mailbox'] = ABSENT_ID;
    Object.assign(this.ids.platform, { name: 'invitation-list', key: ABSENT_ID });
  }

  private async mailed(path: string, body: object, to: string, segment: string, by: Api): Promise<void> {
    await by.post(path, body).expect(202);
    await idle(this.server);
    this.tokens[segment] = tokenIn(this.server.smtp.to(to).at(-1)!.text, segment);
  }

  private async call(at: { path: string }, role: string, emails: string[]) {
    const call = { emails, role, message: payload('message') };
    const { body } = await this.server.admin.post(`${at.path}/staff-invitations`, call).expect(201);
    return body as { batchId: string; results: { invitationId: string }[] };
  }

  private async joined(at: { path: string }, role: string, name: string): Promise<Member> {
    const email = freshEmail('member');
    const { token } = await invite(this.server, this.server.admin, { id: '', ...at }, email, role);
    const { body } = await this.server.anonymous
      .post(`/v1/invitations/${token}/accept`, { name, password: PASSWORD })
      .expect(200);
    return { email, membershipId: String(body.membershipId), api: this.server.signedIn(String(body.token)) };
  }
}

function tokenIn(text: string, segment: string): string {
  return new RegExp(`/${segment}/([A-Za-z0-9_-]{51})`).exec(text)![1]!;
}
