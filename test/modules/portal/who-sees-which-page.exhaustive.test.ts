import { describeOnOneEngine } from '../../support/engines.js';
import { pageRoutesOf } from '../../support/page-routes.js';
import { ADMIN, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  join,
  observe,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { HostilePlace } from './hostile-place.js';
import { signedInVisitor, Visitor } from './portal-support.js';

/** `ok`: the page; `->`: leads to another page; `in`: leads to the sign-in form; otherwise the status. */
const TABLE = `
no  SA  SU  AM  OO  OE  AU  AD  CO  DS  OS  AC  OB  PA  EO  EG  page
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account/close
ok  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /account/closed
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account/history
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account/notices
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account/password
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /account/sessions
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /address-undo/:token
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /address/:token
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /docs
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /docs/:area
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /invitations/:token
->  404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 /invitations/:token/welcome
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /join/:token
404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 /mailbox
404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 /mailbox/:key
in  404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 /mailbox/:key/content
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /password-reset
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /password-reset/:token
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 404 /portal/deployments/:id
in  ok  ok  403 ok  403 ok  ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/access
in  ok  ok  404 ok  404 404 ok  404 404 404 ok  403 403 404 404 /portal/deployments/:id/access/:grantId/why
in  ok  ok  403 ok  403 ok  ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/access/changes
in  400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 /portal/deployments/:id/access/over-time
in  ok  ok  403 ok  403 ok  ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/history
in  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /portal/deployments/:id/history/:eventId/revert
in  ok  ok  ok  ok  ok  403 ok  403 403 ok  ok  403 403 404 404 /portal/deployments/:id/observers
in  ok  ok  404 ok  404 404 ok  404 404 404 ok  403 403 404 404 /portal/deployments/:id/observers/:observerId/why
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/observers/batches
in  404 404 404 404 404 404 404 404 404 404 404 403 403 404 404 /portal/deployments/:id/observers/batches/:batchId
in  ok  ok  ok  ok  ok  403 ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/observers/invite
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/observers/invite/sending
in  ok  403 403 403 403 403 ok  ok  ok  403 403 403 403 404 404 /portal/deployments/:id/patients
in  ok  404 404 404 404 404 404 ok  404 404 404 403 403 404 404 /portal/deployments/:id/patients/:patientId
in  ok  404 404 404 404 404 404 ok  404 404 404 403 403 404 404 /portal/deployments/:id/patients/:patientId/history
in  ok  404 404 404 404 404 404 404 404 404 404 403 403 404 404 /portal/deployments/:id/patients/:patientId/why
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/patients/batches
in  404 404 404 404 404 404 404 404 404 404 404 403 403 404 404 /portal/deployments/:id/patients/batches/:batchId
in  ok  403 403 403 403 403 ok  403 ok  403 403 403 403 404 404 /portal/deployments/:id/patients/invite
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/patients/invite/sending
in  ok  403 403 403 403 403 ok  403 ok  403 403 403 403 404 404 /portal/deployments/:id/patients/links
in  ok  404 404 404 404 404 ok  404 ok  404 404 403 403 404 404 /portal/deployments/:id/patients/links/:linkId
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/roles
in  ok  404 404 ok  404 404 ok  404 404 404 ok  403 403 404 404 /portal/deployments/:id/roles/:roleId
in  ok  403 403 ok  403 403 ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/roles/new
in  ok  403 ok  ok  ok  403 403 403 403 403 403 403 403 404 404 /portal/deployments/:id/settings
in  ok  403 403 ok  403 403 403 403 403 403 403 403 403 404 404 /portal/deployments/:id/settings/archive
in  ok  ok  ok  ok  ok  403 ok  403 403 ok  ok  403 403 404 404 /portal/deployments/:id/staff
in  ok  ok  ok  ok  ok  404 ok  404 404 ok  ok  403 403 404 404 /portal/deployments/:id/staff/:memberId
in  ok  ok  ok  ok  ok  404 ok  404 404 ok  ok  403 403 404 404 /portal/deployments/:id/staff/:memberId/history
in  ok  ok  404 ok  404 404 ok  404 404 404 ok  403 403 404 404 /portal/deployments/:id/staff/:memberId/why
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/staff/batches
in  ok  ok  ok  ok  ok  404 ok  404 404 ok  ok  403 403 404 404 /portal/deployments/:id/staff/batches/:batchId
in  ok  ok  ok  ok  ok  403 ok  403 403 ok  ok  403 403 404 404 /portal/deployments/:id/staff/invitations
in  ok  ok  ok  ok  ok  404 ok  404 404 ok  ok  403 403 404 404 /portal/deployments/:id/staff/invitations/:invitationId/change
in  ok  ok  ok  ok  ok  403 ok  403 403 403 ok  403 403 404 404 /portal/deployments/:id/staff/invite
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  403 403 404 404 /portal/deployments/:id/staff/invite/sending
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/batches
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/batches/:batchId
in  ok  404 404 403 404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/files
in  ok  404 404 404 404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/files/:fileId
in  ok  404 404 403 404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/files/new
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/history
in  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /portal/groups/:id/history/:eventId/revert
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/invitations
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/invitations/:invitationId/change
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/invite
ok  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/invite/sending
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/members/:memberId
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/members/:memberId/history
in  ok  404 404 ok  404 404 404 404 404 404 404 404 404 404 404 /portal/groups/:id/settings
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 ok  404 404 /portal/organisations/:id
in  ok  ok  403 ok  403 ok  403 403 403 403 403 404 403 404 404 /portal/organisations/:id/access
in  ok  ok  404 ok  404 404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/access/:grantId/why
in  ok  ok  403 ok  403 ok  403 403 403 403 403 404 403 404 404 /portal/organisations/:id/access/changes
in  400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 /portal/organisations/:id/access/over-time
in  ok  403 ok  ok  ok  403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/deployments/new
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 403 404 404 /portal/organisations/:id/groups
in  ok  403 ok  ok  ok  403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/groups/new
in  ok  ok  403 ok  403 ok  403 403 403 403 403 404 403 404 404 /portal/organisations/:id/history
in  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /portal/organisations/:id/history/:eventId/revert
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 403 404 404 /portal/organisations/:id/roles
in  ok  404 404 ok  404 404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/roles/:roleId
in  ok  403 403 ok  403 403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/roles/new
in  ok  403 ok  ok  403 403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/settings
in  ok  403 ok  ok  403 403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/settings/archive
in  ok  ok  ok  ok  ok  403 ok  403 403 ok  ok  404 403 404 404 /portal/organisations/:id/staff
in  ok  ok  ok  ok  ok  404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/staff/:memberId
in  ok  ok  ok  ok  ok  404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/staff/:memberId/history
in  ok  ok  404 ok  404 404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/staff/:memberId/why
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 403 404 404 /portal/organisations/:id/staff/batches
in  ok  ok  ok  ok  ok  404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/staff/batches/:batchId
in  ok  ok  ok  ok  ok  403 ok  403 403 ok  ok  404 403 404 404 /portal/organisations/:id/staff/invitations
in  ok  ok  ok  ok  ok  404 404 404 404 404 404 404 403 404 404 /portal/organisations/:id/staff/invitations/:invitationId/change
in  ok  ok  ok  ok  ok  403 403 403 403 403 403 404 403 404 404 /portal/organisations/:id/staff/invite
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404 403 404 404 /portal/organisations/:id/staff/invite/sending
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /portal/places
in  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /portal/places/found
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform
in  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/access
in  ok  ok  404 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/access/:grantId/why
in  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/access/changes
in  400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 /portal/platform/access/over-time
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/deployments
in  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/history
in  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /portal/platform/history/:eventId/revert
in  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/operations
in  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/operations/mails
in  ok  403 ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/organisations/new
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/roles
in  404 404 404 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/roles/:roleId
in  403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/roles/new
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/:memberId
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/:memberId/history
in  ok  ok  404 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/:memberId/why
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/batches
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/batches/:batchId
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/invitations
in  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/invitations/:invitationId/change
in  ok  403 403 403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/invite
ok  ok  ok  ok  403 403 403 403 403 403 403 403 403 403 403 403 /portal/platform/staff/invite/sending
ok  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  ->  /sign-in
ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  /unsubscribe/:token
`;

const PLATFORM: Place = { id: '', path: '/v1/platform' };

/** The people of the columns: each holds one place, in the organisation, the deployment or elsewhere. */
async function peopleOf({ server, organisation, deployment }: HostilePlace): Promise<Record<string, Visitor>> {
  const elsewhere = await createOrganisation(server, 'Elsewhere');
  const at = async (place: Place, role: string) => join(server, place, role);
  const members = {
    SU: await at(PLATFORM, 'support'),
    AM: await at(PLATFORM, 'account-manager'),
    OO: await at(organisation, 'organisation-owner'),
    OE: await at(organisation, 'organisation-editor'),
    AU: await at(organisation, 'auditor'),
    AD: await at(deployment, 'admin'),
    CO: await at(deployment, 'contributor'),
    DS: await at(deployment, 'deployment-staff'),
    OS: await at(deployment, 'organisation-staff'),
    AC: await at(deployment, 'access-controller'),
    OB: await observe(server, deployment),
    PA: await enrol(server, deployment),
    EO: await at(elsewhere, 'organisation-owner'),
    EG: await observe(server, await createDeployment(server, elsewhere)),
  };
  const visitors: Record<string, Visitor> = { no: new Visitor(server.url), SA: await signedInVisitor(server, ADMIN) };
  for (const [who, member] of Object.entries(members)) visitors[who] = await signedInVisitor(server, member);
  return visitors;
}

describeOnOneEngine('who sees which page', (engine) => {
  let place: HostilePlace;
  let server: TestServer;
  let people: Record<string, Visitor>;
  beforeAll(async () => {
    place = await HostilePlace.make(engine);
    ({ server } = place);
    people = await peopleOf(place);
    await readModelsCaughtUp(server);
  }, 120_000);
  afterAll(async () => server.close());

  const answerOf = async (visitor: Visitor, path: string): Promise<string> => {
    const { status, headers } = await visitor.get(path);
    if (status === 303) return headers['location']?.includes('/sign-in?next=') ? 'in' : '->';
    return status === 200 ? 'ok' : String(status);
  };

  /** The first page of each sort of place. */
  const startsOf = ({ organisation, deployment }: HostilePlace): string[] =>
    [organisation.path, deployment.path, PLATFORM.path].map((path) => path.replace('/v1/', '/portal/'));

  it('is as this table says, for every page and every role', async () => {
    const before = (await server.events()).length;
    const routes = pageRoutesOf(server).filter(({ method, path }) => method === 'GET' && !path.startsWith('/assets'));
    const lines: string[] = [];
    for (const route of routes.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const answers: string[] = [];
      for (const visitor of Object.values(people)) answers.push(await answerOf(visitor, place.address(route)));
      // The address of a form leads everybody to its page: form-addresses.test.ts.
      if (answers.every((answer) => answer === '->')) continue;
      lines.push([...answers.map((answer) => answer.padEnd(3)), route.path].join(' '));
    }
    const head = [...Object.keys(people).map((who) => who.padEnd(3)), 'page'].join(' ');
    expect(`\n${[head, ...lines].join('\n')}\n`).toBe(TABLE);
    expect(await server.events()).toHaveLength(before);
  }, 240_000);

  it('agrees with the links of the side bar and of the Admin portal', async () => {
    const areasIn = (html: string): string[] => {
      const [side = ''] = /<nav id="side"[\s\S]*?<\/nav>/.exec(html) ?? [];
      const [tabs = ''] = /<nav aria-label="Admin portal">[\s\S]*?<\/nav>/.exec(html) ?? [];
      return [...`${side}${tabs}`.matchAll(/href="(\/portal\/[^"]*)"/g)].map(([, path]) => path!);
    };
    const faults: unknown[] = [];
    for (const start of startsOf(place)) {
      // A super-admin sees each area there is.
      const areas = areasIn((await people['SA']!.get(start)).text).filter((path) => path.startsWith(start));
      expect(areas.length).toBeGreaterThan(2);
      for (const [who, visitor] of Object.entries(people)) {
        const { status, text } = await visitor.get(start);
        const links = status === 200 ? areasIn(text) : [];
        for (const path of areas) {
          const opens = status === 200 && (await visitor.get(path)).status === 200;
          if (links.includes(path) !== opens)
            faults.push([who, path, opens ? 'opens without a link' : 'has a dead link']);
        }
      }
    }
    expect(faults).toEqual([]);
  }, 240_000);

  it('agrees with the deeds of the menu next to the name, of which none is dead', async () => {
    const deedsIn = (html: string): string[] => {
      const [menu = ''] = /<div id="me"[\s\S]*?<\/div>/.exec(html) ?? [];
      return [...menu.matchAll(/href="(\/portal\/[^"]*)"/g)].map(([, path]) => path!);
    };
    const dead: string[][] = [];
    let seen = 0;
    for (const [who, visitor] of Object.entries(people))
      for (const start of startsOf(place))
        for (const path of deedsIn((await visitor.get(start)).text)) {
          seen += 1;
          const answer = await answerOf(visitor, path);
          if (answer !== 'ok') dead.push([who, path, answer]);
        }
    expect(seen).toBeGreaterThan(20);
    expect(dead).toEqual([]);
  });
});
