import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  join,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, type Visitor } from './portal-support.js';

describeOnOneEngine('the pages that say why', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let cohort: Place;
  let owner: Visitor;
  let ownerMember: Member;
  let nurse: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    cohort = await createDeployment(server, organisation, 'Cardiac Rehabilitation');
    ownerMember = await join(server, organisation, 'organisation-owner');
    nurse = await join(server, cohort, 'contributor', 'nurse@example.test', ownerMember.api);
    owner = await signedInVisitor(server, ownerMember);
    const changed = { role: 'admin', reason: 'leads the ward' };
    await ownerMember.api.patch(`/v1/staff/${nurse.membershipId}`, changed).expect(200);
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  const pageOf = ({ path }: Place): string => path.replace('/v1/', '/portal/');
  const plain = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  const linkTo = (text: string, ending: RegExp): string => {
    const found = [...text.matchAll(/href="([^"]*)"/g)].map(([, path]) => path!.replaceAll('&#x3D;', '='));
    return found.find((path) => ending.test(path)) ?? '';
  };
  const shown = async (visitor: Visitor, path: string): Promise<string> => {
    const { status, text } = await visitor.get(path);
    expect([path, status]).toEqual([path, 200]);
    return text.slice(text.indexOf('<main'));
  };

  it('lead from each grant in the table of access to its chain in sentences', async () => {
    const path = linkTo(
      await shown(owner, `${pageOf(cohort)}/access?permission=patients.manage`),
      /\/why\?number=\d+$/,
    );
    const page = await shown(owner, path);
    expect(headingOf(page)).toBe('Why Name of contributor has this access: Admin, Cardiac Rehabilitation');
    const told = plain(page);
    expect(told).toMatch(
      /Name of organisation-owner invited nurse@example\.test to Cardiac Rehabilitation as Contributor/,
    );
    expect(told).toMatch(/changed the role of Name of contributor .* from Contributor to Admin.*leads the ward/);
    expect(told).toMatch(/Name of organisation-owner could do it, because:.*joined .* as Organisation Owner/);
    expect(told).toContain('Something on the platform that you may not see');
    expect(told).toContain('Every authority leads back to the first start of the installation.');
    const [, again = ''] = /href="(#by-\d+)"/.exec(page) ?? [];
    expect(page).toContain(`id="${again.slice(1)}"`);
    const admin = plain(await shown(await signedInVisitor(server, ADMIN), path));
    expect(admin).toContain('The first start of the installation did this.');
    expect(admin).not.toContain('you may not see');
  });

  it('stand next to members, observers and patients where the visitor may audit, and nowhere else', async () => {
    const [observer, patient] = [await observe(server, cohort), await enrol(server, cohort)];
    const group = await createGroup(server, organisation, 'Board', ownerMember.api);
    await readModelsCaughtUp(server);
    const [auditing, staff] = [
      await signedInVisitor(server, await join(server, cohort, 'admin')),
      await signedInVisitor(server, await join(server, cohort, 'organisation-staff')),
    ];
    const lists = [`${pageOf(cohort)}/staff`, `${pageOf(cohort)}/staff/${nurse.membershipId}`];
    for (const list of [...lists, `${pageOf(cohort)}/observers`, `${pageOf(cohort)}/patients`]) {
      const path = linkTo(await shown(auditing, list), /\/why$/);
      expect([list, path]).toEqual([list, expect.stringContaining('/why')]);
      expect(plain(await shown(auditing, path))).toContain('What it follows from');
    }
    for (const list of [...lists, `${pageOf(cohort)}/observers`]) {
      expect(linkTo(await shown(staff, list), /\/why$/)).toBe('');
    }
    const pages = [
      `staff/${nurse.membershipId}`,
      `observers/${observer.membershipId}`,
      `patients/${patient.membershipId}`,
      `access/${nurse.membershipId}`,
      'access/no-id',
    ];
    for (const page of pages)
      expect([page, (await staff.get(`${pageOf(cohort)}/${page}/why`)).status]).toEqual([page, 404]);
    // A page of another place shows it to nobody.
    expect((await owner.get(`${pageOf(organisation)}/staff/${nurse.membershipId}/why`)).status).toBe(404);
    const founding = linkTo(
      await shown(owner, `${pageOf(organisation)}/access?permission=`),
      new RegExp(`^${pageOf(organisation)}/access/[\\da-f-]+/why\\?number=\\d+$`),
    );
    expect(plain(await shown(owner, founding))).toContain('What it follows from');
    expect(group.id).not.toBe('');
  });

  it('draw what one person gained and lost, with a table', async () => {
    const list = await shown(owner, `${pageOf(cohort)}/access?permission=patients.manage`);
    const [, person = ''] = /\?subject=([\da-f-]{36})"/.exec(list) ?? [];
    const page = await shown(owner, `${pageOf(cohort)}/access/over-time?person=${person}`);
    expect(headingOf(page)).toBe('Access of Name of contributor over time');
    expect(page.match(/<rect /g)).toHaveLength(2);
    expect(page).not.toMatch(/ style=|<script/);
    const told = plain(page);
    expect(told).toMatch(/Contributor .*\+ .*Admin .*\+ .*− /);
    expect((await owner.get(`${pageOf(cohort)}/access/over-time`)).status).toBe(400);
    const outsider = await signedInVisitor(server, await join(server, cohort, 'organisation-staff'));
    expect((await outsider.get(`${pageOf(cohort)}/access/over-time?person=${person}`)).status).toBe(403);
    const elsewhere = await join(server, await createOrganisation(server, 'Lakeside'), 'organisation-owner');
    const stranger = await signedInVisitor(server, elsewhere);
    expect((await stranger.get(`${pageOf(cohort)}/access/over-time?person=${person}`)).status).toBe(404);
    const nobody = `${pageOf(cohort)}/access/over-time?person=${cohort.id}`;
    expect(plain(await shown(owner, nobody))).toContain('This person never had access here');
  });

  it('show everybody what was given to them and taken from them', async () => {
    const visitor = await signedInVisitor(server, nurse);
    const own = plain(await shown(visitor, '/account/history'));
    expect(own).toContain('Name of organisation-owner changed the role of Name of contributor');
    expect(own).not.toContain('signed in');
    expect(own).not.toContain('leads the ward');
    expect(plain(await shown(visitor, '/account/history?what=everything'))).toContain('Name of contributor signed in');
    expect((await visitor.get('/account/history?cursor=soon')).status).toBe(400);
  });
});
