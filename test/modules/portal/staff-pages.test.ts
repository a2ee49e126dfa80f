import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  invite,
  join,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, Visitor } from './portal-support.js';

describeOnOneEngine('the pages about staff', (engine) => {
  let server: TestServer;
  let place: Place;
  let cohort: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    cohort = await createDeployment(server, place, 'Cardiac Rehabilitation');
    owner = await join(server, place, 'organisation-owner');
  });
  afterAll(async () => server.close());

  const pageOf = ({ path }: Place) => path.replace('/v1/', '/portal/');
  const staffPage = (at = place) => `${pageOf(at)}/staff`;
  const visitorOf = async (who: { email: string; password?: string }) => signedInVisitor(server, who);
  const joined = async (role: string, at = place) => visitorOf(await join(server, at, role));
  const stranger = async () => joined('organisation-owner', await createOrganisation(server, 'Lakeside Clinic'));
  const send = async (visitor: Visitor, fields: Record<string, string>, path = '') =>
    visitor.submit(`${staffPage()}/invite${path}`, { role: 'contributor', expiresIn: '72h', ...fields });
  const issued = async () => (await server.events()).filter(({ type }) => type === 'InvitationIssued').length;
  const typedIn = (html: string) => /<textarea id="emails"[^>]*>([^<]*)</.exec(html)?.[1];
  const stateOf = async (id: string) => {
    const { body } = await server.admin.get(`/v1/staff-invitations/${id}`).expect(200);
    return (body as { state: string }).state;
  };
  const roleOf = async ({ membershipId }: Member) => {
    const { body } = await server.admin.get(`/v1/staff/${membershipId}`).expect(200);
    return (body as { role: string }).role;
  };

  it('answer each caller as the API does', async () => {
    const callers: Record<string, Member> = {
      owner,
      editor: await join(server, place, 'organisation-editor'),
      auditor: await join(server, place, 'auditor'),
      'organisation staff': await join(server, place, 'organisation-staff'),
      'contributor below': await join(server, cohort, 'contributor'),
      'owner elsewhere': await join(server, await createOrganisation(server, 'Lakeside Clinic'), 'organisation-owner'),
      patient: await enrol(server, cohort),
      observer: await observe(server, cohort),
    };
    const seen: Record<string, number[]> = {};
    for (const [who, caller] of Object.entries(callers)) {
      const visitor = await visitorOf(caller);
      const [users, invites] = [
        (await visitor.get(staffPage())).status,
        (await visitor.get(`${staffPage()}/invitations`)).status,
      ];
      expect([who, users]).toEqual([who, (await caller.api.get(`${place.path}/staff`)).status]);
      expect([who, invites]).toEqual([who, (await caller.api.get(`${place.path}/staff-invitations`)).status]);
      const before = await issued();
      const { status } = await send(visitor, { emails: freshEmail() });
      expect([who, (await issued()) > before]).toEqual([who, status === 200]);
      seen[who] = [users, invites, (await visitor.get(`${staffPage()}/invite`)).status, status];
    }
    expect(seen).toEqual({
      owner: [200, 200, 200, 200],
      editor: [200, 200, 200, 200],
      auditor: [403, 403, 403, 403],
      'organisation staff': [200, 200, 403, 403],
      'contributor below': [403, 403, 403, 403],
      'owner elsewhere': [404, 404, 404, 404],
      patient: [403, 403, 403, 403],
      observer: [404, 404, 404, 404],
    });
    for (const path of ['', '/invitations', '/invite', `/${owner.membershipId}`]) {
      const { status, headers } = await new Visitor(server.url).get(staffPage() + path);
      expect([status, headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(staffPage() + path)}`]);
    }
  });

  it('invite every typed address after a review, and say which were left out', async () => {
    const visitor = await visitorOf(owner);
    const [one, two, three] = [freshEmail(), freshEmail(), freshEmail()];
    const emails = `Ann <${one}>, ${two}; ${two}\n${three} ${owner.email}\nnobody@`;
    const before = await issued();
    const reviewed = await send(visitor, { emails, message: 'Welcome aboard' }, '/review');
    expect(reviewed.status).toBe(200);
    for (const words of ['Nothing is sent yet', 'Will be invited', 'Are named twice'])
      expect(reviewed.text).toContain(words);
    expect(await issued()).toBe(before);
    const sent = await send(visitor, { emails, message: 'Welcome aboard' });
    expect([sent.status, await issued()]).toEqual([200, before + 3]);
    for (const words of [
      '3 invitations are on their way.',
      '3 addresses were left out.',
      'Are no address',
      'Were named twice',
      'May not be invited by you',
    ])
      expect(sent.text).toContain(words);
    // The wrong one stays in the field, so that it can be mended.
    expect(typedIn(sent.text)).toBe('nobody@');
    await idle(server);
    for (const email of [one, two, three]) expect(server.smtp.to(email).at(-1)?.text).toContain('Welcome aboard');
  });

  it('keep what was typed when a field is wrong, and name the field', async () => {
    const visitor = await visitorOf(owner);
    const before = await issued();
    const none = await send(visitor, { emails: ' , ', message: 'Hello' });
    expect([none.status, none.text.includes('id="emails-error"'), none.text.includes('>Hello</textarea>')]).toEqual([
      400,
      true,
      true,
    ]);
    const emails = 'ann@example.test';
    const noRole = await send(visitor, { emails, role: '' });
    expect([noRole.status, noRole.text.includes('id="role-error"'), typedIn(noRole.text)]).toEqual([400, true, emails]);
    expect((await send(visitor, { emails, message: 'x'.repeat(2001) })).status).toBe(400);
    const tooHigh = await send(await joined('organisation-editor'), { emails, role: 'organisation-owner' });
    expect([tooHigh.status, tooHigh.text.includes('You may not give this role here')]).toEqual([403, true]);
    expect(await issued()).toBe(before + 1);
  });

  it('offer only the roles that the visitor may give', async () => {
    const options = async (visitor: Visitor, page: string) => {
      const [select = ''] =
        /<select id="role"[\s\S]*?<\/select>/.exec((await visitor.get(`${page}/invite`)).text) ?? [];
      return [...select.matchAll(/<option value="[^"]+"[^>]*>([^<]*)/g)].map(([, name]) => name);
    };
    expect(await options(await joined('organisation-editor'), staffPage())).toEqual([
      'Admin',
      'Contributor',
      'Deployment Staff',
      'Organisation Staff',
      'Access Controller',
    ]);
    expect(await options(await joined('access-controller', cohort), staffPage(cohort))).toEqual([
      'Deployment Staff',
      'Organisation Staff',
      'Access Controller',
    ]);
    expect(await options(await visitorOf(ADMIN), '/portal/platform/staff')).toEqual([
      'Super Admin',
      'Support',
      'Account Manager',
    ]);
  });

  it('take the addresses of a contact file, and send nothing', async () => {
    const visitor = await visitorOf(owner);
    const [path, email, before] = [`${staffPage()}/invite/import`, freshEmail(), await issued()];
    const { status, text } = await visitor.upload(path, `E-mail\n${email}\n${email}\nnot an address\n`);
    expect([status, typedIn(text)]).toEqual([200, email]);
    for (const words of ['Nothing is sent yet', 'Are named twice', 'Line 4:']) expect(text).toContain(words);
    const refused = await visitor.upload(path, '%PDF-1.7 and so on');
    expect([refused.status, refused.text.includes('id="file-error"')]).toEqual([422, true]);
    expect((await (await joined('auditor')).upload(path, email)).status).toBe(403);
    expect(await issued()).toBe(before + 1);
  });

  it('list pending invitations, resend one and delete one', async () => {
    const visitor = await visitorOf(owner);
    const email = freshEmail('waiting');
    const { id, token } = await invite(server, owner.api, place, email, 'contributor');
    await readModelsCaughtUp(server);
    const list = `${staffPage()}/invitations`;
    const { text } = await visitor.get(`${list}?q=${email}`);
    expect(text).toContain(`<strong>${email}</strong>`);
    for (const form of ['resend', 'delete']) expect(text).toContain(`action="${list}/${id}/${form}"`);
    expect((await visitor.get(`${list}?q=${email}&state=accepted`)).text).not.toContain(`<strong>${email}</strong>`);
    expect((await visitor.submit(`${list}/${id}/resend`)).headers['location']).toBe(`${list}?done=resent`);
    expect((await visitor.get(`${list}?done=resent`)).text).toContain('The invitation is on its way again.');
    expect((await server.anonymous.get(`/v1/invitations/${token}`)).body).toMatchObject({
      code: 'invitation-superseded',
    });
    // The second resend comes too soon.
    expect((await visitor.submit(`${list}/${id}/resend`)).headers['location']).toBe(`${list}?failed=too-many-requests`);
    expect((await visitor.submit(`${list}/${id}/delete`)).headers['location']).toBe(`${list}?done=deleted`);
    expect(await stateOf(id)).toBe('revoked');
    expect((await visitor.submit(`${list}/${id}/resend`)).headers['location']).toBe(`${list}?failed=not-resendable`);
    expect((await visitor.get(`${list}?failed=%3Cscript%3E`)).text).toContain('That did not work.');
  });

  it('let nobody resend or delete who may not, and no other site', async () => {
    const { id } = await invite(server, owner.api, place, freshEmail(), 'organisation-owner');
    const list = `${staffPage()}/invitations`;
    // An editor may not give the role of an owner, so neither take it.
    const editor = await joined('organisation-editor');
    expect((await editor.submit(`${list}/${id}/delete`)).headers['location']).toBe(`${list}?failed=role-not-grantable`);
    expect((await editor.get(list)).text).not.toContain(`${id}/delete`);
    expect((await (await stranger()).submit(`${list}/${id}/delete`)).status).toBe(404);
    const from = { Origin: 'https://evil.example' };
    expect((await (await visitorOf(owner)).submit(`${list}/${id}/delete`, {}, from)).status).toBe(403);
    // The address of a form leads back to its page.
    const form = `${list}/${id}/delete`;
    const { headers } = await new Visitor(server.url).submit(form);
    expect(headers['location']).toBe(`/sign-in?next=${encodeURIComponent(form)}`);
    const byScript = await new Visitor(server.url, { 'HX-Request': 'true' }).get('/portal/places/found');
    expect([byScript.status, byScript.headers['hx-redirect'], byScript.text]).toEqual([200, '/sign-in', '']);
    expect(await stateOf(id)).toBe('pending');
  });

  it('show a profile, and change its role with a reason', async () => {
    const member = await join(server, place, 'contributor');
    const visitor = await visitorOf(owner);
    const page = `${staffPage()}/${member.membershipId}`;
    expect(headingOf((await visitor.get(page)).text)).toBe('Name of contributor');
    // The name and the menu of the row lead there.
    expect((await visitor.get(`${staffPage()}?q=${member.email}`)).text.split(`href="${page}"`)).toHaveLength(3);
    for (const form of ['role', 'end']) expect((await visitor.get(page)).text).toContain(`action="${page}/${form}"`);
    const change = { role: 'deployment-staff', reason: 'New duty' };
    expect((await visitor.submit(`${page}/role`, change)).headers['location']).toBe(`${page}?done=changed`);
    expect(await roleOf(member)).toBe('deployment-staff');
    expect((await visitor.get(page)).text).toContain('<option value="deployment-staff" selected>');
    expect((await visitor.submit(`${page}/role`, { role: '' })).headers['location']).toBe(
      `${page}?failed=invalid-input`,
    );
    const own = `${staffPage()}/${owner.membershipId}`;
    expect((await visitor.get(own)).text).not.toContain('/role"');
    expect((await visitor.submit(`${own}/role`, { role: 'contributor' })).headers['location']).toBe(
      `${own}?failed=own-role`,
    );
    expect((await visitor.submit(`${own}/end`)).headers['location']).toBe(`${own}?failed=last-owner`);
  });

  it('let nobody change or remove a member who may not', async () => {
    const member = await join(server, place, 'contributor');
    const page = `${staffPage()}/${member.membershipId}`;
    const visitor = await visitorOf(owner);
    // The page of another place doesn't show the member.
    expect((await visitor.get(`${staffPage(cohort)}/${member.membershipId}`)).status).toBe(404);
    const other = await stranger();
    expect([(await other.get(page)).status, (await other.submit(`${page}/end`)).status]).toEqual([404, 404]);
    const staff = await joined('organisation-staff');
    expect((await staff.get(page)).text).not.toContain('/role"');
    expect((await staff.submit(`${page}/role`, { role: 'admin' })).status).toBe(403);
    expect((await staff.submit(`${page}/end`)).status).toBe(403);
    expect(await roleOf(member)).toBe('contributor');
  });

  it('remove a member, and let a member leave', async () => {
    const [member, leaver] = [
      await join(server, place, 'contributor'),
      await join(server, place, 'organisation-staff'),
    ];
    const visitor = await visitorOf(owner);
    const removed = await visitor.submit(`${staffPage()}/${member.membershipId}/end`, { reason: 'Moved' });
    expect(removed.headers['location']).toBe(`${staffPage()}?done=removed`);
    const left = await (await visitorOf(leaver)).submit(`${staffPage()}/${leaver.membershipId}/end`);
    expect(left.headers['location']).toBe('/');
    for (const { membershipId } of [member, leaver]) await server.admin.get(`/v1/staff/${membershipId}`).expect(404);
  });

  it('offer what may be done, and no more', async () => {
    const all = ['>My Team<', 'Invite staff members', 'Pending staff invitations', 'Edit roles', '>Roles<'];
    const offers = async (visitor: Visitor, at = place) => {
      const { text } = await visitor.get(pageOf(at));
      return all.filter((words) => text.includes(words));
    };
    const visitor = await visitorOf(owner);
    expect(await offers(visitor)).toEqual(all);
    // The start page says what waits at the person's first place.
    expect((await visitor.get('/')).text).toContain('Staff members · Riverside Hospital');
    expect(await offers(await joined('organisation-staff'))).toEqual([
      '>My Team<',
      'Pending staff invitations',
      '>Roles<',
    ]);
    expect(await offers(await joined('auditor'))).toEqual(['>Roles<']);
    expect(await offers(await visitorOf(await enrol(server, cohort)), cohort)).toEqual([]);
    const archived = await createDeployment(server, place, 'Ended study');
    await server.admin.post(`${archived.path}/archive`).expect(200);
    const { text, status } = await visitor.get(`${staffPage(archived)}/invite`);
    expect([status, headingOf(text)]).toEqual([409, 'This is archived at the moment']);
  });

  it('define, edit and delete a custom role', async () => {
    const visitor = await visitorOf(owner);
    const roles = `${pageOf(place)}/roles`;
    const made = await visitor.submit(`${roles}/new`, { name: 'Night nurse', permissions: 'patients.contact' });
    expect(made.headers['location']).toBe(`${roles}?done=roleSaved`);
    const path = new RegExp(`href="(${roles}/[0-9a-f-]{36})">Night nurse<`).exec((await visitor.get(roles)).text)![1]!;
    expect((await visitor.get(path)).text).toMatch(/value="patients.contact" checked/);
    const taken = await visitor.submit(`${roles}/new`, { name: 'night NURSE' });
    expect([taken.status, taken.text.includes('Another role has this name')]).toEqual([409, true]);
    expect((await visitor.submit(path, { name: 'Night shift' })).status).toBe(303);
    expect((await visitor.get(roles)).text).toContain('>Night shift<');
    const { id } = await invite(server, owner.api, place, freshEmail(), path.slice(path.lastIndexOf('/') + 1));
    await readModelsCaughtUp(server);
    expect((await visitor.submit(`${path}/delete`, { moveTo: '' })).headers['location']).toBe(
      `${roles}?failed=role-in-use`,
    );
    expect((await visitor.submit(`${path}/delete`, { moveTo: 'contributor' })).headers['location']).toBe(
      `${roles}?done=roleDeleted`,
    );
    expect((await server.admin.get(`/v1/staff-invitations/${id}`)).body).toMatchObject({ role: 'contributor' });
  });

  it('let nobody change a role who may not', async () => {
    const roles = `${pageOf(place)}/roles`;
    const { body } = await owner.api
      .post(`${place.path}/roles`, { name: 'Day nurse', permissions: ['patients.view'] })
      .expect(201);
    const path = `${roles}/${(body as { id: string }).id}`;
    const auditor = await joined('auditor');
    expect((await auditor.get(roles)).status).toBe(200);
    for (const page of [`${roles}/new`, path]) {
      expect([page, (await auditor.get(page)).status < 400]).toEqual([page, false]);
      expect([page, (await auditor.submit(page, { name: 'Mine' })).status < 400]).toEqual([page, false]);
    }
    expect((await auditor.submit(`${path}/delete`)).status).toBe(404);
    const other = await stranger();
    for (const page of [roles, path]) expect([page, (await other.get(page)).status]).toEqual([page, 404]);
    expect((await other.submit(`${path}/delete`)).status).toBe(404);
    expect((await new Visitor(server.url).submit(`${roles}/new`, { name: 'Mine' })).status).toBe(303);
    expect((await (await visitorOf(owner)).get(path)).text).toContain('value="Day nurse"');
  });
});
