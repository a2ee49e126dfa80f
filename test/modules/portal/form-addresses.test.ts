import { readdirSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  invite,
  join,
  joinGroup,
  makePatientLink,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { pathIn } from '../invitations/subscriptions/subscriptions-support.js';
import { Visitor } from './portal-support.js';

const PAGES = path(import.meta.dirname, '../../../src/modules/portal');
/** The address of each form that writes, in the templates, and the page that a GET of it leads to. */
const FORMS: Record<string, string> = {
  '/sign-in': '/sign-in',
  '/sign-out': '/',
  '/invitations/{{token}}/accept': '/invitations/{{token}}',
  '/invitations/{{token}}/sign-in': '/invitations/{{token}}',
  '/invitations/{{token}}/sign-out': '/invitations/{{token}}',
  '/invitations/{{token}}/decline': '/invitations/{{token}}',
  '/join/{{token}}': '/join/{{token}}',
  '/unsubscribe/{{token}}': '/unsubscribe/{{token}}',
  '/unsubscribe/{{token}}/undo': '/unsubscribe/{{token}}',
  '/me/invitations/{{id}}/accept': '/',
  '/me/invitations/{{id}}/decline': '/',
  '/me/notices': '/account/notices',
  '/account/address': '/account',
  '/account/name': '/account',
  '/account/password': '/account/password',
  '/account/close': '/account/close',
  '/account/sessions/end': '/account/sessions',
  '/account/sessions/{{id}}/end': '/account/sessions',
  '/password-reset': '/password-reset',
  '/password-reset/{{token}}': '/password-reset/{{token}}',
  '/address/{{token}}': '/address/{{token}}',
  '/address-undo/{{token}}': '/address-undo/{{token}}',
  '/me/unsubscriptions/{{id}}/end': '/account/notices',
};

/**
 * The forms about a place, as the templates name their addresses; the address of each there, and the page that a GET of
 * it leads to.
 */
const FORMS_OF_PLACES: Record<string, readonly [address: string, page: string]> = {
  '{{path}}/invite': ['/staff/invite', '/staff/invite'],
  '{{path}}/invite/review': ['/staff/invite/review', '/staff/invite'],
  '{{path}}/invite/import': ['/staff/invite/import', '/staff/invite'],
  '{{@root.path}}/invitations/{{id}}/resend': ['/staff/invitations/{{id}}/resend', '/staff/invitations'],
  '{{@root.path}}/invitations/{{id}}/delete': ['/staff/invitations/{{id}}/delete', '/staff/invitations'],
  '{{path}}/invitations/{{invitation.id}}/change': [
    '/staff/invitations/{{pending}}/change',
    '/staff/invitations/{{pending}}/change',
  ],
  '{{path}}/invitations/selected': ['/staff/invitations/selected', '/staff/invitations'],
  '{{path}}/batches/{{batch.id}}/undo': ['/staff/batches/{{batch}}/undo', '/staff/batches/{{batch}}'],
  '{{path}}/{{member.id}}/role': ['/staff/{{member}}/role', '/staff/{{member}}'],
  '{{path}}/{{member.id}}/end': ['/staff/{{member}}/end', '/staff/{{member}}'],
  '{{path}}/{{#if role}}{{role.id}}{{else}}new{{/if}}': ['/roles/new', '/roles/new'],
  '{{path}}/{{role.id}}/delete': ['/roles/{{role}}/delete', '/roles/{{role}}'],
  '{{path}}/new': ['/groups/new', '/groups/new'],
  '{{path}}/{{eventId}}/revert': ['/history/{{member}}/revert', '/history'],
  '{{place.path}}/settings': ['/settings', '/settings'],
  '{{place.path}}/settings/archive': ['/settings/archive', '/settings/archive'],
  '{{place.path}}/settings/restore': ['/settings/restore', '/settings'],
  '{{back}}/{{#if isOrganisation}}organisations{{else}}deployments{{/if}}/new': [
    '/deployments/new',
    '/deployments/new',
  ],
};

/** The forms of the Admin portal, as above. */
const FORMS_OF_THE_PLATFORM: Record<string, readonly [address: string, page: string]> = {
  '/portal/platform/{{kind}}s/{{id}}/archive': ['/organisations/{{id}}/archive', ''],
  '/portal/platform/{{kind}}s/{{id}}/restore': ['/deployments/{{id}}/restore', '/deployments'],
  '/portal/platform/operations/read-models/{{name}}/resume': [
    '/operations/read-models/invitation-list/resume',
    '/operations',
  ],
  '/portal/platform/operations/read-models/{{name}}/rebuild': [
    '/operations/read-models/invitation-list/rebuild',
    '/operations',
  ],
  '/portal/platform/operations/mails/{{key}}/retry': ['/operations/mails/{{id}}/retry', '/operations/mails'],
};

/** The same of forms about the observers of a deployment. */
const FORMS_OF_OBSERVERS: Record<string, readonly [address: string, page: string]> = {
  '{{@root.path}}/{{id}}/end': ['/observers/{{patient}}/end', '/observers'],
};

/** The same of forms about the patients of a deployment. */
const FORMS_OF_PATIENTS: Record<string, readonly [address: string, page: string]> = {
  '{{@root.path}}/invitations/{{id}}/change': ['/patients/invitations/{{id}}/change', '/patients?type=pending'],
  '{{path}}/{{patient.id}}/offboard': ['/patients/{{patient}}/offboard', '/patients/{{patient}}'],
  '{{path}}/{{patient.id}}/reactivate': ['/patients/{{patient}}/reactivate', '/patients/{{patient}}'],
  '{{path}}/links': ['/patients/links', '/patients/links'],
  '{{path}}/links/{{link.id}}/stop': ['/patients/links/{{link}}/stop', '/patients/links/{{link}}'],
};

/** The same of forms about a group. */
const FORMS_OF_GROUPS: Record<string, readonly [address: string, page: string]> = {
  '{{path}}/members/{{member.id}}/set': ['/members/{{groupMember}}/set', '/members/{{groupMember}}'],
  '{{path}}/members/{{member.id}}/end': ['/members/{{groupMember}}/end', '/members/{{groupMember}}'],
  '{{@root.path}}/members/{{id}}/set': ['/members/{{groupMember}}/set', '/members/{{groupMember}}'],
  '{{@root.path}}/members/{{id}}/end': ['/members/{{groupMember}}/end', '/members/{{groupMember}}'],
  '{{path}}/files/new': ['/files/new', '/files/new'],
  '{{path}}/files/{{file.id}}': ['/files/{{file}}', '/files/{{file}}'],
  '{{path}}/files/{{file.id}}/remove': ['/files/{{file}}/remove', '/files/{{file}}'],
  '{{@root.path}}/files/{{id}}/remove': ['/files/{{file}}/remove', '/files/{{file}}'],
  '{{@root.path}}/files/{{@root.file.id}}/exceptions': ['/files/{{file}}/exceptions', '/files/{{file}}'],
  '{{path}}/settings': ['/settings', '/settings'],
  '{{path}}/delete': ['/delete', '/settings'],
  '/portal/groups/{{id}}/restore': ['/restore', ''],
};

/** They send a form again, to the address of that form. */
const SENT_AGAIN = ['{{path}}', '{{again.path}}'];

function actionsIn(folder: string): string[] {
  const templates = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.hbs'));
  return templates.flatMap((file) =>
    [
      ...readFileSync(path(folder, file), 'utf8').matchAll(
        /<form\b(?![^>]*\smethod="get")[^>]*\saction="\{\{(?:@root\.)?base\}\}([^"]*)"/g,
      ),
    ].map(([, action]) => action!),
  );
}

