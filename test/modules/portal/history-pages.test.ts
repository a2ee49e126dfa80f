import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  join,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, type Visitor } from './portal-support.js';

const DAY_MS = 86_400_000;

describeOnOneEngine('the pages about the history', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let cohort: Place;
  let ownerMember: Member;
  let owner: Visitor;
  let auditor: Visitor;
  let nurse: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    cohort = await createDeployment(server, organisation, 'Cardiac Rehabilitation');
    ownerMember = await join(server, organisation, 'organisation-owner');
    nurse = await join(server, cohort, 'contributor');
    owner = await signedInVisitor(server, ownerMember);
    auditor = await signedInVisitor(server, await join(server, organisation, 'auditor'));
    const { id } = (await ownerMember.api.get(`/v1/staff/${nurse.membershipId}`).expect(200)).body;
    await ownerMember.api.patch(`/v1/staff/${String(id)}`, { role: 'admin', reason: 'leads the ward' }).expect(200);
    await readModelsCaughtUp(server);
  });
  afterAll(async () => server.close());

  const pageOf = ({ path }: Place): string => path.replace('/v1/', '/portal/');
  const day = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);
  const plain = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  const shownAt = async (visitor: Visitor, path: string): Promise<string> => {
    const { status, text } = await visitor.get(path);
    expect([path, status]).toEqual([path, 200]);
    return plain(text.slice(text.indexOf('<main')));
  };

  it('answer each caller as the API does', async () => {
    const callers: Member[] = [
      ownerMember,
      nurse,
      await join(server, organisation, 'organisation-staff'),
      await join(server, await createOrganisation(server, 'Lakeside Clinic'), 'organisation-owner'),
      await enrol(server, cohort),
      await observe(server, cohort),
    ];
    for (const caller of callers) {
      const visitor = await signedInVisitor(server, caller);
      for (const place of [organisation, cohort, { id: '', path: '/v1/platform' }]) {
        const asked = (await caller.api.get(`${place.path}/history`)).status;
        for (const path of ['history', 'access', 'access/changes'])
          expect([place.path, path, (await visitor.get(`${pageOf(place)}/${path}`)).status]).toEqual([
            place.path,
            path,
            asked,
          ]);
      }
    }
  });

  it('say who did what to whom and why, and lead to all about a person', async () => {
    const list = `${pageOf(organisation)}/history`;
    const shown = await shownAt(owner, `${list}?area=team`);
    expect(shown).toContain('leads the ward');
    expect(shown).toMatch(/changed .*Contributor .*Admin/);
    const { text } = await owner.get(`${list}?area=team`);
    const [, subject = ''] = /\?subject=([\da-f-]{36})"/.exec(text) ?? [];
    const about = await owner.get(`${list}?subject=${subject}`);
    expect(headingOf(about.text)).toMatch(/^History of /);
    expect(await shownAt(owner, `${list}?area=roles`)).toContain('Nothing happened that fits');
    expect(await shownAt(owner, `${list}?to=${day(2)}`)).not.toContain('leads the ward');
    expect(await shownAt(owner, `${list}?from=${day(1)}&to=${day(0)}`)).toContain('leads the ward');
    expect((await owner.get(`${list}?from=soon`)).status).toBe(400);
  });

  it('show the story of a member on the way from the profile', async () => {
    const profile = `${pageOf(cohort)}/staff/${nurse.membershipId}`;
    expect((await owner.get(profile)).text).toContain(`href="${profile}/history"`);
    const story = await shownAt(owner, `${profile}/history`);
    expect(story).toContain('leads the ward');
    expect((await owner.get(`${pageOf(organisation)}/staff/${nurse.membershipId}/history`)).status).toBe(404);
    const patient = await enrol(server, cohort);
    await readModelsCaughtUp(server);
    const enrolment = `${pageOf(cohort)}/patients/${patient.membershipId}/history`;
    expect((await signedInVisitor(server, ADMIN).then(async (visitor) => visitor.get(enrolment))).status).toBe(200);
    expect((await owner.get(enrolment)).status).toBe((await owner.get(enrolment.replace(/\/history$/, ''))).status);
  });

  it('list who had which access at the end of a day, and what changed since', async () => {
    const access = `${pageOf(cohort)}/access`;
    expect(await shownAt(owner, access)).toMatch(/Name of contributor Admin /);
    expect(await shownAt(owner, `${access}?at=${day(2)}`)).toContain('Nobody had access then');
    expect(await shownAt(owner, `${access}?permission=staff.manage`)).toContain('Name of contributor');
    expect(await shownAt(owner, `${access}?permission=organisation.create`)).toContain('Nobody had access then');
    expect((await owner.get(`${access}?at=${day(-5)}`)).status).toBe(400);
    const changes = `${pageOf(cohort)}/access/changes`;
    expect(await shownAt(owner, changes)).toMatch(/Name of contributor Added Admin/);
    expect(await shownAt(owner, `${changes}?from=${day(30)}&to=${day(2)}`)).toContain('Nobody gained or lost access');
    expect((await owner.get(`${changes}?from=${day(-5)}`)).status).toBe(400);
  });

  it('name nobody to an auditor, and still tell people apart', async () => {
    for (const path of ['history', 'access', 'access/changes']) {
      const { text } = await auditor.get(`${pageOf(organisation)}/${path}`);
      const told = [ownerMember.email, nurse.email, 'Name of contributor', 'Name of organisation-owner'];
      expect([path, told.filter((each) => text.includes(each))]).toEqual([path, []]);
      expect(text).toMatch(/P-[A-Z\d]/);
    }
    const list = `${pageOf(organisation)}/history`;
    const { text } = await auditor.get(list);
    expect(text).toContain('A reason was given. You may not read it.');
    const [, alias = ''] = /\?subject=([\da-f-]{36})"/.exec(text) ?? [];
    expect(headingOf((await auditor.get(`${list}?subject=${alias}`)).text)).toMatch(/^History of P-/);
  });

  it('export what they show as a file', async () => {
    const { text } = await owner.get(`${pageOf(organisation)}/history?area=team&from=${day(1)}`);
    const [, address = ''] = /href="([^"]*format(?:=|&#x3D;)csv)" download/.exec(text) ?? [];
    const file = await owner.get(address.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    expect([file.status, file.headers['content-type'], file.headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="history.csv"',
    ]);
    expect(file.text).toContain('staff.role-changed');
    expect(file.text).not.toContain('organisation.created');
  });

  it('go on to older entries with the same filters', async () => {
    const busy = await createOrganisation(server, 'Busy');
    const emails = Array.from({ length: 60 }, () => freshEmail());
    await server.admin.post(`${busy.path}/staff-invitations`, { emails, role: 'contributor' }).expect(201);
    const admin = await signedInVisitor(server, ADMIN);
    const seen = new Set<string>();
    for (let path: string | undefined = `${pageOf(busy)}/history?area=team`; path;) {
      const { text } = await admin.get(path);
      for (const email of emails) if (text.includes(email)) seen.add(email);
      path = /href="([^"]*)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
      if (path) expect(path).toContain('area=team');
    }
    expect(seen.size).toBe(60);
  });

  it('take an entry back with a reason, where the visitor may and nothing later changed the same', async () => {
    const { membershipId } = await join(server, organisation, 'contributor');
    await ownerMember.api.patch(`/v1/staff/${membershipId}`, { role: 'admin' }).expect(200);
    const list = `${pageOf(organisation)}/history`;
    const { body } = await ownerMember.api.get(`/v1/staff/${membershipId}/history`).expect(200);
    const form = `${list}/${String(body.items[0].eventId)}/revert`;
    const { number } = body.items[0] as { number: number };
    const page = `${form}?number=${String(number)}`;
    const offersIt = async (visitor: Visitor): Promise<boolean> =>
      (await visitor.get(page)).text.includes(`action="${form}"`);
    expect((await owner.get(list)).text).toContain(`href="${page}"`);
    expect(await offersIt(owner)).toBe(true);
    expect((await owner.get(`${form}?number=${String(number - 1)}`)).status).toBe(404);
    expect((await owner.get(form)).headers['location']).toBe(list);
    expect((await auditor.get(list)).text).not.toContain('/revert?');
    expect((await auditor.get(page)).status).toBe(404);
    expect((await auditor.submit(form, { reason: 'mine' })).status).toBe(404);
    expect((await owner.submit(`${list}/no-id/revert`, { reason: 'mine' })).status).toBe(404);
    expect((await owner.submit(form, { reason: '' })).headers['location']).toBe(`${list}?failed=invalid-input`);
    const done = await owner.submit(form, { reason: 'chosen by mistake' });
    expect([done.status, done.headers['location']]).toEqual([303, `${list}?done=reverted`]);
    const shown = await shownAt(owner, `${list}?done=reverted`);
    expect(shown).toContain('It is taken back.');
    expect(shown).toContain('chosen by mistake');
    expect(await offersIt(owner)).toBe(false);
    expect((await ownerMember.api.get(`/v1/staff/${membershipId}`).expect(200)).body.role).toBe('contributor');
    await ownerMember.api.delete(`/v1/staff/${membershipId}`).expect(204);
    const second = (await ownerMember.api.get(`/v1/staff/${membershipId}/history`).expect(200)).body.items[1];
    const late = await owner.submit(`${list}/${String(second.eventId)}/revert`, { reason: 'too late' });
    expect(late.headers['location']).toBe(`${list}?failed=not-revertible`);
    expect(await shownAt(owner, `${list}?failed=not-revertible`)).toContain('This can no longer be taken back');
  });
});
