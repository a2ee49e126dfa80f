import { randomUUID } from 'node:crypto';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  inviteToGroup,
  join,
  joinGroup,
  observe,
  withPlaceElsewhere,
  type GroupSet,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PNG, storedKeys, upload, uploadAgain } from './uploading.js';

const SETS = {
  'administrator and content creator': { administrator: true, contentCreator: true },
  administrator: { administrator: true, contentCreator: false },
  'content creator': { administrator: false, contentCreator: true },
  viewer: { administrator: false, contentCreator: false },
} as const satisfies Record<string, GroupSet>;
type SetName = keyof typeof SETS;
const EXCEPTIONS = { 'no exception': null, 'an exception that allows': true, 'an exception that denies': false };
type ExceptionName = keyof typeof EXCEPTIONS;

const CASES = (Object.keys(SETS) as SetName[]).flatMap((set) =>
  (Object.keys(EXCEPTIONS) as ExceptionName[]).map((exception) => [set, exception] as const),
);

/** Calls about one file's content. Each ends with the file as it was, except the last, which removes it. */
const CALLS: readonly (readonly [
  action: 'view' | 'edit',
  call: (by: Api, path: string) => PromiseLike<{ status: number }>,
])[] = [
  ['view', (by, path) => by.get(path)],
  ['view', (by, path) => by.get(`${path}/versions`)],
  ['view', (by, path) => by.get(`${path}/preview`)],
  ['view', (by, path) => by.get(`${path}/content`)],
  ['view', (by, path) => by.get(`${path}/content?version=1`)],
  ['edit', (by, path) => uploadAgain(by, path, `new ${randomUUID()}`)],
  ['edit', (by, path) => by.put(`${path}/content`, Buffer.from(randomUUID())).set('Content-Type', 'image/png')],
  ['edit', (by, path) => by.patch(path, { name: 'Renamed.png' })],
  ['edit', (by, path) => by.delete(path)],
];

describeOnOneEngine('the content of a file', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  const members = new Map<SetName, Member>();

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
    for (const set of Object.keys(SETS) as SetName[]) members.set(set, await joinGroup(server, group, SETS[set]));
  });
  afterAll(async () => {
    await server.close();
  });

  const add = async (): Promise<string> =>
    `/v1/group-files/${String((await upload(server.admin, group, PNG, 'Plan.png').expect(201)).body.id)}`;
  const statuses = async (by: Api, path: string): Promise<number[]> => {
    const found = [];
    for (const [, call] of CALLS) found.push((await call(by, path)).status);
    return found;
  };

  it.each(CASES)('is open to a member as the rules say: %s, %s', async (set, exception) => {
    const { api, membershipId } = members.get(set)!;
    const path = await add();
    const contentCreator = EXCEPTIONS[exception];
    if (contentCreator !== null)
      await server.admin.put(`${path}/exceptions/${membershipId}`, { contentCreator }).expect(204);
    const mayEdit = contentCreator ?? SETS[set].contentCreator;
    const expected = CALLS.map(([action], index) => {
      if (action === 'view') return 200;
      if (!mayEdit) return 403;
      return index === CALLS.length - 1 ? 204 : 200;
    });
    expect(await statuses(api, path)).toEqual(expected);
    // An exception is about that file alone.
    expect((await upload(api, group, PNG, 'Mine.png')).status).toBe(SETS[set].contentCreator ? 201 : 403);
    expect((await server.admin.get(path)).status).toBe(mayEdit ? 404 : 200);
  });

  it('is unknown to everybody outside of the group, and stores nothing of theirs', async () => {
    const path = await add();
    const deployment = await createDeployment(server, organisation);
    const elsewhere = await createOrganisation(server, 'Elsewhere');
    const outsiders = {
      'an owner of the organisation': await join(server, organisation, 'organisation-owner'),
      'an auditor': await join(server, organisation, 'auditor'),
      'staff of a deployment': await join(server, deployment, 'admin'),
      'a patient': await enrol(server, deployment),
      'an observer': await observe(server, deployment),
      'an owner of another organisation': await join(server, elsewhere, 'organisation-owner'),
      'a member of another group': await joinGroup(
        server,
        await createGroup(server, organisation, 'Other'),
        SETS['administrator and content creator'],
      ),
      'a member of a group elsewhere': await joinGroup(
        server,
        await createGroup(server, elsewhere),
        SETS['administrator and content creator'],
      ),
    };
    const before = await storedKeys(server);
    for (const [who, { api }] of Object.entries(outsiders)) {
      expect([who, await statuses(api, path)]).toEqual([who, CALLS.map(() => 404)]);
      const { status } = await upload(api, group, PNG, 'a.png');
      expect([who, status]).toEqual([who, who === 'an owner of the organisation' ? 403 : 404]);
    }
    expect(await statuses(server.anonymous, path)).toEqual(CALLS.map(() => 401));
    expect(await storedKeys(server)).toEqual(before);
  });

  it('is closed to a leaver on the next call, also with an exception, and after they came back as a viewer', async () => {
    const path = await add();
    const member = await withPlaceElsewhere(server, await joinGroup(server, group));
    await server.admin.put(`${path}/exceptions/${member.membershipId}`, { contentCreator: true }).expect(204);
    await uploadAgain(member.api, path, 'allowed').expect(200);
    await member.api.delete(`/v1/group-members/${member.membershipId}`).expect(204);
    expect(await statuses(member.api, path)).toEqual(CALLS.map(() => 404));
    const { token } = await inviteToGroup(server, server.admin, group, member.email);
    await member.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
    expect(await statuses(member.api, path)).toEqual(CALLS.map(([action]) => (action === 'view' ? 200 : 403)));
  });

  it('is unknown by guessed ids, and by the id of another thing', async () => {
    for (const id of [randomUUID(), group.id, organisation.id])
      expect(await statuses(server.admin, `/v1/group-files/${id}`)).toEqual(CALLS.map(() => 404));
  });

  it('is refused to a caller without the right before any byte is read', async () => {
    const path = await add();
    const { api } = members.get('viewer')!;
    const before = await storedKeys(server);
    for (const [method, address, token, status] of [
      ['PUT', `${path}/content`, api.token!, 403],
      ['POST', `${group.path}/files`, api.token!, 403],
      ['PUT', `${path}/content`, 'nobody', 401],
      ['POST', `${group.path}/files`, 'nobody', 401],
    ] as const) {
      // The body never ends, so an answer shows that nobody waited for it.
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(Buffer.from('--form\r\n'));
        },
      });
      const answer = await fetch(server.url + address, {
        method,
        body,
        duplex: 'half',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=form' },
      });
      expect([method, answer.status]).toEqual([method, status]);
      await answer.body?.cancel();
    }
    expect(await storedKeys(server)).toEqual(before);
  });
});