describe('the table', () => {
  it('has every form of the pages that writes', () => {
    const forms = readdirSync(PAGES, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.hbs'))
      .map((file) => readFileSync(path(PAGES, file), 'utf8').match(/<form\b(?![^>]*\smethod="get")/g)?.length ?? 0);
    expect(actionsIn(PAGES)).toHaveLength(forms.reduce((sum, some) => sum + some, 0));
    // The form of the confirmation posts to the address of the first form.
    const actions = actionsIn(PAGES).flatMap((action) =>
      action === '{{path}}/decline' ? ['/invitations/{{token}}/decline', '/me/invitations/{{id}}/decline'] : [action],
    );
    const buttons = [
      ...readFileSync(path(PAGES, 'invite/invite.hbs'), 'utf8').matchAll(/formaction="\{\{base\}\}([^"]*)"/g),
    ];
    expect(
      [
        ...Object.keys(FORMS),
        ...Object.keys(FORMS_OF_PLACES),
        ...Object.keys(FORMS_OF_PATIENTS),
        ...Object.keys(FORMS_OF_OBSERVERS),
        ...Object.keys(FORMS_OF_GROUPS),
        ...Object.keys(FORMS_OF_THE_PLATFORM),
        ...SENT_AGAIN,
      ].sort(),
    ).toEqual([...new Set([...actions, ...buttons.map(([, action]) => action!)])].sort());
  });
});

