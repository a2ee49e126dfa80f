import { readdirSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  makePatientLink,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { pathIn } from '../invitations/subscriptions/subscriptions-support.js';
import { Visitor } from './portal-support.js';

const PAGES = path(import.meta.dirname, '../../../src/modules/portal/pages');
/** The address of each form, as the templates have it, and where a GET of it ends. */
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
  '/me/unsubscriptions/{{id}}/end': '/#notices',
};

function actionsIn(folder: string): string[] {
  const templates = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.hbs'));
  return templates.flatMap((file) =>
    [
      ...readFileSync(path(folder, file), 'utf8').matchAll(/<form\b[^>]*\saction="\{\{(?:@root\.)?base\}\}([^"]*)"/g),
    ].map(([, action]) => action!),
  );
}

describe('the table', () => {
  it('has every form of the pages', () => {
    const forms = readdirSync(PAGES, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.hbs'))
      .map((file) => readFileSync(path(PAGES, file), 'utf8').match(/<form\b/g)?.length ?? 0);
    expect(actionsIn(PAGES)).toHaveLength(forms.reduce((sum, some) => sum + some, 0));
    // The form that asks again posts to where the first one did.
    const actions = actionsIn(PAGES).flatMap((action) =>
      action === '{{path}}/decline' ? ['/invitations/{{token}}/decline', '/me/invitations/{{id}}/decline'] : [action],
    );
    expect(Object.keys(FORMS).sort()).toEqual([...new Set(actions)].sort());
  });
});

describeOnOneEngine('the address of a form, when it is followed', (engine) => {
  let server: TestServer;
  let place: Place;
  let member: Member;
  let id: string;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    const invitee = freshEmail();
    tokens['invitations'] = (await invite(server, server.admin, place, invitee, 'contributor')).token;
    tokens['unsubscribe'] = pathIn(await server.smtp.mailTo(invitee), server).slice('/unsubscribe/'.length);
    tokens['join'] = (await makePatientLink(server.admin, await createDeployment(server, place))).token;
    member = await join(server, await createOrganisation(server, 'Elsewhere'), 'organisation-owner');
    id = (await invite(server, server.admin, place, member.email, 'contributor')).id;
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  const filled = (template: string): string =>
    template.replace('{{token}}', tokens[template.split('/')[1]!] ?? '').replace('{{id}}', id);

  it.each(Object.entries(FORMS))('%s goes to its page and changes nothing', async (template, page) => {
    const signedIn = new Visitor(server.url);
    await signedIn.submit('/sign-in', { email: member.email, password: PASSWORD });
    const before = (await server.events()).length;
    for (const visitor of [new Visitor(server.url), signedIn]) {
      const wasSignedIn = visitor.isSignedIn;
      const form = filled(template);
      const answer = await visitor.get(form);
      // A page whose form posts to its own address is there already; who is signed in needs no form to sign in.
      const target = template === '/sign-in' && wasSignedIn ? '/' : filled(page);
      if (target === form) expect(answer.status).toBe(200);
      else expect([answer.status, answer.headers['location']]).toEqual([303, target]);
      expect((await visitor.get(target)).status).toBe(200);
      expect(visitor.isSignedIn).toBe(wasSignedIn);
    }
    expect(await server.events()).toHaveLength(before);
  });
});
