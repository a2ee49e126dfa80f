import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  join,
  observe,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { formsIn, signedInVisitor, type Visitor } from './portal-support.js';

describeOnOneEngine('the settings of a place', (engine) => {
  let server: TestServer;
  let place: Place;
  let cohort: Place;
  let owner: Member;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server, 'Riverside Hospital');
    owner = await join(server, place, 'organisation-owner');
    visitor = await signedInVisitor(server, owner);
  });
  beforeEach(async () => {
    cohort = await createDeployment(server, place, 'Cardiac "Rehab" & more');
    await server.admin
      .patch(cohort.path, { offboardingReasons: ['Moved', 'Ended'], targets: { patients: 5 } })
      .expect(200);
  });
  afterAll(async () => server.close());

  const pageOf = ({ path }: Place) => `${path.replace('/v1/', '/portal/')}/settings`;
  const unescaped = (text: string): string =>
    text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&').replaceAll('&lt;', '<');
  /** What a browser would send of the form as it is. */
  const formOf = (html: string): Record<string, string> => ({
    ...Object.fromEntries(
      [...html.matchAll(/<input [^>]*?name="(\w+)"[^>]*? value="([^"]*)"/g)].map(([, name, value]) => [
        name!,
        unescaped(value!),
      ]),
    ),
    ...Object.fromEntries(
      [...html.matchAll(/<textarea [^>]*?name="(\w+)"[^>]*>([^<]*)</g)].map(([, name, value]) => [
        name!,
        unescaped(value!),
      ]),
    ),
    ...Object.fromEntries(
      [...html.matchAll(/<select [^>]*?name="(\w+)"[\s\S]*?<option value="(\w+)" selected/g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    ),
  });
  const stored = async ({ path }: Place) => (await server.admin.get(path).expect(200)).body;

  it('sent as they are change nothing', async () => {
    for (const at of [place, cohort]) {
      const before = [await stored(at), (await server.events()).length];
      const { status, headers } = await visitor.submit(pageOf(at), formOf((await visitor.get(pageOf(at))).text));
      expect([status, headers['location']]).toEqual([303, `${pageOf(at)}?done=settingsSaved`]);
      expect([await stored(at), (await server.events()).length]).toEqual(before);
    }
  });

  it('change everything that the API lets one change', async () => {
    const change = async (at: Place, fields: Record<string, string>) => {
      const form = formOf((await visitor.get(pageOf(at))).text);
      for (const name of Object.keys(fields)) expect(Object.keys(form)).toContain(name);
      expect((await visitor.submit(pageOf(at), { ...form, ...fields })).status).toBe(303);
      return stored(at);
    };
    const policies = { privacyPolicyUrl: 'https://example.org/p', termsUrl: 'https://example.org/t' };
    expect(
      await change(place, { name: 'Lakeside', viewType: 'dct', ...policies, plannedPatients: '12', plannedStaff: '0' }),
    ).toMatchObject({ name: 'Lakeside', viewType: 'dct', ...policies, targets: { patients: 12, staff: 0 } });
    const apps = { appStoreUrl: 'https://example.org/ios', playStoreUrl: 'https://example.org/android' };
    expect(
      await change(cohort, {
        name: 'Cohort',
        ...policies,
        ...apps,
        plannedPatients: '',
        offboardingReasons: 'One\r\nTwo',
      }),
    ).toMatchObject({
      name: 'Cohort',
      ...policies,
      ...apps,
      targets: { patients: null, staff: null },
      offboardingReasons: ['One', 'Two'],
    });
    expect(await change(cohort, { termsUrl: '', appStoreUrl: ' ', offboardingReasons: '' })).toMatchObject({
      termsUrl: null,
      appStoreUrl: null,
      offboardingReasons: [],
    });
    expect((await visitor.get(`${pageOf(place)}?done=settingsSaved`)).text).toContain('The settings are saved.');
  });

  it('show each refused field beside it and in the summary, and keep what was typed', async () => {
    const form = formOf((await visitor.get(pageOf(cohort))).text);
    const typed = {
      name: '',
      privacyPolicyUrl: 'http://example.org',
      termsUrl: 'javascript:alert(1)',
      appStoreUrl: 'https://user@example.org',
      playStoreUrl: 'example.org',
      plannedPatients: '1,000',
      plannedStaff: '-1',
      offboardingReasons: 'Same\nSame',
    };
    const { status, text } = await visitor.submit(pageOf(cohort), { ...form, ...typed });
    expect(status).toBe(400);
    for (const field of Object.keys(typed))
      expect([field, text.includes(`id="${field}-error"`), text.includes(`href="#${field}"`)]).toEqual([
        field,
        true,
        true,
      ]);
    expect(formOf(text)).toMatchObject(typed);
    expect((await stored(cohort)).name).toBe('Cardiac "Rehab" & more');
    const odd = await visitor.submit(pageOf(place), {
      ...formOf((await visitor.get(pageOf(place))).text),
      viewType: 'x',
    });
    expect([odd.status, odd.text.includes('id="viewType-error"')]).toEqual([400, true]);
  });

  it('tell the second of two people who edit at once, who loses nothing and may save again', async () => {
    const second = await signedInVisitor(server, ADMIN);
    const [mine, theirs] = [
      formOf((await visitor.get(pageOf(cohort))).text),
      formOf((await second.get(pageOf(cohort))).text),
    ];
    const first = { name: 'First <b>', plannedStaff: '3' };
    expect((await visitor.submit(pageOf(cohort), { ...mine, ...first })).status).toBe(303);
    const late = await second.submit(pageOf(cohort), { ...theirs, name: 'Second', offboardingReasons: 'Other' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Somebody else saved these settings after you opened them.');
    expect(late.text).toContain('id="name-error"');
    expect(late.text).toContain('somebody else saved “First &lt;b&gt;” here');
    const shown = formOf(late.text);
    // What the second left alone shows what the first saved.
    expect(shown).toMatchObject({ name: 'Second', offboardingReasons: 'Other', plannedStaff: '3' });
    expect((await stored(cohort)).name).toBe('First <b>');
    expect((await second.submit(pageOf(cohort), shown)).status).toBe(303);
    expect(await stored(cohort)).toMatchObject({
      name: 'Second',
      offboardingReasons: ['Other'],
      targets: { patients: 5, staff: 3 },
    });
  });

  it('refuse a forged version, and a form without one', async () => {
    const form = formOf((await visitor.get(pageOf(cohort))).text);
    const before = (await server.events()).length;
    for (const version of ['', 'x', '-1', '1e3', '99']) {
      const { status } = await visitor.submit(pageOf(cohort), { ...form, name: 'Forged', version });
      expect([version, status]).toEqual([version, 409]);
    }
    expect(await server.events()).toHaveLength(before);
  });

  it('are archived when the name is typed, and restored by a super-admin', async () => {
    const page = pageOf(cohort);
    const shown = (await visitor.get(`${page}/archive`)).text;
    for (const words of ['What will happen', 'Nobody can join', 'Only a super-admin']) expect(shown).toContain(words);
    const wrong = await visitor.submit(`${page}/archive`, { confirmName: 'Cardiac' });
    expect([
      wrong.status,
      wrong.text.includes('id="confirmName-error"'),
      wrong.text.includes('value="Cardiac"'),
    ]).toEqual([400, true, true]);
    expect((await stored(cohort)).archived).toBe(false);
    const right = await visitor.submit(`${page}/archive`, { confirmName: ' Cardiac "Rehab" & more ' });
    expect(right.headers['location']).toBe(`${page}?done=archived`);
    expect((await stored(cohort)).archived).toBe(true);

    const { text } = await visitor.get(page);
    expect([text.includes('A super-admin can restore it.'), text.includes('Cardiac &quot;Rehab')]).toEqual([
      true,
      true,
    ]);
    expect(formsIn(text).filter(([action]) => action.includes('/settings'))).toEqual([]);
    expect((await visitor.get(`${page}/archive`)).headers['location']).toBe(page);
    expect(
      (await visitor.submit(`${page}/archive`, { confirmName: 'Cardiac "Rehab" & more' })).headers['location'],
    ).toBe(`${page}?failed=scope-archived`);
    expect((await visitor.submit(`${page}/restore`)).status).toBe(403);
    const late = await visitor.submit(page, { name: 'Late', version: '1' });
    expect([late.status, late.headers['location']]).toEqual([409, undefined]);

    const admin = await signedInVisitor(server, ADMIN);
    expect((await admin.get(page)).text).toContain(`action="${page}/restore"`);
    expect((await admin.submit(`${page}/restore`)).headers['location']).toBe(`${page}?done=restored`);
    expect((await stored(cohort)).archived).toBe(false);
  });

  it('offer no restore while the organisation is archived', async () => {
    const other = await createOrganisation(server, 'Closed Clinic');
    const below = await createDeployment(server, other);
    await server.admin.post(`${other.path}/archive`).expect(200);
    const admin = await signedInVisitor(server, ADMIN);
    expect(formsIn((await admin.get(pageOf(below))).text).filter(([action]) => action.includes('/settings'))).toEqual(
      [],
    );
    expect((await admin.submit(`${pageOf(below)}/restore`)).headers['location']).toBe(
      `${pageOf(below)}?failed=scope-archived`,
    );
  });

  it('open only to those who may change something there', async () => {
    const seen: Record<string, [number, number]> = {};
    const look = async (who: string, { email }: Member) => {
      const one = await signedInVisitor(server, { email });
      seen[who] = [(await one.get(pageOf(place))).status, (await one.get(pageOf(cohort))).status];
    };
    await look('organisation-editor', await join(server, place, 'organisation-editor'));
    await look('auditor', await join(server, place, 'auditor'));
    await look('admin of the deployment', await join(server, cohort, 'admin'));
    await look('observer', await observe(server, cohort));
    await look('owner elsewhere', await join(server, await createOrganisation(server), 'organisation-owner'));
    expect(seen).toEqual({
      'organisation-editor': [403, 200],
      auditor: [403, 403],
      'admin of the deployment': [403, 403],
      observer: [404, 403],
      'owner elsewhere': [404, 404],
    });
    const stranger = await signedInVisitor(server, await join(server, cohort, 'contributor'));
    const before = (await server.events()).length;
    for (const form of ['', '/archive', '/restore'])
      expect((await stranger.submit(pageOf(cohort) + form, { name: 'Mine', confirmName: 'x' })).status).toBe(403);
    for (const path of ['/portal/deployments/x/settings', `/portal/deployments/${place.id}/settings`])
      expect((await visitor.get(path)).status).toBe(404);
    expect(await server.events()).toHaveLength(before);
  });

  it('are refused to a person who lost the role while the form was open', async () => {
    const editor = await join(server, place, 'organisation-editor');
    const one = await signedInVisitor(server, await withAnotherPlace(editor));
    const form = formOf((await one.get(pageOf(cohort))).text);
    await server.admin.delete(`/v1/staff/${editor.membershipId}`).expect(204);
    expect((await one.submit(pageOf(cohort), { ...form, name: 'Too late' })).status).toBe(404);
    expect((await stored(cohort)).name).not.toBe('Too late');
  });

  /** Keeps the person's session, which would end with the last place. */
  async function withAnotherPlace(member: Member): Promise<Member> {
    const { body } = await server.admin
      .post(`${(await createOrganisation(server, 'Of no interest')).path}/staff-invitations`, {
        emails: [member.email],
        role: 'contributor',
      })
      .expect(201);
    await member.api.post(`/v1/me/invitations/${body.results[0].invitationId}/accept`).expect(200);
    return member;
  }
});