describeOnOneEngine('a GET of a form address', (engine) => {
  let server: TestServer;
  let place: Place;
  let member: Member;
  let elsewhere: Place;
  let cohort: Place;
  let carer: Member;
  let patient: string;
  let group: Place;
  let groupMember: string;
  let file: string;
  let link: string;
  let role: string;
  let batch: string;
  let pending: string;
  let id: string;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    const invitee = freshEmail();
    tokens['invitations'] = (await invite(server, server.admin, place, invitee, 'contributor')).token;
    tokens['unsubscribe'] = pathIn(await server.smtp.mailTo(invitee), server).slice('/unsubscribe/'.length);
    tokens['join'] = (await makePatientLink(server.admin, await createDeployment(server, place))).token;
    elsewhere = await createOrganisation(server, 'Elsewhere');
    member = await join(server, elsewhere, 'organisation-owner');
    const { body } = await member.api
      .post(`${elsewhere.path}/roles`, { name: 'Night nurse', permissions: ['patients.view'] })
      .expect(201);
    role = (body as { id: string }).id;
    cohort = await createDeployment(server, elsewhere);
    // Only who may identify patients finds them by their own ids.
    const permissions = ['patients.manage', 'patients.view-identifiers'];
    const clinical = await member.api.post(`${elsewhere.path}/roles`, { name: 'Carer', permissions }).expect(201);
    carer = await join(server, cohort, (clinical.body as { id: string }).id);
    patient = (await enrol(server, cohort, undefined, server.admin)).membershipId;
    link = (await makePatientLink(server.admin, cohort)).id;
    group = await createGroup(server, elsewhere, 'Tumour board', member.api);
    groupMember = (await joinGroup(server, group, {}, undefined, member.api)).membershipId;
    const added = await member.api.post(`${group.path}/files`, { name: 'Minutes', url: 'minutes' }).expect(201);
    file = (added.body as { id: string }).id;
    id = (await invite(server, server.admin, place, member.email, 'contributor')).id;
    const call = { emails: [freshEmail(), freshEmail()], role: 'contributor' };
    const { body: called } = await member.api.post(`${elsewhere.path}/staff-invitations`, call).expect(201);
    batch = called.batchId as string;
    pending = called.results[0].invitationId as string;
    const forgetful = await join(server, place, 'contributor');
    await server.anonymous.post('/v1/auth/password-reset', { email: forgetful.email }).expect(202);
    await idle(server);
    const mail = server.smtp.to(forgetful.email).at(-1)!;
    tokens['password-reset'] = /\/password-reset\/([A-Za-z0-9_-]{51})/.exec(mail.text)![1]!;
    const mover = await join(server, place, 'contributor');
    const ask = async (email: string): Promise<string> => {
      await mover.api.post('/v1/me/address', { email, password: PASSWORD }).expect(202);
      await idle(server);
      return /\/address\/([A-Za-z0-9_-]{51})/.exec(server.smtp.to(email).at(-1)!.text)![1]!;
    };
    await server.anonymous.post(`/v1/address-changes/${await ask(freshEmail())}`).expect(204);
    tokens['address'] = await ask(freshEmail());
    tokens['address-undo'] = /\/address-undo\/([A-Za-z0-9_-]{51})/.exec(server.smtp.to(mover.email).at(-1)!.text)![1]!;
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  const filled = (template: string): string =>
    template.replace('{{token}}', tokens[template.split('/')[1]!] ?? '').replace('{{id}}', id);

  it.each(Object.entries(FORMS))('%s leads to its page and changes nothing', async (template, page) => {
    const signedIn = new Visitor(server.url);
    await signedIn.submit('/sign-in', { email: member.email, password: PASSWORD });
    const before = (await server.events()).length;
    for (const visitor of [new Visitor(server.url), signedIn]) {
      const wasSignedIn = visitor.isSignedIn;
      const form = filled(template);
      const answer = await visitor.get(form);
      // A form that posts to the address of its page causes no redirect. A signed-in person needs no sign-in form.
      const target = template === '/sign-in' && wasSignedIn ? '/' : filled(page);
      if (target !== form) expect([answer.status, answer.headers['location']]).toEqual([303, target]);
      const { status, headers } = await visitor.get(target);
      // A page of one's account needs a session.
      const leadsToSignIn = !wasSignedIn && target.startsWith('/account/') && target !== '/account/close';
      expect([status, headers['location']]).toEqual(
        leadsToSignIn ? [303, `/sign-in?next=${encodeURIComponent(target)}`] : [200, undefined],
      );
      expect(visitor.isSignedIn).toBe(wasSignedIn);
    }
    expect(await server.events()).toHaveLength(before);
  });

  const leadsToItsPage = async ({ email }: Member, place: Place, form: string, page: string): Promise<void> => {
    const signedIn = new Visitor(server.url);
    await signedIn.submit('/sign-in', { email, password: PASSWORD });
    const before = (await server.events()).length;
    const at = (template: string): string =>
      place.path.replace('/v1/', '/portal/') +
      template
        .replace('{{id}}', id)
        .replace('{{member}}', member.membershipId)
        .replace('{{role}}', role)
        .replace('{{batch}}', batch)
        .replace('{{pending}}', pending)
        .replace('{{patient}}', patient)
        .replace('{{groupMember}}', groupMember)
        .replace('{{file}}', file)
        .replace('{{link}}', link);
    const answer = await signedIn.get(at(form));
    if (form !== page) expect([answer.status, answer.headers['location']]).toEqual([303, at(page)]);
    expect((await signedIn.get(at(page))).status).toBe(200);
    expect(await server.events()).toHaveLength(before);
  };

  it.each(Object.values(FORMS_OF_OBSERVERS))(
    '%s of a deployment leads to its page, and changes nothing',
    async (form, page) => leadsToItsPage(member, cohort, form, page),
  );

  it.each(Object.values(FORMS_OF_GROUPS))('%s of a group leads to its page, and changes nothing', async (form, page) =>
    leadsToItsPage(member, group, form, page),
  );

  it.each(Object.values(FORMS_OF_PLACES))('%s of a place leads to its page, and changes nothing', async (form, page) =>
    leadsToItsPage(member, elsewhere, form, page),
  );

  it.each(Object.values(FORMS_OF_PATIENTS))(
    '%s of a deployment leads to its page, and changes nothing',
    async (form, page) => leadsToItsPage(carer, cohort, form, page),
  );

  it.each(Object.values(FORMS_OF_THE_PLATFORM))(
    '%s of the platform leads to its list, and changes nothing',
    async (form, page) => {
      const signedIn = new Visitor(server.url);
      await signedIn.submit('/sign-in', ADMIN);
      const before = (await server.events()).length;
      const { status, headers } = await signedIn.get(`/portal/platform${form.replace('{{id}}', elsewhere.id)}`);
      expect([status, headers['location']]).toEqual([303, `/portal/platform${page}`]);
      expect((await signedIn.get(`/portal/platform${page}`)).status).toBe(200);
      expect(await server.events()).toHaveLength(before);
    },
  );
});
