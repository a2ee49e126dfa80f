import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invitePatient,
  join,
  makePatientLink,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor } from './portal-support.js';

describeOnOneEngine('the pages about patients', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let cohort: Place;
  let admin: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    cohort = await createDeployment(server, organisation, 'Cardiac Rehabilitation');
    admin = await join(server, cohort, 'admin');
  });
  afterAll(async () => server.close());

  const pageOf = (at = cohort) => `${at.path.replace('/v1/', '/portal/')}/patients`;
  const visitorOf = async (who: { email: string }) => signedInVisitor(server, who);

  it('answer each caller as the API does', async () => {
    const { id: link } = await makePatientLink(admin.api, cohort);
    const patient = await enrol(server, cohort);
    const callers: Record<string, Member> = {
      admin,
      'deployment staff': await join(server, cohort, 'deployment-staff'),
      'access controller': await join(server, cohort, 'access-controller'),
      contributor: await join(server, cohort, 'contributor'),
      'organisation owner': await join(server, organisation, 'organisation-owner'),
      'admin elsewhere': await join(server, await createDeployment(server, organisation), 'admin'),
      patient,
      observer: await observe(server, cohort),
    };
    const seen: Record<string, number[]> = {};
    const byApi: Record<string, number[]> = {};
    await readModelsCaughtUp(server);
    for (const [name, who] of Object.entries(callers)) {
      const visitor = await visitorOf(who);
      const pages = ['', '?type=pending', `/${patient.membershipId}`, '/links', `/links/${link}`];
      seen[name] = [];
      for (const page of pages) seen[name].push((await visitor.get(`${pageOf()}${page}`)).status);
      byApi[name] = [];
      for (const path of [
        `${cohort.path}/patients`,
        `${cohort.path}/patient-invitations`,
        `/v1/patients/${patient.membershipId}`,
        `${cohort.path}/patient-links`,
        `/v1/patient-links/${link}`,
      ])
        byApi[name].push((await who.api.get(path)).status);
    }
    for (const name of ['admin', 'deployment staff', 'access controller', 'organisation owner', 'admin elsewhere'])
      expect([name, seen[name]]).toEqual([name, byApi[name]]);
    expect(seen).toMatchObject({
      // They may not identify patients, so the id of an enrolment says nothing to them.
      admin: [200, 200, 404, 200, 200],
      'deployment staff': [200, 200, 404, 200, 200],
      'access controller': [403, 403, 404, 403, 404],
      contributor: byApi['contributor'],
      'admin elsewhere': [404, 404, 404, 404, 404],
      observer: [403, 403, 403, 403, 403],
    });
    // A patient reads their own enrolment by the API. The pages are for staff.
    expect(seen['patient']).toEqual([403, 403, 403, 403, 403]);
  });

  it('show a pseudonym to readers who may not identify patients', async () => {
    const email = freshEmail('secret');
    await invitePatient(server, admin.api, cohort, email);
    const enrolled = await enrol(server, cohort);
    await readModelsCaughtUp(server);
    // The role of an Admin has no identifiers, so only the inviter sees the address of an invitation.
    const staff = await visitorOf(await join(server, cohort, 'admin'));
    const pages = [(await staff.get(pageOf())).text, (await staff.get(`${pageOf()}?type=pending`)).text];
    for (const page of pages) {
      expect(page).not.toContain(email);
      expect(page).not.toContain(enrolled.email);
      expect(page).toMatch(/P-[0-9A-Z]{12}/);
      // Nobody searches by what they may not see.
      expect(page).not.toContain('id="q"');
    }
    expect((await (await visitorOf(admin)).get(`${pageOf()}?type=pending`)).text).toContain(email);
    const identifying = await visitorOf(await join(server, cohort, 'contributor'));
    const found = (await identifying.get(`${pageOf()}?q=${enrolled.email}`)).text;
    expect(found).toContain(enrolled.email);
  });

  it('invite typed addresses without a role', async () => {
    const visitor = await visitorOf(admin);
    const form = await visitor.get(`${pageOf()}/invite`);
    expect(headingOf(form.text)).toBe('Invite patients');
    expect(form.text).not.toContain('id="role"');
    expect([...form.text.matchAll(/<option value="(24h|48h|72h|7d|1y)"/g)].map(([, window]) => window)).toEqual([
      '24h',
      '48h',
      '7d',
      '1y',
    ]);
    const [one, two] = [freshEmail('one'), freshEmail('two')];
    const sent = await visitor.submit(`${pageOf()}/invite`, { emails: `${one}, ${two}, wrong@`, expiresIn: '48h' });
    expect(sent.status).toBe(200);
    expect(sent.text).toContain('2 invitations are on their way.');
    const batch = /\/patients\/batches\/([0-9a-f-]{36})/.exec(sent.text)![1]!;
    await server.smtp.mailTo(one);
    expect((await visitor.get(`${pageOf()}/batches/${batch}`)).status).toBe(200);
    // A batch of patients is none of staff.
    expect((await visitor.get(`${pageOf().replace('/patients', '/staff')}/batches/${batch}`)).status).toBe(404);
    expect((await visitor.submit(`${pageOf()}/batches/${batch}/undo`)).status).toBe(303);
    expect((await visitor.get(`${pageOf()}?type=pending`)).text).not.toContain(one);
  });

  it('resend, change and delete a pending invitation, each for who may', async () => {
    const email = freshEmail('waits');
    const { id } = await invitePatient(server, admin.api, cohort, email);
    const visitor = await visitorOf(admin);
    const to = (deed: string) => `${pageOf()}/invitations/${id}/${deed}`;
    const location = async (deed: string, fields = {}, by = visitor) =>
      (await by.submit(to(deed), fields)).headers['location'];
    const list = `${pageOf()}?type=pending`;
    expect(await location('resend')).toBe(`${list}&done=resent`);
    await server.smtp.mailTo(email, 2);
    expect(await location('change', { expiresIn: '1y' })).toBe(`${list}&done=altered`);
    const contributor = await visitorOf(await join(server, cohort, 'contributor'));
    expect((await contributor.submit(to('delete'))).status).toBe(403);
    const stranger = await visitorOf(await join(server, await createDeployment(server, organisation), 'admin'));
    expect((await stranger.submit(to('delete'))).status).toBe(404);
    expect(await location('delete')).toBe(`${list}&done=deleted`);
    expect((await visitor.get(list)).text).not.toContain(email);
  });

  it('offboard with a reason of the deployment or another, and reactivate', async () => {
    await server.admin.patch(cohort.path, { offboardingReasons: ['End of treatment'] }).expect(200);
    const { membershipId, email } = await enrol(server, cohort);
    const visitor = await visitorOf(await join(server, cohort, 'admin'));
    // For who may not identify patients, the id in the API's own address is an alias.
    const list = await visitor.get(pageOf());
    const [alias] = [...list.text.matchAll(/patients\/([0-9a-f-]{36})"/g)].map(([, id]) => id!).slice(-1);
    expect(alias).not.toBe(membershipId);
    const profile = `${pageOf()}/${alias}`;
    expect((await visitor.get(profile)).text).toContain('<option>End of treatment</option>');
    expect((await visitor.submit(`${profile}/offboard`, { reason: '', listed: '' })).headers['location']).toBe(
      `${profile}?failed=invalid-input`,
    );
    expect((await visitor.submit(`${profile}/offboard`, { reason: '', listed: 'End of treatment' })).status).toBe(303);
    expect((await visitor.get(profile)).text).toContain('End of treatment');
    expect((await visitor.get(`${pageOf()}?type=offboarded`)).text).toContain(`/${alias}"`);
    await server.smtp.mailTo(email, 1);
    expect((await visitor.submit(`${profile}/reactivate`)).headers['location']).toBe(`${profile}?done=reactivated`);
    const other = await visitorOf(await join(server, cohort, 'access-controller'));
    expect((await other.submit(`${profile}/offboard`, { listed: 'End of treatment' })).status).toBeGreaterThanOrEqual(
      403,
    );
  });

  it('make a link, show its address and code to who may, and stop it', async () => {
    const visitor = await visitorOf(admin);
    const links = `${pageOf()}/links`;
    const refused = await visitor.submit(links, { name: 'Poster', expiresIn: '1y', maxUses: 'many' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('Enter a whole number');
    expect(refused.text).toContain('value="Poster"');
    const made = await visitor.submit(links, { name: 'Poster', expiresIn: '1y', maxUses: '2' });
    const page = made.headers['location']!;
    const shown = await visitor.get(page);
    const url = /value="(http[^"]*\/join\/[^"]+)"/.exec(shown.text)![1]!;
    expect(shown.text).toContain('<svg');
    expect((await visitor.get(new URL(url).pathname)).status).toBe(200);
    const list = (await visitor.get(links)).text;
    expect(list).toContain('Poster');
    // The list has no address.
    expect(list).not.toContain('/join/');
    const elsewhere = await createDeployment(server, organisation);
    const stranger = await visitorOf(await join(server, elsewhere, 'admin'));
    expect((await stranger.get(page)).status).toBe(404);
    expect((await stranger.get(page.replace(cohort.id, elsewhere.id))).status).toBe(404);
    expect((await stranger.submit(`${page.replace(cohort.id, elsewhere.id)}/stop`)).status).toBe(404);
    expect((await visitor.submit(`${page}/stop`)).headers['location']).toBe(`${links}?done=link-stopped`);
    expect((await visitor.get(new URL(url).pathname)).status).toBe(410);
    expect((await visitor.get(page)).text).toContain('Somebody stopped this link.');
  });
});
