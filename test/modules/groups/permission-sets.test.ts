import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  inviteToGroup,
  joinGroup,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const SETS = {
  'administrator and content creator': { administrator: true, contentCreator: true },
  administrator: { administrator: true, contentCreator: false },
  'content creator': { administrator: false, contentCreator: true },
  neither: { administrator: false, contentCreator: false },
} as const;
type SetName = keyof typeof SETS;
const EXCEPTIONS = {
  'no exception': null,
  'an exception that allows': true,
  'an exception that denies': false,
} as const;
type ExceptionName = keyof typeof EXCEPTIONS;

const CASES = (Object.keys(SETS) as SetName[]).flatMap((set) =>
  (Object.keys(EXCEPTIONS) as ExceptionName[]).map((exception) => [set, exception] as const),
);

/** A member with a permission set, and another person's file with an exception for the member, or none. */
interface Situation {
  member: Member;
  file: string;
  /** Another member, whose membership and exception the member changes. */
  other: Member;
}

describeOnOneEngine('permission sets', (engine) => {
  let server: TestServer;
  let group: Place;
  let pending: string;
  let other: Member;
  const members = new Map<SetName, Member>();
  beforeAll(async () => {
    server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0', RESENDS_PER_DAY: '0' });
    const organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
    for (const set of Object.keys(SETS) as SetName[]) {
      const member = await joinGroup(server, group, SETS[set]);
      // The member needs a role in the organisation, because the network is for members with one.
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await member.api.post(`/v1/invitations/${token}/accept`).expect(200);
      members.set(set, member);
    }
    pending = (await inviteToGroup(server, server.admin, group, freshEmail('pending'))).id;
    other = await joinGroup(server, group);
  });
  afterAll(async () => {
    await server.close();
  });

  async function addFile(by: Api): Promise<string> {
    return `/v1/group-files/${String((await by.post(`${group.path}/files`, { name: 'Minutes.pdf', url: 'https://files.example.org/7f3a' }).expect(201)).body.id)}`;
  }

  async function situation(set: SetName, exception: ExceptionName): Promise<Situation> {
    const member = members.get(set)!;
    const file = await addFile(server.admin);
    const contentCreator = EXCEPTIONS[exception];
    if (contentCreator !== null)
      await server.admin.put(`${file}/exceptions/${member.membershipId}`, { contentCreator }).expect(204);
    return { member, file, other };
  }

  /** What a member must have for an action. */
  type Need =
    'nothing' | 'administrator, to see it' | 'administrator' | 'content creator' | 'content creator of this file';
  const ACTIONS: Record<string, [Need, (situation: Situation) => Promise<{ status: number }>]> = {
    'see the group': ['nothing', async ({ member: { api } }) => api.get(group.path)],
    'list members': ['nothing', async ({ member: { api } }) => api.get(`${group.path}/members`)],
    'list files': ['nothing', async ({ member: { api } }) => api.get(`${group.path}/files`)],
    'view a file': ['nothing', async ({ member: { api }, file }) => api.get(file)],
    invite: [
      'administrator',
      async ({ member: { api } }) =>
        api.post(`${group.path}/invitations`, {
          emails: [freshEmail('invited')],
          administrator: true,
          contentCreator: true,
        }),
    ],
    'preview a contact file': [
      'administrator',
      async ({ member: { api } }) =>
        api.post(`${group.path}/invitations/import`).attach('file', Buffer.from(freshEmail()), 'contacts.csv'),
    ],
    'list pending invitations': [
      'administrator',
      async ({ member: { api } }) => api.get(`${group.path}/invitations?state=pending`),
    ],
    'see a pending invitation': [
      'administrator, to see it',
      async ({ member: { api } }) => api.get(`/v1/group-invitations/${pending}`),
    ],
    'resend an invitation': [
      'administrator, to see it',
      async ({ member: { api } }) => api.post(`/v1/group-invitations/${pending}/resend`, {}),
    ],
    'revoke an invitation': [
      'administrator, to see it',
      async ({ member: { api } }) =>
        api.delete(
          `/v1/group-invitations/${(await inviteToGroup(server, server.admin, group, freshEmail('withdrawn'))).id}`,
        ),
    ],
    'change a set': [
      'administrator',
      async ({ member: { api }, other: { membershipId } }) =>
        api.patch(`/v1/group-members/${membershipId}`, { administrator: false, contentCreator: true }),
    ],
    'remove a member': [
      'administrator',
      async ({ member: { api } }) => api.delete(`/v1/group-members/${(await joinGroup(server, group)).membershipId}`),
    ],
    'rename the group': [
      'administrator',
      async ({ member: { api } }) => api.patch(group.path, { name: freshEmail('Board') }),
    ],
    'search the network': ['administrator', async ({ member: { api } }) => api.get(`${group.path}/network`)],
    'set an exception': [
      'administrator',
      async ({ member: { api }, file, other: { membershipId } }) =>
        api.put(`${file}/exceptions/${membershipId}`, { contentCreator: true }),
    ],
    'clear an exception': [
      'administrator',
      async ({ member: { api }, file, other: { membershipId } }) => api.delete(`${file}/exceptions/${membershipId}`),
    ],
    'list access': ['administrator', async ({ member: { api }, file }) => api.get(`${file}/access`)],
    'list access below the group': [
      'administrator',
      async ({ member: { api }, file }) =>
        api.get(`${group.path}/files/${file.slice(file.lastIndexOf('/') + 1)}/access`),
    ],
    'add a file': [
      'content creator',
      async ({ member: { api } }) => api.post(`${group.path}/files`, { name: 'Notes.pdf', url: 'notes' }),
    ],
    'edit a file': [
      'content creator of this file',
      async ({ member: { api }, file }) => api.patch(file, { name: 'Edited.pdf' }),
    ],
    // It is the last action, because the file is gone after it.
    'remove a file': ['content creator of this file', async ({ member: { api }, file }) => api.delete(file)],
  };

  function has(set: SetName, exception: ExceptionName): Record<Need, boolean> {
    const { administrator, contentCreator } = SETS[set];
    return {
      nothing: true,
      administrator,
      'administrator, to see it': administrator,
      'content creator': contentCreator,
      'content creator of this file': EXCEPTIONS[exception] ?? contentCreator,
    };
  }

  it.each(CASES)('%s, with %s: allow their actions and no other', async (set, exception) => {
    const given = await situation(set, exception);
    const did: Record<string, boolean | number> = {};
    for (const [action, [need, act]] of Object.entries(ACTIONS)) {
      const { status } = await act(given);
      // A caller who may not see a thing does not learn that it exists.
      const refusal = need === 'administrator, to see it' ? 404 : 403;
      did[action] = status < 300 ? true : status === refusal ? false : status;
    }
    expect(did).toEqual(
      Object.fromEntries(Object.entries(ACTIONS).map(([action, [need]]) => [action, has(set, exception)[need]])),
    );
  });

  it.each(CASES)(
    '%s, with %s: are shown by the list of access, by the own access and by the file as the calls act',
    async (set, exception) => {
      const { member, file } = await situation(set, exception);
      const { api, membershipId } = member;
      const fileId = file.slice(file.lastIndexOf('/') + 1);
      await readModelsCaughtUp(server);
      const { body } = await server.admin.get(`${file}/access?limit=200`).expect(200);
      const row = body.items.find(({ memberId }: { memberId: string }) => memberId === membershipId);
      const ask = async (scope: string, permission: string) =>
        (await api.get(`/v1/me/access?scope=${scope}&permission=${permission}`).expect(200)).body;
      const [view, edit] = [await ask(fileId, 'file.view'), await ask(fileId, 'file.edit')];
      const listed = (await api.get(`${group.path}/files?limit=200`).expect(200)).body.items.find(
        ({ id }: { id: string }) => id === fileId,
      );
      const shown = (await api.get(file).expect(200)).body;
      const really = {
        view: (await api.get(file)).status === 200,
        administer: (await api.get(`${group.path}/invitations`)).status === 200,
        create: (await api.post(`${group.path}/files`, { name: 'Notes.pdf', url: 'notes' })).status === 201,
        edit: (await api.patch(file, { name: 'Edited.pdf' })).status === 200,
      };
      const reason = EXCEPTIONS[exception] === null ? 'permission-set' : 'exception';
      expect(row).toMatchObject({
        ...SETS[set],
        mayView: really.view,
        mayEdit: really.edit,
        reason,
        email: member.email,
      });
      expect([listed.mayEdit, shown.mayEdit]).toEqual([really.edit, really.edit]);
      expect([view, edit]).toEqual([
        { scope: fileId, permission: 'file.view', allowed: really.view, reason: { by: reason } },
        {
          scope: fileId,
          permission: 'file.edit',
          allowed: really.edit,
          ...(really.edit ? { reason: { by: reason } } : {}),
        },
      ]);
      for (const [permission, allowed] of [
        ['group.view', true],
        ['group.administer', really.administer],
        ['group.create-content', really.create],
      ] as const) {
        expect(await ask(group.id, permission)).toEqual({
          scope: group.id,
          permission,
          allowed,
          ...(allowed ? { reason: { by: 'permission-set' } } : {}),
        });
      }
      // No permission set gives the permissions of a role.
      for (const permission of ['staff.manage', 'patients.view', 'groups.create'])
        expect((await ask(group.id, permission)).allowed).toBe(false);
    },
  );
});
