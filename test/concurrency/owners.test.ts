import { OwnerGuard, ownershipFrom } from '../../src/modules/access/owner-guard/owner-guard.js';
import { CommandHandling } from '../../src/shared/event-sourcing/command-handling.js';
import { EventStore, type StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import { currentContext } from '../../src/shared/request-context/request-context.js';
import { groupMemberFrom, permissionsOf } from '../../src/modules/groups/members/group-member.js';
import { staffMemberFrom } from '../../src/modules/staff/members/staff-member.js';
import { describeOnEngines } from '../support/engines.js';
import { failOnce, restore } from '../support/injected-failure.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  join,
  joinGroup,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { outcomeOf } from './rounds.js';

/** The full proof has 200 rounds. */
const ROUNDS = Number(process.env.OWNER_ROUNDS ?? '15');

type CurrentRole = 'owner' | 'other' | 'gone';

/** The kind of members of whom a scope always keeps one. */
interface Kind {
  name: string;
  place(server: TestServer): Promise<Place>;
  join(server: TestServer, place: Place): Promise<Member>;
  /** Ends the creator's membership, so that the pair are the only owners. */
  alone(server: TestServer, place: Place): Promise<void>;
  /** The bodies of invitations and changes: `owner` gives the right, and `other` takes it. */
  owner: object;
  other: object;
  invitationsPath(place: Place): string;
  memberPath(member: Member): string;
  category: string;
  currentRole(history: readonly StoredEvent[]): CurrentRole;
}

const KINDS: readonly Kind[] = [
  {
    name: 'owners of an organisation',
    place: createOrganisation,
    join: async (server, place) => withPlaceElsewhere(server, await join(server, place, 'organisation-owner')),
    alone: async () => Promise.resolve(),
    owner: { role: 'organisation-owner' },
    other: { role: 'contributor' },
    invitationsPath: ({ path }) => `${path}/staff-invitations`,
    memberPath: ({ membershipId }) => `/v1/staff/${membershipId}`,
    category: 'staff',
    currentRole(history) {
      const member = staffMemberFrom(history);
      return member.status !== 'active' ? 'gone' : member.role === 'organisation-owner' ? 'owner' : 'other';
    },
  },
  {
    name: 'administrators of a group',
    place: async (server) => createGroup(server, await createOrganisation(server)),
    join: async (server, place) => withPlaceElsewhere(server, await joinGroup(server, place, { administrator: true })),
    async alone(server, place) {
      await readModelsCaughtUp(server);
      const { body } = await server.admin.get(`${place.path}/members`).expect(200);
      await server.admin.delete(`/v1/group-members/${String(body.items[0].id)}`).expect(204);
    },
    owner: { administrator: true, contentCreator: false },
    other: { administrator: false, contentCreator: false },
    invitationsPath: ({ path }) => `${path}/invitations`,
    memberPath: ({ membershipId }) => `/v1/group-members/${membershipId}`,
    category: 'groupMember',
    currentRole(history) {
      const member = groupMemberFrom(history);
      return member.status !== 'active' ? 'gone' : permissionsOf(member).administrator ? 'owner' : 'other';
    },
  },
];

const isRequest = (): boolean => currentContext()?.correlationId === currentContext()?.causationId;

describeOnEngines('the last owner of a scope', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  describe.each(KINDS)('$name', (kind) => {
    let place: Place;
    let pair: [Member, Member];
    beforeAll(async () => {
      place = await kind.place(server);
      pair = [await kind.join(server, place), await kind.join(server, place)];
      await kind.alone(server, place);
    });

    const store = (): EventStore => server.running.app.get(EventStore);
    const currentRoleOf = async ({ membershipId }: Member): Promise<CurrentRole> =>
      kind.currentRole(await store().read(`${kind.category}-${membershipId}`));
    const currentRoles = async (members: Member[]): Promise<CurrentRole[]> => Promise.all(members.map(currentRoleOf));
    const registered = async (): Promise<number> =>
      ownershipFrom(await store().read(`ownership-${place.id}`)).owners.size;
    const path = kind.memberPath;

    /**
     * What two owners do at the same moment: demote each other, remove each other, demote one who leaves, or both
     * leave.
     */
    const DEEDS = [
      ([ann, bob]: [Member, Member]) => [ann.api.patch(path(bob), kind.other), bob.api.patch(path(ann), kind.other)],
      ([ann, bob]: [Member, Member]) => [ann.api.delete(path(bob)), bob.api.delete(path(ann))],
      ([ann, bob]: [Member, Member]) => [ann.api.patch(path(bob), kind.other), bob.api.delete(path(bob))],
      ([ann, bob]: [Member, Member]) => [ann.api.delete(path(ann)), bob.api.delete(path(bob))],
    ] as const;

    it(`keep one of two who end each other's right or leave at the same moment, ${String(ROUNDS)} times`, async () => {
      const seen = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const answers = await Promise.all(DEEDS[round % DEEDS.length]!(pair));
        const outcome = answers.map(outcomeOf).join(', ');
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        expect((await currentRoles(pair)).filter((currentRole) => currentRole === 'owner')).toHaveLength(1);
        await restoreBoth();
      }
      process.stdout.write(`two ${kind.name} on ${engine.name}: ${JSON.stringify([...seen])}\n`);
    }, 300_000);

    /** The super-admin makes both owners again. A member who left joins again. */
    async function restoreBoth(): Promise<void> {
      for (const member of pair) {
        const currentRole = await currentRoleOf(member);
        if (currentRole === 'other') await server.admin.patch(path(member), kind.owner).expect(200);
        if (currentRole === 'gone') await rejoin(member);
        expect(await currentRoleOf(member)).toBe('owner');
      }
      expect(await registered()).toBe(2);
    }

    async function rejoin(member: Member): Promise<void> {
      const before = server.smtp.to(member.email).length;
      await server.admin.post(kind.invitationsPath(place), { emails: [member.email], ...kind.owner }).expect(201);
      const { token } = await server.smtp.mailTo(member.email, before + 1);
      await member.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
    }

    it('are demoted in the end when the call stopped between the release and the change', async () => {
      const third = await kind.join(server, place);
      const guard = server.running.app.get(OwnerGuard);
      const failed = failOnce(guard, 'finish', 'before', { when: isRequest });
      const answer = await server.admin.patch(path(third), { ...kind.other, reason: 'stops half-way' });
      expect([failed(), answer.status]).toEqual([true, 500]);
      restore(guard);
      await waitFor('the demotion', async () => (await currentRoleOf(third)) === 'other');
      expect(await registered()).toBe(2);
      await server.admin.patch(path(third), kind.owner).expect(200);
      expect([await registered(), await currentRoleOf(third)]).toEqual([3, 'owner']);
      await server.admin.delete(path(third)).expect(204);
    });

    it('are registered in the end when their acceptance stopped before the registration', async () => {
      const guard = server.running.app.get(OwnerGuard);
      const email = freshEmail('owner');
      await server.admin.post(kind.invitationsPath(place), { emails: [email], ...kind.owner }).expect(201);
      const { token } = await server.smtp.mailTo(email);
      const failed = failOnce(guard, 'register', 'before', { when: isRequest });
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Half an owner', password: 'a fine new password' })
        .expect(500);
      expect(failed()).toBe(true);
      restore(guard);
      await waitFor('the registration', async () => (await registered()) === 3);
    });
  });

  it('an administrator whose content rights change stays administrator, also when the call stops half-way', async () => {
    const group = await createGroup(server, await createOrganisation(server));
    await readModelsCaughtUp(server);
    const [founder] = (await server.admin.get(`${group.path}/members`).expect(200)).body.items as { id: string }[];
    const member = await joinGroup(server, group, { administrator: true });
    await member.api.delete(`/v1/group-members/${founder!.id}`).expect(204);
    const memberNow = async () =>
      groupMemberFrom(await server.running.app.get(EventStore).read(`groupMember-${member.membershipId}`));
    const owners = async () =>
      ownershipFrom(await server.running.app.get(EventStore).read(`ownership-${group.id}`)).owners.size;
    const change = (contentCreator: boolean) =>
      server.admin.patch(`/v1/group-members/${member.membershipId}`, { administrator: true, contentCreator });
    const guard = server.running.app.get(OwnerGuard);
    // The process manager fails once, so only the call itself can register the owner.
    failOnce(guard, 'register', 'before', { when: () => !isRequest() });
    await change(true).expect(200);
    expect([await memberNow(), await owners()]).toEqual([
      expect.objectContaining({ permissionSet: 'administrator-content-creator' }),
      1,
    ]);
    restore(guard);
    const failed = failOnce(guard, 'register', 'before', { when: isRequest });
    const { status } = await change(false);
    expect([failed(), status]).toEqual([true, 500]);
    restore(guard);
    await waitFor('the registration', async () => (await owners()) === 1);
    expect(await memberNow()).toMatchObject({ permissionSet: 'administrator' });
    await member.api.delete(`/v1/group-members/${member.membershipId}`).expect(409);
  });

  it('a founding that stopped before the group existed shows nothing, and the same call finishes it', async () => {
    const organisation = await createOrganisation(server);
    const commandHandling = server.running.app.get(CommandHandling);
    const failed = failOnce(commandHandling, 'decide', 'before', {
      when: (decision) => (decision as { stream: string }).stream.startsWith('group-'),
    });
    const founding = () =>
      server.admin
        .post(`${organisation.path}/groups`, { name: 'Half a group' })
        .set('Idempotency-Key', organisation.id);
    const listed = async () => {
      await readModelsCaughtUp(server);
      const [{ body: list }, { body: me }] = [
        await server.admin.get(`${organisation.path}/groups`).expect(200),
        await server.admin.get('/v1/me').expect(200),
      ];
      return [
        list.items,
        me.groups.filter(({ scope }: { scope: { name: string } }) => scope.name === 'Half a group'),
      ].map(({ length }) => length);
    };
    await founding().expect(500);
    expect(failed()).toBe(true);
    restore(commandHandling);
    expect(await listed()).toEqual([0, 0]);
    const { body } = await founding().expect(201);
    expect(await listed()).toEqual([1, 1]);
    const {
      body: {
        items: [founder, ...more],
      },
    } = await server.admin.get(`/v1/groups/${String(body.id)}/members`).expect(200);
    expect([
      more,
      (await server.admin.delete(`/v1/group-members/${String(founder.id)}`).expect(409)).body.code,
    ]).toEqual([[], 'last-owner']);
  });
});
