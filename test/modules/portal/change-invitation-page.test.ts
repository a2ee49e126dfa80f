import { describeOnOneEngine } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { headingOf, signedInVisitor, Visitor } from './portal-support.js';

describeOnOneEngine('the page that changes a pending invitation', (engine) => {
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

  const invitesOf = ({ path }: Place) => `${path.replace('/v1/', '/portal/')}/staff/invitations`;
  const visitorOf = async (who: { email: string; password?: string }) => signedInVisitor(server, who);
  const pending = async (at = place, role = 'contributor') => {
    const email = freshEmail('waiting');
    const { id, token } = await invite(server, owner.api, at, email, role);
    return { email, id, token, form: `${invitesOf(at)}/${id}/change` };
  };
  const stored = async (id: string) => {
    const { body } = await server.admin.get(`/v1/staff-invitations/${id}`).expect(200);
    return body as { role: string; expiresAt: string; state: string };
  };

  it('changes the role and the expiry, keeps the link, and sends no mail', async () => {
    const visitor = await visitorOf(owner);
    const { email, id, form, token } = await pending();
    const { text } = await visitor.get(form);
    expect([headingOf(text), text.includes('<option value="contributor" selected>')]).toEqual([email, true]);
    const before = await stored(id);
    const { status, headers } = await visitor.submit(form, { role: 'admin', expiresIn: '24h' });
    expect([status, headers['location']]).toEqual([303, `${invitesOf(place)}?done=altered`]);
    const after = await stored(id);
    expect([after.role, after.expiresAt < before.expiresAt]).toEqual(['admin', true]);
    expect((await new Visitor(server.url).get(`/invitations/${token}`)).text).toContain('Admin');
    expect(server.smtp.to(email)).toHaveLength(1);
  });

  it('changes nothing when nothing is chosen', async () => {
    const visitor = await visitorOf(owner);
    const { id, form } = await pending();
    const [before, events] = [await stored(id), (await server.events()).length];
    expect((await visitor.submit(form, { role: 'contributor', expiresIn: '' })).status).toBe(303);
    expect([await stored(id), (await server.events()).length]).toEqual([before, events]);
  });

  it('refuses who may not change it, and says why', async () => {
    const { id, form } = await pending();
    const high = await pending(place, 'organisation-owner');
    const before = await stored(id);
    const callers: Record<string, Member> = {
      editor: await join(server, place, 'organisation-editor'),
      'organisation staff': await join(server, place, 'organisation-staff'),
      auditor: await join(server, place, 'auditor'),
      'admin below': await join(server, cohort, 'admin'),
      'owner elsewhere': await join(server, await createOrganisation(server, 'Lakeside Clinic'), 'organisation-owner'),
    };
    const seen: Record<string, unknown[]> = {};
    for (const [who, caller] of Object.entries(callers)) {
      const visitor = await visitorOf(caller);
      const shown = await visitor.get(form);
      // Nobody but an owner may offer this role.
      const { status, headers } = await visitor.submit(form, { role: 'organisation-owner' });
      seen[who] = [shown.status, shown.text.includes('name="role"'), status, headers['location']?.split('?')[1]];
    }
    expect(seen).toEqual({
      editor: [200, true, 303, 'failed=role-not-grantable'],
      'organisation staff': [200, false, 403, undefined],
      auditor: [404, false, 404, undefined],
      'admin below': [404, false, 404, undefined],
      'owner elsewhere': [404, false, 404, undefined],
    });
    expect(await stored(id)).toEqual(before);
    const editor = await visitorOf(callers['editor']!);
    expect((await editor.get(high.form)).text).toContain('You may not give or take this role.');
    // The owner sees both places, and the invitation has a page in its own.
    const visitor = await visitorOf(owner);
    expect((await visitor.get(form.replace(invitesOf(place), invitesOf(cohort)))).status).toBe(404);
    const { status, headers } = await new Visitor(server.url).get(form);
    expect([status, headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(form)}`]);
  });

  it('says that an answered invitation can no longer be changed', async () => {
    const visitor = await visitorOf(owner);
    const { token, form } = await pending();
    await server.anonymous.post(`/v1/invitations/${token}/decline`).expect(204);
    await readModelsCaughtUp(server);
    expect((await visitor.get(form)).text).toContain('This invitation can no longer be changed.');
    const { headers } = await visitor.submit(form, { role: 'admin' });
    expect(headers['location']).toBe(`${form}?failed=not-changeable`);
  });

  it('is reached from the list of the organisation, also for a deployment', async () => {
    const visitor = await visitorOf(owner);
    const [here, below] = [await pending(), await pending(cohort)];
    await readModelsCaughtUp(server);
    const all = (await visitor.get(invitesOf(place))).text;
    expect([all.includes(`href="${here.form}"`), all.includes(`href="${below.form}"`)]).toEqual([true, true]);
    const only = (await visitor.get(`${invitesOf(place)}?where=here`)).text;
    expect([only.includes(here.email), only.includes(below.email)]).toEqual([true, false]);
    expect((await visitor.submit(below.form, { role: 'deployment-staff' })).status).toBe(303);
    expect((await stored(below.id)).role).toBe('deployment-staff');
  });

  it('leaves out of a selection what its caller may not resend or delete', async () => {
    const [here, high, elsewhere] = [
      await pending(),
      await pending(place, 'organisation-owner'),
      await invite(server, server.admin, await createOrganisation(server, 'Lakeside Clinic'), freshEmail(), 'admin'),
    ];
    const editor = await visitorOf(await join(server, place, 'organisation-editor'));
    const form = `${invitesOf(place)}/selected`;
    // Browsers send one field for each box. The client's forms hold one value for each name.
    const select = async (visitor: Visitor, ids: readonly string[], deed: string) =>
      (await visitor.submitPairs(form, [...ids.map((id) => ['ids', id] as const), ['deed', deed]])).headers['location'];
    const ids = [here.id, high.id, elsewhere.id, 'nonsense', here.id];
    expect(await select(editor, ids, 'delete')).toBe(`${invitesOf(place)}?done=selected-deleted&count=1&refused=2`);
    const states = [(await stored(here.id)).state, (await stored(high.id)).state, (await stored(elsewhere.id)).state];
    expect(states).toEqual(['revoked', 'pending', 'pending']);
    expect(await select(editor, [], 'resend')).toBe(`${invitesOf(place)}?failed=nothing-selected`);
    expect(await select(new Visitor(server.url), ids, 'delete')).toContain('/sign-in?next=');
  });
});
