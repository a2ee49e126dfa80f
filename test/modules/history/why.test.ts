import { randomUUID } from 'node:crypto';
import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  join,
  joinGroup,
  makePatientLink,
  observe,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';

interface Link {
  eventId?: string;
  kind: string;
  number: number;
  hidden?: true;
  actor?: { name: string | null };
  subject?: { name: string | null; personId?: string };
  summary?: string;
  relevance?: string;
  basis?: string | null;
  authority?: number | null;
}
interface Explanation {
  number: number;
  grant: { grantId: string; roleName: string; permissions: string[] };
  chain: Link[];
  authorities: Record<string, Link[]>;
  endsWith: string;
}
interface StepsPage {
  items: { number: number; roleName: string | null; gained: string[]; lost: string[]; entries: number[] }[];
  nextCursor: string | null;
  number: number;
  person: { personId: string; name: string | null } | null;
}
interface Grant {
  grantId: string;
  membershipId: string;
  inherited: boolean;
  person: { personId: string; name: string | null };
}

describeOnEngines('why somebody may do something', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let cohort: Place;
  let owner: Member;
  let nurse: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server, 'Riverside');
    owner = await join(server, organisation, 'organisation-owner');
    cohort = await createDeployment(server, organisation, 'Cohort A');
    nurse = await join(server, cohort, 'contributor', freshEmail('nurse'), owner.api);
  });
  afterAll(async () => {
    await server.close();
  });

  const grantsAt = async (api: Api, place: Place, query = ''): Promise<Grant[]> =>
    (await api.get(`${place.path}/access?limit=200${query}`).expect(200)).body.items;
  const grantOf = async ({ membershipId }: { membershipId: string }, place: Place): Promise<string> =>
    (await grantsAt(server.admin, place)).find((grant) => grant.membershipId === membershipId)!.grantId;
  const explain = async (api: Api, grantId: string, query = ''): Promise<Explanation> =>
    (await api.get(`/v1/access/${grantId}/explanation${query}`).expect(200)).body;
  const statusFor = async (api: Api, grantId: string, query = ''): Promise<number> =>
    (await api.get(`/v1/access/${grantId}/explanation${query}`)).status;
  const said = (links: readonly Link[]): unknown[] =>
    links.map(({ kind, relevance, basis, authority }) => [
      kind,
      relevance ?? 'hidden',
      basis === 'grant' ? `by ${String(authority)}` : basis,
    ]);

  it('leads from the issue over the giver to the first start', async () => {
    const { chain, authorities, endsWith, grant } = await explain(server.admin, await grantOf(nurse, cohort));
    expect(grant).toMatchObject({ roleName: 'Contributor' });
    const byKind = new Map(chain.map((link) => [link.kind, link]));
    const [made, issued, accepted] = ['deployment.created', 'staff.invited', 'staff.accepted'].map((kind) =>
      byKind.get(kind)!,
    );
    expect(chain.map(({ kind }) => kind).sort()).toEqual([
      'deployment.created',
      'role.built-in-changed',
      'staff.accepted',
      'staff.invited',
    ]);
    expect(issued!.actor?.name).toBe('Name of organisation-owner');
    expect(accepted!.authority).toBe(issued!.authority);
    expect(byKind.get('role.built-in-changed')).toMatchObject({ basis: 'release', authority: null });
    const ownersChain = authorities[String(issued!.authority)]!;
    expect(ownersChain.find(({ number }) => number === issued!.authority)).toMatchObject({
      kind: 'staff.accepted',
      subject: { name: 'Name of organisation-owner' },
    });
    // The super-admin made the deployment and invited the owner.
    const ownersIssue = ownersChain.find(({ kind }) => kind === 'staff.invited')!;
    expect(ownersIssue.authority).toBe(made!.authority);
    expect(said(authorities[String(made!.authority)]!)).toEqual(
      expect.arrayContaining([
        ['staff.invited', 'needed', 'first-start'],
        ['staff.accepted', 'needed', 'first-start'],
      ]),
    );
    expect(Object.keys(authorities)).toHaveLength(2);
    expect(endsWith).toBe('first-start');
  });

  it('hides from an owner what lies on the platform', async () => {
    const { chain, authorities, endsWith } = await explain(owner.api, await grantOf(nurse, cohort));
    const links = [...chain, ...Object.values(authorities).flat()];
    const hidden = links.filter((link) => link.hidden);
    expect(hidden.length).toBeGreaterThan(2);
    for (const link of hidden) {
      expect(Object.keys(link).sort()).toEqual(['at', 'hidden', 'kind', 'number', 'scope']);
      expect(link).toMatchObject({ scope: { kind: 'platform' } });
    }
    expect(links.filter((link) => !link.hidden).map(({ kind }) => kind)).toContain('organisation.created');
    expect(endsWith).toBe('first-start');
  });

  it('names the last issuer, the change and the definition in force', async () => {
    const { body: role } = await owner.api
      .post(`${organisation.path}/roles`, { name: 'Ward lead', permissions: ['staff.view'] })
      .expect(201);
    const email = freshEmail('ward');
    const { results } = (
      await owner.api.post(`${cohort.path}/staff-invitations`, { emails: [email], role: 'contributor' }).expect(201)
    ).body as { results: { invitationId: string }[] };
    await server.admin.post(`/v1/staff-invitations/${results[0]!.invitationId}/resend`, {}).expect(200);
    await idle(server);
    const token = server.smtp.to(email).at(-1)!.token;
    const { body } = await server.anonymous
      .post(`/v1/invitations/${token}/accept`, { name: 'Ward', password: PASSWORD })
      .expect(200);
    const { membershipId } = body as { membershipId: string };
    await owner.api.patch(`/v1/staff/${membershipId}`, { role: 'admin' }).expect(200);
    await owner.api.patch(`/v1/staff/${membershipId}`, { role: role.id as string }).expect(200);
    await owner.api.patch(`/v1/roles/${role.id as string}`, { name: 'Ward head' }).expect(200);
    await owner.api.patch(`/v1/roles/${role.id as string}`, { permissions: ['notes.manage'] }).expect(200);
    const { chain, grant } = await explain(server.admin, await grantOf({ membershipId }, cohort));
    expect(grant).toMatchObject({ roleName: 'Ward head' });
    const owners = chain.find(({ kind }) => kind === 'staff.invited')!.authority;
    const admins = chain.find(({ kind }) => kind === 'staff.reinvited')!.authority;
    expect(said(chain)).toEqual([
      ['deployment.created', 'needed', `by ${String(admins)}`],
      ['role.defined', 'context', null],
      ['staff.invited', 'needed', `by ${String(owners)}`],
      ['staff.reinvited', 'needed', `by ${String(admins)}`],
      ['staff.accepted', 'needed', `by ${String(admins)}`],
      ['staff.role-changed', 'context', null],
      ['staff.role-changed', 'needed', `by ${String(owners)}`],
      ['role.edited', 'needed', `by ${String(owners)}`],
    ]);
    expect(owners).not.toBe(admins);
  });

  it('goes on from a patient link to its maker, and from a group to its founder', async () => {
    const { token } = await makePatientLink(server.admin, cohort);
    const email = freshEmail('patient');
    await server.anonymous.post(`/v1/links/${token}/requests`, { email }).expect(202);
    await idle(server);
    const { body } = await server.anonymous
      .post(`/v1/invitations/${server.smtp.to(email).at(-1)!.token}/accept`, { name: 'Pat', password: PASSWORD })
      .expect(200);
    const asked = await explain(server.admin, await grantOf(body as Member, cohort));
    expect(asked.endsWith).toBe('link');
    expect(asked.chain.map(({ kind, basis }) => [kind, basis])).toEqual([
      ['deployment.created', 'grant'],
      ['patient-link.created', 'grant'],
      ['patient.invited', 'link'],
      ['patient.accepted', 'oneself'],
    ]);
    const group = await createGroup(server, organisation, 'Board', owner.api);
    const [founding] = await grantsAt(server.admin, group);
    const founded = await explain(owner.api, founding!.grantId);
    expect(founded.endsWith).toBe('founder');
    expect(founded.chain.map(({ kind, basis }) => [kind, basis ?? 'hidden'])).toEqual([
      ['role.built-in-changed', 'hidden'],
      ['group-member.founded', 'grant'],
      ['group.created', 'grant'],
    ]);
  });

  it('is of an instant: a grant that ended is explained as it was, and not now', async () => {
    const leaving = await join(server, cohort, 'contributor', freshEmail('leaving'), owner.api);
    const grantId = await grantOf(leaving, cohort);
    const { number, chain } = await explain(owner.api, grantId);
    const began = chain.find(({ kind }) => kind === 'staff.accepted')!.number;
    await owner.api.delete(`/v1/staff/${leaving.membershipId}`).expect(204);
    expect(await statusFor(owner.api, grantId)).toBe(404);
    expect(await explain(owner.api, grantId, `?number=${String(number)}`)).toMatchObject({ grant: { grantId } });
    expect(await statusFor(owner.api, grantId, `?number=${String(began)}`)).toBe(200);
    expect(await statusFor(owner.api, grantId, `?number=${String(began - 1)}`)).toBe(404);
    expect(await statusFor(owner.api, grantId, '?number=999999')).toBe(400);
    expect(await statusFor(owner.api, grantId, `?number=1&at=2026-01-01T00:00:00Z`)).toBe(400);
    expect(await statusFor(owner.api, grantId, '?at=soon')).toBe(400);
    expect(await statusFor(owner.api, 'soon')).toBe(400);
  });

  it('is for those who may read the list of access there, and for nobody else', async () => {
    const elsewhere = await createOrganisation(server, 'Lakeside');
    const sister = await createDeployment(server, organisation, 'Cohort B');
    const group = await createGroup(server, organisation, 'Circle', owner.api);
    const groupsAdmin = await joinGroup(server, group, { administrator: true });
    const viewer = await joinGroup(server, group);
    const ended = await withPlaceElsewhere(server, await join(server, organisation, 'access-controller'));
    await server.admin.delete(`/v1/staff/${ended.membershipId}`).expect(204);
    const readers: Record<string, Api> = {
      owner: owner.api,
      'admin there': (await join(server, cohort, 'admin')).api,
      'admin of the sister': (await join(server, sister, 'admin')).api,
      contributor: nurse.api,
      'organisation staff': (await join(server, organisation, 'organisation-staff')).api,
      'owner elsewhere': (await join(server, elsewhere, 'organisation-owner')).api,
      'ended controller': ended.api,
      observer: (await observe(server, cohort)).api,
      patient: (await enrol(server, cohort)).api,
      "group's administrator": groupsAdmin.api,
      "group's viewer": viewer.api,
      'platform support': (await join(server, { id: '', path: '/v1/platform' }, 'support')).api,
    };
    const grants = {
      cohort: await grantOf(nurse, cohort),
      organisation: await grantOf(owner, organisation),
      group: await grantOf(viewer, group),
      platform: (await grantsAt(server.admin, { id: '', path: '/v1/platform' }))[0]!.grantId,
    };
    const table: Record<string, string> = {};
    for (const [who, api] of Object.entries(readers)) {
      const answers: number[] = [];
      for (const grantId of Object.values(grants)) answers.push(await statusFor(api, grantId));
      table[who] = answers.join(' ');
    }
    expect(table).toEqual({
      owner: '200 200 200 404',
      // These get an alias of the organisation's grant.
      'admin there': '200 404 404 404',
      'admin of the sister': '404 404 404 404',
      contributor: '404 404 404 404',
      'organisation staff': '404 404 404 404',
      'owner elsewhere': '404 404 404 404',
      'ended controller': '404 404 404 404',
      observer: '404 404 404 404',
      patient: '404 404 404 404',
      "group's administrator": '404 404 200 404',
      "group's viewer": '404 404 404 404',
      'platform support': '200 200 200 200',
    });
    expect(await statusFor(server.anonymous, grants.cohort)).toBe(401);
    expect(await statusFor(owner.api, randomUUID())).toBe(404);
    // Nobody leads from an event that began no grant.
    const { body } = await owner.api.get(`${organisation.path}/history?limit=1&kind=deployment.created`).expect(200);
    expect(await statusFor(owner.api, (body as { items: { eventId: string }[] }).items[0]!.eventId)).toBe(404);
  });

  it('is told of inherited grants to those who read the deployment alone, without names', async () => {
    const { api } = await join(server, cohort, 'admin');
    const inherited = (await grantsAt(api, cohort)).find((grant) => grant.inherited)!;
    const { chain, authorities } = await explain(api, inherited.grantId);
    const links = [...chain, ...Object.values(authorities).flat()];
    const accepted = links.find(({ kind, hidden }) => kind === 'staff.accepted' && !hidden)!;
    expect(accepted.subject!.name).toMatch(/^P-/);
    expect(links.find(({ kind }) => kind === 'organisation.created')).toMatchObject({ hidden: true });
    expect(JSON.stringify(links)).not.toContain('organisation-owner@');
  });

  it('stays readable in an archived deployment, and says that it is archived', async () => {
    const ward = await createDeployment(server, organisation, 'Ward');
    const member = await join(server, ward, 'admin', freshEmail('archived'), owner.api);
    await owner.api.post(`${ward.path}/archive`).expect(200);
    const { chain, grant } = await explain(owner.api, await grantOf(member, ward));
    expect(said(chain)).toContainEqual(['deployment.archived', 'context', null]);
    expect(grant.permissions).not.toContain('staff.manage');
  });

  it('takes from an auditor the aliases of each list, and gives aliases alone', async () => {
    const auditor = await join(server, organisation, 'auditor');
    const known = await explain(owner.api, await grantOf(nurse, cohort));
    const real = JSON.stringify(await grantsAt(owner.api, organisation));
    for (const place of [organisation, cohort]) {
      const hidden = (await grantsAt(auditor.api, place)).filter(({ person }) => person.name?.startsWith('P-'));
      expect(hidden.length).toBeGreaterThan(1);
      for (const { grantId } of hidden) {
        expect(real).not.toContain(grantId);
        const text = JSON.stringify(await explain(auditor.api, grantId));
        expect(text).not.toMatch(/Name of (?!auditor)|@example/);
        for (const { eventId, subject } of known.chain)
          for (const id of [subject && eventId, subject?.personId])
            if (id !== undefined) expect(text).not.toContain(id);
      }
    }
    expect(await statusFor(auditor.api, known.grant.grantId)).toBe(404);
  });

  it('lists what one person gained and lost, in pages of one instant, to an auditor by an alias', async () => {
    const rising = await join(server, cohort, 'contributor', freshEmail('rising'), owner.api);
    await owner.api.patch(`/v1/staff/${rising.membershipId}`, { role: 'admin' }).expect(200);
    const { person } = (await grantsAt(owner.api, cohort)).find((grant) => grant.membershipId === rising.membershipId)!;
    const auditor = await join(server, organisation, 'auditor');
    const gone = await grantsAt(auditor.api, cohort);
    await owner.api.delete(`/v1/staff/${rising.membershipId}`).expect(204);
    const steps = async (api: Api, place: Place, query: string): Promise<StepsPage> =>
      (await api.get(`${place.path}/access/changes?${query}`).expect(200)).body;
    const all = await steps(owner.api, cohort, `person=${person.personId}`);
    expect(all.items.map(({ roleName, gained, lost }) => [roleName, gained.length > 0, lost.length > 0])).toEqual([
      ['Contributor', true, false],
      ['Admin', true, true],
      [null, false, true],
    ]);
    expect(all.person).toEqual(person);
    expect(all.items.map(({ number }) => [number])).toEqual(all.items.map(({ entries }) => entries));
    const paged: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: StepsPage = await steps(owner.api, cohort, `person=${person.personId}&limit=1${next}`);
      expect(page.number).toBe(all.number);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.items);
    expect((await steps(auditor.api, cohort, `person=${person.personId}`)).items).toEqual([]);
    const aliases = gone.map((grant) => grant.person.personId);
    const told = await Promise.all(aliases.map(async (alias) => steps(auditor.api, cohort, `person=${alias}`)));
    const [same] = told.filter(({ items }) => items.length === 3 && items[2]!.roleName === null);
    expect(same!.person!.name).toMatch(/^P-/);
    expect(same!.items.map(({ gained, lost }) => [gained, lost])).toEqual(
      all.items.map(({ gained, lost }) => [gained, lost]),
    );
    expect(JSON.stringify(same)).not.toContain(rising.membershipId);
  });

  it('takes the aliases of a deployment also from a reader who identifies people in another one', async () => {
    const sister = await createDeployment(server, organisation, 'Cohort C');
    const reader = await join(server, organisation, 'auditor');
    const { token } = await owner.api
      .post(`${sister.path}/staff-invitations`, { emails: [reader.email], role: 'organisation-staff' })
      .expect(201)
      .then(async () => {
        await idle(server);
        return server.smtp.to(reader.email).at(-1)!;
      });
    await reader.api.post(`/v1/invitations/${token}/accept`).expect(200);
    await idle(server);
    for (const place of [organisation, cohort]) {
      const hidden = (await grantsAt(reader.api, place)).find(({ person }) => person.name?.startsWith('P-'))!;
      expect([place.path, await statusFor(reader.api, hidden.grantId)]).toEqual([place.path, 200]);
      await reader.api.get(`/v1/staff/${hidden.membershipId}/history`).expect(200);
    }
  });
});
