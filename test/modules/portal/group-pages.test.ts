import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, Visitor } from './portal-support.js';

const VIEWER = { administrator: false, contentCreator: false };
const CREATOR = { administrator: false, contentCreator: true };
const ADMINISTRATOR = { administrator: true, contentCreator: false };
const BOTH = { administrator: true, contentCreator: true };

/** What each visitor gets from each page: VI, CC, AD and BO have the four sets, OO owns the organisation. */
const PAGES = `
VI  CC  AD  BO  OO  SA  AG  AO  EX  ST  PA  page
200 200 200 200 200 200 404 404 404 404 404 /
403 403 200 200 200 200 404 404 404 404 404 /invitations
404 404 200 200 200 200 404 404 404 404 404 /invitations/:invitationId/change
403 403 200 200 200 200 404 404 404 404 404 /invite
403 403 200 200 200 200 404 404 404 404 404 /batches
200 200 200 200 403 200 404 404 404 404 404 /files
403 200 403 200 403 200 404 404 404 404 404 /files/new
200 200 200 200 404 200 404 404 404 404 404 /files/:fileId
200 200 200 200 200 200 404 404 404 404 404 /members/:memberId
200 200 200 200 200 200 404 404 404 404 404 /members/:memberId/history
403 403 200 200 200 200 404 404 404 404 404 /history
403 403 200 200 200 200 404 404 404 404 404 /settings
`;
/** What the forms do for the same visitors: `yes`, or the status or the reason of the refusal. */
const FORMS = `
VI  CC  AD  BO  OO  SA  AG  AO  EX  ST  PA  form
403 403 yes yes 403 yes 404 404 404 404 404 invite a viewer
403 403 yes yes yes yes 404 404 404 404 404 invite an administrator
403 403 yes yes 403 yes 404 404 404 404 404 make a viewer a content creator
403 403 yes yes yes yes 404 404 404 404 404 make a viewer an administrator
403 403 yes yes yes yes 404 404 404 404 404 remove a member
404 404 yes yes 403 yes 404 404 404 404 404 change an invitation
404 404 yes yes 403 yes 404 404 404 404 404 resend an invitation
404 404 yes yes yes yes 404 404 404 404 404 delete an invitation
403 yes 403 yes 403 yes 404 404 404 404 404 add a link
403 yes 403 yes 404 yes 404 404 404 404 404 edit a link
403 yes 403 yes 404 yes 404 404 404 404 404 remove a link
403 403 yes yes 404 yes 404 404 404 404 404 make an exception
403 403 yes yes 403 yes 404 404 404 404 404 change the name
403 403 403 403 yes yes 404 404 404 404 404 delete the group
`;

