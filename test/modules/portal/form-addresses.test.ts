import { readdirSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  idle,
  invite,
  join,
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
  '/me/notices': '/#notices',
  '/account/address': '/account',
  '/account/name': '/account',
  '/account/password': '/account',
  '/account/close': '/account/close',
  '/account/sessions/end': '/account',
  '/account/sessions/{{id}}/end': '/account',
  '/password-reset': '/password-reset',
  '/password-reset/{{token}}': '/password-reset/{{token}}',
  '/address/{{token}}': '/address/{{token}}',
  '/address-undo/{{token}}': '/address-undo/{{token}}',
  '/me/unsubscriptions/{{id}}/end': '/#notices',
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
};

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
      ...readFileSync(path(PAGES, 'staff/staff-invite.hbs'), 'utf8').matchAll(/formaction="\{\{base\}\}([^"]*)"/g),
    ];
    expect([...Object.keys(FORMS), ...Object.keys(FORMS_OF_PLACES)].sort()).toEqual(
      [...new Set([...actions, ...buttons.map(([, action]) => action!)])].sort(),
    );
  });
});

describeOnOneEngine('a GET of a form address', (engine) => {
  let server: TestServer;
  let place: Place;
  let member: Member;
  let elsewhere: Place;
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
      if (target === form) expect(answer.status).toBe(200);
      else expect([answer.status, answer.headers['location']]).toEqual([303, target]);
      expect((await visitor.get(target)).status).toBe(200);
      expect(visitor.isSignedIn).toBe(wasSignedIn);
    }
    expect(await server.events()).toHaveLength(before);
  });

  it.each(Object.values(FORMS_OF_PLACES))(
    '%s of a place leads to its page, and changes nothing',
    async (form, page) => {
      const signedIn = new Visitor(server.url);
      await signedIn.submit('/sign-in', { email: member.email, password: PASSWORD });
      const before = (await server.events()).length;
      const at = (template: string): string =>
        elsewhere.path.replace('/v1/', '/portal/') +
        template
          .replace('{{id}}', id)
          .replace('{{member}}', member.membershipId)
          .replace('{{role}}', role)
          .replace('{{batch}}', batch)
          .replace('{{pending}}', pending);
      const answer = await signedIn.get(at(form));
      if (form !== page) expect([answer.status, answer.headers['location']]).toEqual([303, at(page)]);
      expect((await signedIn.get(at(page))).status).toBe(200);
      expect(await server.events()).toHaveLength(before);
    },
  );
});