describeOnOneEngine('the pages about groups', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterAll(async () => server.close());

  const pageOf = ({ path }: Place): string => path.replace('/v1/', '/portal/');
  const visitorOf = async (who: { email: string; password?: string }): Promise<Visitor> => signedInVisitor(server, who);
  const events = async (): Promise<number> => (await server.events()).length;
  const setOf = async ({ membershipId }: Member): Promise<object> => {
    await readModelsCaughtUp(server);
    const { body } = await server.admin.get(`${group.path}/members?limit=200`).expect(200);
    const { administrator, contentCreator } = body.items.find(({ id }: { id: string }) => id === membershipId);
    return { administrator, contentCreator };
  };
  const addFile = async (name = 'Minutes', at = group): Promise<string> =>
    (await server.admin.post(`${at.path}/files`, { name, url: 'https://files.example/a' }).expect(201)).body.id;

  /** The visitors of the tables' columns. */
  async function everybody(): Promise<Record<string, Visitor>> {
    const elsewhere = await createOrganisation(server, 'Lakeside Clinic');
    const leaver = await withPlaceElsewhere(server, await joinGroup(server, group, BOTH));
    await leaver.api.delete(`/v1/group-members/${leaver.membershipId}`).expect(204);
    const members = {
      VI: await joinGroup(server, group, VIEWER),
      CC: await joinGroup(server, group, CREATOR),
      AD: await joinGroup(server, group, ADMINISTRATOR),
      BO: await joinGroup(server, group, BOTH),
      OO: owner,
      SA: ADMIN,
      // An administrator of another group, and one of a group elsewhere.
      AG: await joinGroup(server, await createGroup(server, organisation, 'Ethics board'), BOTH),
      AO: await joinGroup(server, await createGroup(server, elsewhere), BOTH),
      EX: leaver,
      ST: await join(server, organisation, 'organisation-editor'),
      PA: await enrol(server, await createDeployment(server, organisation)),
    };
    const visitors: Record<string, Visitor> = {};
    for (const [who, member] of Object.entries(members)) visitors[who] = await visitorOf(member);
    return visitors;
  }

  const lineOf = (answers: readonly string[], name: string): string =>
    [...answers.map((answer) => answer.padEnd(3)), name].join(' ');

  it('open to each permission set as the API does, and to nobody else', async () => {
    const people = await everybody();
    const { membershipId } = await joinGroup(server, group);
    const { id } = await inviteToGroup(server, server.admin, group, freshEmail(), ADMINISTRATOR);
    const fileId = await addFile();
    const before = await events();
    const lines = [lineOf(Object.keys(people), 'page')];
    for (const page of PAGES.trim().split('\n').slice(1)) {
      const segment = page.slice(44);
      const path = segment
        .replace(/^\/$/, '')
        .replace(':memberId', membershipId)
        .replace(':invitationId', id)
        .replace(':fileId', fileId);
      const answers: string[] = [];
      for (const visitor of Object.values(people)) {
        const { status } = await visitor.get(pageOf(group) + path);
        answers.push(String(status));
      }
      lines.push(lineOf(answers, segment));
    }
    expect(`\n${lines.join('\n')}\n`).toBe(PAGES);
    expect(await events()).toBe(before);
    const { headers } = await new Visitor(server.url).get(pageOf(group));
    expect(headers['location']).toBe(`/sign-in?next=${encodeURIComponent(pageOf(group))}`);
  }, 120_000);

  it('show no link to a page or a form that the visitor may not use', async () => {
    const people = await everybody();
    const fileId = await addFile();
    const { membershipId } = await joinGroup(server, group);
    await inviteToGroup(server, server.admin, group, freshEmail());
    await readModelsCaughtUp(server);
    const dead: unknown[] = [];
    for (const who of ['VI', 'CC', 'AD', 'BO', 'OO', 'SA']) {
      const visitor = people[who]!;
      for (const page of ['', '/files', `/files/${fileId}`, `/members/${membershipId}`, '/invitations']) {
        const { text } = await visitor.get(pageOf(group) + page);
        const links = [...text.matchAll(/(?:href|action)="(\/portal\/groups\/[^"#]*)/g)].map(([, path]) => path!);
        for (const path of new Set(links)) {
          const answer = await visitor.get(path);
          if (answer.status >= 400) dead.push([who, page, path, answer.status]);
        }
      }
    }
    expect(dead).toEqual([]);
  }, 120_000);

  it('do for each permission set what the API does, and nothing for anybody else', async () => {
    const people = await everybody();
    const { admin } = server;
    const invited = async (): Promise<string> => (await inviteToGroup(server, admin, group, freshEmail())).id;
    const forms: Record<string, (at: Place) => Promise<[path: string, fields?: Record<string, string>]>> = {
      'invite a viewer': async () => ['/invite', { emails: freshEmail(), expiresIn: '7d', set: 'viewer' }],
      'invite an administrator': async () => [
        '/invite',
        { emails: freshEmail(), expiresIn: '7d', set: 'administrator' },
      ],
      'make a viewer a content creator': async () => [
        `/members/${(await joinGroup(server, group)).membershipId}/set`,
        { set: 'content-creator' },
      ],
      'make a viewer an administrator': async () => [
        `/members/${(await joinGroup(server, group)).membershipId}/set`,
        { set: 'administrator', reason: 'Nobody else is left' },
      ],
      'remove a member': async () => [`/members/${(await joinGroup(server, group)).membershipId}/end`],
      'change an invitation': async () => [`/invitations/${await invited()}/change`, { set: 'administrator' }],
      'resend an invitation': async () => [`/invitations/${await invited()}/resend`],
      'delete an invitation': async () => [`/invitations/${await invited()}/delete`],
      'add a link': async () => ['/files/new', { name: 'Minutes', url: 'https://files.example/b' }],
      'edit a link': async () => [`/files/${await addFile()}`, { name: 'Agenda', url: 'https://files.example/b' }],
      'remove a link': async () => [`/files/${await addFile()}/remove`],
      'make an exception': async () => [
        `/files/${await addFile()}/exceptions`,
        { memberId: (await joinGroup(server, group)).membershipId, exception: 'allow' },
      ],
      'change the name': async () => ['/settings', { name: `Board ${freshEmail()}`.split('@')[0]! }],
      'delete the group': async () => ['/delete'],
    };
    const lines = [lineOf(Object.keys(people), 'form')];
    for (const [name, make] of Object.entries(forms)) {
      const answers: string[] = [];
      for (const visitor of Object.values(people)) {
        const [path, fields] = await make(group);
        const before = await events();
        const { status, headers } = await visitor.submit(pageOf(group) + path, fields);
        const [, failed] = /[?&]failed=([\w-]+)/.exec(headers['location'] ?? '') ?? [];
        const isDone = (await events()) > before;
        // What was refused stored nothing, and what was done says so.
        expect([name, isDone]).toEqual([name, status < 400 && failed === undefined]);
        answers.push(isDone ? 'yes' : (failed ?? String(status)));
        if (name === 'delete the group' && isDone)
          expect((await admin.post(`${group.path}/restore`).expect(200)).body.name).toMatch(/^Board/);
      }
      lines.push(lineOf(answers, name));
    }
    expect(`\n${lines.join('\n')}\n`).toBe(FORMS);
  }, 240_000);

  it('create a group, list it with a search and a count, and lead to it', async () => {
    const visitor = await visitorOf(owner);
    const list = `${pageOf(organisation)}/groups`;
    const refused = await visitor.submit(`${list}/new`, { name: ' ', description: 'Meets on Tuesdays' });
    expect([refused.status, refused.text.includes('Meets on Tuesdays</textarea>')]).toEqual([400, true]);
    const { headers } = await visitor.submit(`${list}/new`, {
      name: 'Quality circle',
      description: 'Meets on Tuesdays',
    });
    const page = headers['location']!;
    expect(page).toMatch(/^\/portal\/groups\/[0-9a-f-]{36}\?done=created$/);
    const { text } = await visitor.get(page);
    expect([headingOf(text), text.includes('Meets on Tuesdays'), text.includes('1 member')]).toEqual([
      'Quality circle',
      true,
      true,
    ]);
    expect(text).toContain('Administrator and content creator');
    const found = (await visitor.get(`${list}?q=quality`)).text;
    expect([headingOf(found), found.includes('Quality circle'), found.includes('Tumour board')]).toEqual([
      'Groups <span class="count">1</span>',
      true,
      false,
    ]);
    expect((await visitor.get(`${list}?q=${'q'.repeat(201)}`)).status).toBe(400);
    // A contributor is in none of them.
    const contributor = await visitorOf(await join(server, organisation, 'contributor'));
    const own = await contributor.get(list);
    expect([own.status, own.text.includes('You are in no group here'), own.text.includes('/groups/new')]).toEqual([
      200,
      true,
      false,
    ]);
    expect((await contributor.submit(`${list}/new`, { name: 'Mine' })).status).toBe(403);
    expect((await contributor.get(`${list}?state=deleted`)).status).toBe(403);
  });

  it('lead a member without a role to the group from the start page and the side bar', async () => {
    const member = await joinGroup(server, group);
    const visitor = await visitorOf(member);
    const start = (await visitor.get('/')).text;
    expect(start).toContain(`href="${pageOf(group)}"`);
    const { text } = await visitor.get(pageOf(group));
    const list = `${pageOf(organisation)}/groups`;
    expect(text).toContain(`href="${list}" aria-current="page"`);
    expect((await visitor.get(list)).text).toContain(`href="${pageOf(group)}"`);
    const patient = await visitorOf(await enrol(server, await createDeployment(server, organisation)));
    expect((await patient.get(list)).status).toBe(403);
  });

  it('welcome those who accept by the mail or on the start page, with a link to the group', async () => {
    const email = freshEmail();
    const { token } = await inviteToGroup(server, server.admin, group, email, CREATOR);
    const visitor = new Visitor(server.url);
    await visitor.submit(`/invitations/${token}/accept`, { name: 'Ben Example', password: PASSWORD });
    expect((await visitor.get(`/invitations/${token}/welcome`)).text).toContain(`href="${pageOf(group)}"`);
    const other = await createGroup(server, organisation, 'Ethics board');
    const { id } = await inviteToGroup(server, server.admin, other, email);
    await readModelsCaughtUp(server);
    const { headers } = await visitor.submit(`/me/invitations/${id}/accept`, { terms: '1' });
    expect(headers['location']).toBe(`${pageOf(other)}?done=joined`);
    expect((await visitor.get(headers['location']!)).text).toContain('You are a member of this group now.');
  });

  it('invite typed addresses and people of the network after a review, with one set and a message', async () => {
    const administrator = await join(server, organisation, 'contributor');
    const { token } = await inviteToGroup(server, server.admin, group, administrator.email, ADMINISTRATOR);
    await administrator.api.post(`/v1/invitations/${token}/accept`).expect(200);
    const colleague = await join(server, organisation, 'auditor', freshEmail('colleague'));
    const visitor = await visitorOf(administrator);
    const [one, two] = [freshEmail(), freshEmail()];
    const fields = { emails: `${one}, Ann <${two}>\nnobody@`, expiresIn: '30d', message: 'Welcome' };
    const found = await visitor.submit(`${pageOf(group)}/invite/network`, { ...fields, q: colleague.email });
    const [, personId = ''] = /name="personIds" type="checkbox" value="([^"]*)"/.exec(found.text) ?? [];
    expect([found.text.includes(one), found.text.match(/name="personIds"/g)]).toEqual([true, ['name="personIds"']]);
    const before = await events();
    const unchosen = await visitor.submit(`${pageOf(group)}/invite`, { ...fields, personIds: personId });
    expect([unchosen.status, unchosen.text.includes('Choose what they may do')]).toEqual([400, true]);
    const all = { ...fields, personIds: personId, set: 'content-creator' };
    const reviewed = await visitor.submit(`${pageOf(group)}/invite/review`, all);
    for (const words of ['Nothing is sent yet', 'Will be invited', colleague.email, 'Are no address'])
      expect(reviewed.text).toContain(words);
    expect(reviewed.text).toMatch(new RegExp(`value="${personId}"[^>]* checked`));
    expect(await events()).toBe(before);
    const sent = await visitor.submit(`${pageOf(group)}/invite`, all);
    for (const words of ['3 invitations are on their way.', '1 address was left out.'])
      expect(sent.text).toContain(words);
    expect(sent.text).not.toMatch(new RegExp(`value="${personId}"[^>]* checked`));
    for (const email of [one, two, colleague.email]) {
      const { text } = await server.smtp.mailTo(email, email === colleague.email ? 2 : 1);
      expect([text.includes('create, edit and upload'), text.includes('Welcome')]).toEqual([true, true]);
    }
    const [, batch = ''] = /href="([^"]*\/batches\/[^"]*)"/.exec(sent.text) ?? [];
    expect(headingOf((await visitor.get(batch)).text)).toBe('4 addresses');
    expect((await visitor.get(`${pageOf(group)}/batches`)).text).toContain(batch);
    const pending = (await visitor.get(`${pageOf(group)}/invitations`)).text;
    expect([one, two, colleague.email].filter((email) => !pending.includes(email))).toEqual([]);
    const undone = await visitor.submit(`${batch}/undo`, { reason: 'a trial' });
    expect(undone.headers['location']).toBe(`${batch}?done=undone`);
    expect((await visitor.get(`${pageOf(group)}/invitations?state=revoked`)).text).toContain(one);
  });

  it('put the addresses of a contact file into the form', async () => {
    const visitor = await visitorOf(await joinGroup(server, group, ADMINISTRATOR));
    const email = freshEmail('filed');
    const { text } = await visitor.upload(`${pageOf(group)}/invite/import`, `Name,E-mail 1 - Value\nAnn,${email}\n`);
    expect(/<textarea id="emails"[^>]*>([^<]*)</.exec(text)?.[1]).toBe(email);
    for (const words of ['Google Contacts', 'Outlook', 'Manage contacts']) expect(text).toContain(words);
    const empty = await visitor.upload(`${pageOf(group)}/invite/import`, '%PDF-1.7 and so on');
    expect([empty.status >= 400, empty.text.includes('href="#file"')]).toEqual([true, true]);
  });

  it('show the network only to administrators with a role in the organisation, and pick only from it', async () => {
    const outsider = await visitorOf(await joinGroup(server, group, ADMINISTRATOR));
    const form = await outsider.get(`${pageOf(group)}/invite`);
    expect([form.status, form.text.includes('name="personIds"')]).toEqual([200, false]);
    const patient = await enrol(server, await createDeployment(server, organisation));
    const { personId } = (await patient.api.get('/v1/me').expect(200)).body;
    const stranger = await join(server, await createOrganisation(server, 'Lakeside Clinic'), 'contributor');
    const { personId: foreign } = (await stranger.api.get('/v1/me').expect(200)).body;
    const issued = async (): Promise<number> =>
      (await server.events()).filter(({ type }) => type === 'InvitationIssued').length;
    const before = await issued();
    const fields = { emails: '', expiresIn: '7d', set: 'viewer' };
    expect((await outsider.submit(`${pageOf(group)}/invite`, { ...fields, personIds: personId })).status).toBe(403);
    const admin = await visitorOf(ADMIN);
    const pairs = [...Object.entries(fields), ['personIds', personId], ['personIds', foreign]] as [string, string][];
    const { text } = await admin.submitPairs(`${pageOf(group)}/invite`, pairs);
    expect(text).toContain('A person outside your network');
    expect([text.includes(patient.email), text.includes(stranger.email), await issued()]).toEqual([
      false,
      false,
      before,
    ]);
    const search = await admin.submit(`${pageOf(group)}/invite/network`, { ...fields, q: patient.email });
    expect(search.text).not.toContain('name="personIds"');
    for (const q of ['q'.repeat(400), '\u0000'])
      expect((await admin.submit(`${pageOf(group)}/invite/network`, { ...fields, q })).status).toBe(200);
  });

  it('change a set with a reason, refuse a forged one, and keep the last administrator', async () => {
    const [lead, member] = [await joinGroup(server, group, ADMINISTRATOR), await joinGroup(server, group)];
    const visitor = await visitorOf(lead);
    const page = `${pageOf(group)}/members/${member.membershipId}`;
    const led = async (path: string, fields: Record<string, string>) =>
      (await visitor.submit(path, fields)).headers['location'];
    expect(await led(`${page}/set`, { set: 'content-creator', reason: 'writes the minutes' })).toBe(
      `${page}?done=set-changed`,
    );
    expect(await setOf(member)).toEqual(CREATOR);
    expect((await visitor.get(`${page}/history`)).text).toContain('writes the minutes');
    const before = await events();
    for (const set of ['organisation-owner', '', '__proto__'])
      expect(await led(`${page}/set`, { set, administrator: 'true' })).toBe(`${page}?failed=invalid-input`);
    expect(await led(`${page}/set`, { set: 'viewer', reason: 'r'.repeat(1_001) })).toBe(`${page}?failed=invalid-input`);
    const own = `${pageOf(group)}/members/${lead.membershipId}`;
    expect(await led(`${own}/set`, { set: 'administrator-content-creator' })).toBe(`${own}?failed=own-role`);
    expect((await visitor.get(`${own}?failed=own-role`)).text).toContain('Nobody changes their own permissions.');
    expect(await events()).toBe(before);
    const small = await createGroup(server, organisation, 'Of one', owner.api);
    const { body } = await owner.api.get(`${small.path}/members`).expect(200);
    const only = `${pageOf(small)}/members/${String(body.items[0].id)}`;
    const { headers } = await (await visitorOf(owner)).submit(`${only}/end`);
    expect(headers['location']).toBe(`${only}?failed=last-owner`);
    expect((await (await visitorOf(owner)).get(headers['location']!)).text).toContain(
      'last administrator of the group',
    );
  });

  it('remove a member, and let members leave, who then see the group no more', async () => {
    const [removed, leaver] = [
      await withPlaceElsewhere(server, await joinGroup(server, group)),
      await withPlaceElsewhere(server, await joinGroup(server, group)),
    ];
    const visitors = { removed: await visitorOf(removed), leaver: await visitorOf(leaver) };
    const admin = await visitorOf(ADMIN);
    const end = (of: Member): string => `${pageOf(group)}/members/${of.membershipId}/end`;
    expect((await admin.submit(end(removed), { reason: 'moved' })).headers['location']).toBe(
      `${pageOf(group)}?done=member-removed`,
    );
    expect((await visitors.leaver.submit(end(leaver))).headers['location']).toBe('/');
    for (const visitor of Object.values(visitors)) {
      expect((await visitor.get(pageOf(group))).status).toBe(404);
      expect((await visitor.get(`${pageOf(group)}/files`)).status).toBe(404);
      expect((await visitor.submit(`${pageOf(group)}/files/new`, { name: 'a', url: 'b' })).status).toBe(404);
    }
    expect((await admin.get(`${pageOf(group)}/members/${leaver.membershipId}`)).status).toBe(404);
  });

  it('list, add, edit and remove files, and refuse addresses that run', async () => {
    const member = await joinGroup(server, group, CREATOR);
    const visitor = await visitorOf(member);
    const files = `${pageOf(group)}/files`;
    const refused = await visitor.submit(`${files}/new`, { name: 'Protocol', url: 'javascript:ran()' });
    expect([refused.status, refused.text.includes('value="Protocol"'), refused.text.includes('href="#url"')]).toEqual([
      400,
      true,
      true,
    ]);
    const added = await visitor.submit(`${files}/new`, {
      name: 'Protocol',
      url: 'https://files.example/protocol',
      groupId: organisation.id,
      size: '-1',
    });
    expect(added.headers['location']).toBe(`${files}?done=file-added`);
    const list = (await visitor.get(files)).text;
    const [, file = ''] = new RegExp(`href="(${files}/[0-9a-f-]{36})">Protocol<`).exec(list) ?? [];
    expect(list).toContain('href="https://files.example/protocol" rel="noreferrer"');
    const bad = await visitor.submit(file, { name: '', url: 'https://files.example/protocol' });
    expect([bad.status, headingOf(bad.text)]).toEqual([400, 'Protocol']);
    // A reference into a store of one's own is no link.
    const edited = await visitor.submit(file, { name: 'Protocol 2', url: 'store/42' });
    expect(edited.headers['location']).toBe(`${file}?done=file-saved`);
    const page = (await visitor.get(file)).text;
    expect([headingOf(page), page.includes('value="store/42"'), page.includes('href="store/42"')]).toEqual([
      'Protocol 2',
      true,
      false,
    ]);
    expect((await visitor.submit(`${file}/remove`)).headers['location']).toBe(`${files}?done=file-removed`);
    expect((await visitor.get(file)).status).toBe(404);
  });

  it('say who can do what with a file and why, and make and end exceptions', async () => {
    const board = await createGroup(server, organisation, 'Audit board');
    const [lead, writer, reader] = [
      await joinGroup(server, board, ADMINISTRATOR, freshEmail('lead')),
      await joinGroup(server, board, CREATOR, freshEmail('writer')),
      await joinGroup(server, board, VIEWER, freshEmail('reader')),
    ];
    const file = `${pageOf(board)}/files/${await addFile('Audit', board)}`;
    const visitor = await visitorOf(lead);
    const rowOf = async ({ email }: Member): Promise<string> => {
      const rows = (await visitor.get(file)).text.split('<tr>');
      const row = rows.find((each) => each.includes(email)) ?? '';
      return [...row.matchAll(/<td data-label="(?:May|Why)">(.*?)<\/td>/g)]
        .map(([, cell]) => cell!.replaceAll(/<[^>]*>/g, ''))
        .join(' | ');
    };
    const except = async ({ membershipId: memberId }: Member, exception: string) =>
      (await visitor.submit(`${file}/exceptions`, { memberId, exception })).headers['location'];
    expect([await rowOf(writer), await rowOf(reader)]).toEqual([
      'view, edit and remove | Content creator',
      'view | Viewer',
    ]);
    expect(await except(writer, 'deny')).toBe(`${file}?done=exception-changed`);
    await except(reader, 'allow');
    expect([await rowOf(writer), await rowOf(reader)]).toEqual([
      'view | Exception: may not edit',
      'view, edit and remove | Exception: may edit',
    ]);
    const change = { name: 'Audit 2', url: 'https://files.example/a' };
    expect((await (await visitorOf(writer)).submit(file, change)).status).toBe(403);
    expect((await (await visitorOf(reader)).submit(file, change)).status).toBe(303);
    await except(reader, 'set');
    expect(await rowOf(reader)).toBe('view | Viewer');
    expect(await except(lead, 'allow')).toBe(`${file}?failed=own-role`);
    const before = await events();
    for (const exception of ['', 'true', '__proto__', 'constructor'])
      expect(await except(reader, exception)).toBe(`${file}?failed=invalid-input`);
    const { membershipId } = await joinGroup(server, await createGroup(server, organisation, 'Ethics board'));
    const settled = await events();
    const foreign = await visitor.submit(`${file}/exceptions`, { memberId: membershipId, exception: 'allow' });
    expect([foreign.status, await events()]).toEqual([404, settled]);
    expect(settled).toBeGreaterThan(before);
    expect((await (await visitorOf(reader)).get(file)).text).not.toContain('Who can do what');
  });

  it('find nothing of another group, also for an administrator of both', async () => {
    const other = await createGroup(server, organisation, 'Ethics board');
    const { membershipId } = await joinGroup(server, other);
    const fileId = await addFile('Theirs', other);
    const { id } = await inviteToGroup(server, server.admin, other, freshEmail());
    const visitor = await visitorOf(ADMIN);
    const before = await events();
    const answers: unknown[] = [];
    for (const page of [
      `/members/${membershipId}`,
      `/members/${membershipId}/history`,
      `/files/${fileId}`,
      `/invitations/${id}/change`,
      '/members/nothing',
      '/files/nothing',
      '/invitations/nothing/change',
    ])
      answers.push((await visitor.get(pageOf(group) + page)).status);
    for (const [form, fields] of [
      [`/members/${membershipId}/set`, { set: 'administrator' }],
      [`/members/${membershipId}/end`, {}],
      [`/files/${fileId}`, { name: 'Ours', url: 'ours' }],
      [`/files/${fileId}/remove`, {}],
      [`/files/${fileId}/exceptions`, { memberId: membershipId, exception: 'allow' }],
      [`/invitations/${id}/change`, { set: 'administrator' }],
    ] as [string, Record<string, string>][])
      answers.push((await visitor.submit(pageOf(group) + form, fields)).status);
    expect(answers).toEqual(answers.map(() => 404));
    expect(await events()).toBe(before);
  });

  it('tell owners which groups have no administrator, and let them appoint one', async () => {
    const place = await createOrganisation(server, 'Hillside Hospital');
    const boss = await join(server, place, 'organisation-owner');
    const founder = await join(server, place, 'organisation-editor');
    const orphan = await createGroup(server, place, 'Left alone', founder.api);
    const member = await joinGroup(server, orphan, CREATOR, undefined, founder.api);
    await server.admin.delete(`/v1/staff/${founder.membershipId}`).expect(204);
    const visitor = await visitorOf(boss);
    const overview = pageOf(place);
    for (const page of ['/', overview, `${overview}/groups`, pageOf(orphan)])
      expect([page, (await visitor.get(page)).text.includes('dministrator')]).toEqual([page, true]);
    expect((await visitor.get(overview)).text).toContain('Groups without an administrator');
    const editor = await visitorOf(await join(server, place, 'organisation-editor'));
    expect((await editor.get(overview)).text).not.toContain('Left alone');
    const profile = (await visitor.get(`${pageOf(orphan)}/members/${member.membershipId}`)).text;
    const [, set = ''] = /name="set" value="([^"]*)"/.exec(profile) ?? [];
    expect(set).toBe('administrator-content-creator');
    await visitor.submit(`${pageOf(orphan)}/members/${member.membershipId}/set`, { set });
    expect((await visitor.get(overview)).text).not.toContain('Groups without an administrator');
    expect((await (await visitorOf(member)).get(`${pageOf(orphan)}/settings`)).status).toBe(200);
  });

  it('list deleted groups to owners, who restore them, and change nothing in an archived organisation', async () => {
    const place = await createOrganisation(server, 'Hillside Hospital');
    const boss = await visitorOf(await join(server, place, 'organisation-owner'));
    const board = await createGroup(server, place, 'Steering board');
    const lead = await visitorOf(await joinGroup(server, board, BOTH));
    const list = `${pageOf(place)}/groups`;
    expect((await boss.submit(`${pageOf(board)}/delete`)).headers['location']).toBe(
      `${list}?state=deleted&done=group-deleted`,
    );
    expect((await boss.get(`${list}?state=deleted`)).text).toContain(`action="${pageOf(board)}/restore"`);
    expect((await boss.get(list)).text).not.toContain('Steering board');
    expect((await lead.get(pageOf(board))).status).toBe(404);
    expect((await lead.submit(`${pageOf(board)}/restore`)).status).toBe(404);
    expect((await boss.submit(`${pageOf(board)}/restore`)).headers['location']).toBe(`${pageOf(board)}?done=restored`);
    expect((await lead.get(pageOf(board))).status).toBe(200);
    await server.admin.post(`${place.path}/archive`).expect(200);
    const { text } = await lead.get(pageOf(board));
    expect([text.includes('Archived'), text.includes(`${pageOf(board)}/invite"`)]).toEqual([true, false]);
    expect((await lead.get(`${pageOf(board)}/invite`)).status).toBe(409);
    expect((await lead.submit(`${pageOf(board)}/files/new`, { name: 'a', url: 'b' })).status).toBe(409);
    expect((await lead.submit(`${pageOf(board)}/settings`, { name: 'Mine' })).headers['location']).toBe(
      `${pageOf(board)}/settings?failed=scope-archived`,
    );
    expect((await boss.submit(`${pageOf(board)}/delete`)).headers['location']).toBe(
      `${pageOf(board)}/settings?failed=scope-archived`,
    );
  });

  it('send an invitation again, change it and delete it', async () => {
    const visitor = await visitorOf(await joinGroup(server, group, ADMINISTRATOR));
    const email = freshEmail();
    const { id } = await inviteToGroup(server, server.admin, group, email);
    const list = `${pageOf(group)}/invitations`;
    const led = async (what: string, fields = {}) =>
      (await visitor.submit(`${list}/${id}/${what}`, fields)).headers['location'];
    expect(await led('change', { set: 'administrator', expiresIn: '24h' })).toBe(`${list}?done=altered`);
    const { body } = await server.admin.get(`/v1/group-invitations/${id}`).expect(200);
    expect([body.administrator, body.contentCreator]).toEqual([true, false]);
    expect(Date.parse(body.expiresAt)).toBeLessThan(Date.now() + 25 * 3_600_000);
    expect(await led('change', { set: 'everything' })).toBe(`${list}/${id}/change?failed=invalid-input`);
    expect(await led('resend')).toBe(`${list}?done=resent`);
    await server.smtp.mailTo(email, 2);
    expect(await led('delete')).toBe(`${list}?done=deleted`);
    expect((await visitor.get(list)).text).not.toContain(email);
    expect((await visitor.get(`${list}?state=revoked`)).text).toContain(email);
    // Another organisation's invitation is none of this group.
    const staff = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
    expect((await visitor.get(`${list}/${staff.id}/change`)).status).toBe(404);
  });
});
