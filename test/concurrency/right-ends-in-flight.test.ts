import type { Response } from 'supertest';
import { EventStore, type Append } from '../../src/shared/event-sourcing/event-store.js';
import { Pseudonyms } from '../../src/modules/people/pseudonyms.js';
import { describeOnEngines } from '../support/engines.js';
import { beforeOnce, restore } from '../support/injected-failure.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  invitePatient,
  join,
  joinGroup,
  makePatientLink,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';

type Call = PromiseLike<Response>;

interface Scenario {
  organisation: Place;
  deployment: Place;
  group: Place;
  caller: Member;
}

interface Row {
  what: string;
  /**
   * The caller's role in the organisation, `admin` by default. With `in`, the caller is a member of the group instead.
   */
  as?: string;
  in?: 'group';
  /** Prepares the scenario. @returns the call that must be refused */
  call: (w: Scenario, by: Api) => Promise<() => Call>;
  /** Ends the right. By default the caller is removed. */
  ends?: (w: Scenario) => Call;
  refused?: string[];
}

const GONE = ['403 forbidden', '404 not-found'];
const REASON = { reason: 'moved away' };

/** The right holds when the call is authorised, and ends before the call's first event is stored. */
describeOnEngines(
  'a right that ends while a call is under way',
  (engine) => {
    let server: TestServer;
    let store: EventStore;
    beforeAll(async () => {
      server = await startTestServer(engine);
      store = server.running.app.get(EventStore);
    });
    afterEach(() => {
      restore(store);
    });
    afterAll(async () => server.close());

    const emails = (count: number): string[] => Array.from({ length: count }, () => freshEmail('invitee'));
    const made = async (call: Call): Promise<string> => ((await call).body as { id: string }).id;
    const role = async ({ organisation }: Scenario): Promise<string> =>
      made(
        server.admin.post(`${organisation.path}/roles`, {
          name: `Role ${freshEmail()}`,
          permissions: ['patients.contact'],
        }),
      );
    const file = async ({ group }: Scenario): Promise<string> =>
      made(server.admin.post(`${group.path}/files`, { name: 'Minutes', url: 'https://files.example.org/minutes' }));
    /** The alias that an admin sees in place of a patient's id, because admins may not identify patients. */
    async function aliasOf({ deployment }: Scenario, id: string): Promise<string> {
      await readModelsCaughtUp(server);
      return server.running.app.get(Pseudonyms).alias(deployment.id, id);
    }
    const removedFromGroup = (w: Scenario): Call => server.admin.delete(`/v1/group-members/${w.caller.membershipId}`);
    const archived = (place: Place): Call => server.admin.post(`${place.path}/archive`);

    const STAFF: Row[] = [
      {
        what: 'inviting one',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/staff-invitations`, { emails: emails(1), role: 'contributor' }),
      },
      {
        what: 'inviting three hundred',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/staff-invitations`, { emails: emails(300), role: 'contributor' }),
      },
      {
        what: 'inviting a patient',
        call:
          async ({ deployment }, by) =>
          () =>
            by.post(`${deployment.path}/patient-invitations`, { emails: emails(1) }),
      },
      {
        what: 'inviting three hundred patients',
        call:
          async ({ deployment }, by) =>
          () =>
            by.post(`${deployment.path}/patient-invitations`, { emails: emails(300) }),
      },
      {
        what: 'resending an invitation',
        call: async (w, by) => {
          const { id } = await invite(server, server.admin, w.organisation, freshEmail(), 'contributor');
          return () => by.post(`/v1/staff-invitations/${id}/resend`);
        },
      },
      {
        what: "resending a patient's invitation",
        call: async (w, by) => {
          const { id } = await invitePatient(server, server.admin, w.deployment, freshEmail());
          const shown = await aliasOf(w, id);
          return () => by.post(`/v1/patient-invitations/${shown}/resend`);
        },
      },
      {
        what: 'revoking an invitation',
        call: async (w, by) => {
          const { id } = await invite(server, server.admin, w.organisation, freshEmail(), 'contributor');
          return () => by.delete(`/v1/staff-invitations/${id}`);
        },
      },
      {
        what: "changing a member's role",
        call: async (w, by) => {
          const { membershipId } = await join(server, w.organisation, 'contributor');
          return () => by.patch(`/v1/staff/${membershipId}`, { role: 'deployment-staff' });
        },
      },
      {
        what: 'removing a member of staff',
        call: async (w, by) => {
          const { membershipId } = await join(server, w.organisation, 'contributor');
          return () => by.delete(`/v1/staff/${membershipId}`);
        },
      },
      {
        what: 'removing an owner',
        as: 'organisation-owner',
        call: async (w, by) => {
          const [{ membershipId }] = [
            await join(server, w.organisation, 'organisation-owner'),
            await join(server, w.organisation, 'organisation-owner'),
          ];
          return () => by.delete(`/v1/staff/${membershipId}`);
        },
      },
      {
        what: 'defining a role',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/roles`, { name: 'Of the moment', permissions: ['patients.contact'] }),
      },
      {
        what: 'editing a role',
        call: async (w, by) => {
          const id = await role(w);
          return () => by.patch(`/v1/roles/${id}`, { name: 'Of the moment' });
        },
      },
      {
        what: 'deleting a role',
        call: async (w, by) => {
          const id = await role(w);
          return () => by.delete(`/v1/roles/${id}`);
        },
      },
      {
        what: 'making a patient link',
        call:
          async ({ deployment }, by) =>
          () =>
            by.post(`${deployment.path}/patient-links`, { expiresIn: '7d' }),
      },
      {
        what: 'revoking a patient link',
        call: async (w, by) => {
          const { id } = await makePatientLink(server.admin, w.deployment);
          return () => by.delete(`/v1/patient-links/${id}`);
        },
      },
      {
        what: 'offboarding a patient',
        call: async (w, by) => {
          const { membershipId } = await enrol(server, w.deployment);
          const shown = await aliasOf(w, membershipId);
          return () => by.post(`/v1/patients/${shown}/offboard`, REASON);
        },
      },
      {
        what: 'reactivating a patient',
        call: async (w, by) => {
          const { membershipId } = await enrol(server, w.deployment);
          await server.admin.post(`/v1/patients/${membershipId}/offboard`, REASON).expect(200);
          const shown = await aliasOf(w, membershipId);
          return () => by.post(`/v1/patients/${shown}/reactivate`);
        },
      },
      {
        what: 'removing a patient',
        call: async (w, by) => {
          const { membershipId } = await enrol(server, w.deployment);
          const shown = await aliasOf(w, membershipId);
          return () => by.delete(`/v1/patients/${shown}`);
        },
      },
      {
        what: 'editing the organisation',
        as: 'organisation-owner',
        call:
          async ({ organisation }, by) =>
          () =>
            by.patch(organisation.path, { name: 'Of the moment' }),
      },
      {
        what: 'archiving the organisation',
        as: 'organisation-owner',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/archive`),
      },
      {
        what: 'making a deployment',
        as: 'organisation-owner',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/deployments`, { name: 'Of the moment' }),
      },
      {
        what: 'editing a deployment',
        as: 'organisation-owner',
        call:
          async ({ deployment }, by) =>
          () =>
            by.patch(deployment.path, { name: 'Of the moment' }),
      },
      {
        what: 'archiving a deployment',
        as: 'organisation-owner',
        call:
          async ({ deployment }, by) =>
          () =>
            by.post(`${deployment.path}/archive`),
      },
      {
        what: 'founding a group',
        as: 'organisation-owner',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/groups`, { name: 'Of the moment' }),
      },
      {
        what: 'deleting a group',
        as: 'organisation-owner',
        call:
          async ({ group }, by) =>
          () =>
            by.delete(group.path),
      },
      {
        what: 'inviting in an organisation that is archived by then',
        call:
          async ({ deployment }, by) =>
          () =>
            by.post(`${deployment.path}/staff-invitations`, { emails: emails(1), role: 'contributor' }),
        ends: ({ organisation }) => archived(organisation),
        refused: ['409 scope-archived'],
      },
      {
        what: 'inviting three hundred with a role that allows less by then',
        call:
          async ({ organisation }, by) =>
          () =>
            by.post(`${organisation.path}/staff-invitations`, { emails: emails(300), role: 'contributor' }),
        ends: ({ caller }) => server.admin.patch(`/v1/staff/${caller.membershipId}`, { role: 'contributor' }),
        refused: ['403 forbidden'],
      },
    ];

    const IN_GROUP: Row[] = [
      {
        what: 'inviting to a group',
        call:
          async ({ group }, by) =>
          () =>
            by.post(`${group.path}/invitations`, { emails: emails(1), administrator: false, contentCreator: true }),
      },
      {
        what: 'inviting three hundred to a group',
        call:
          async ({ group }, by) =>
          () =>
            by.post(`${group.path}/invitations`, { emails: emails(300), administrator: false, contentCreator: true }),
      },
      {
        what: 'editing a group',
        call:
          async ({ group }, by) =>
          () =>
            by.patch(group.path, { name: 'Of the moment' }),
      },
      {
        what: "changing a member's permission set",
        call: async (w, by) => {
          const { membershipId } = await joinGroup(server, w.group);
          return () => by.patch(`/v1/group-members/${membershipId}`, { contentCreator: true });
        },
      },
      {
        what: 'removing a member',
        call: async (w, by) => {
          const { membershipId } = await joinGroup(server, w.group);
          return () => by.delete(`/v1/group-members/${membershipId}`);
        },
      },
      {
        what: 'adding a file',
        call:
          async ({ group }, by) =>
          () =>
            by.post(`${group.path}/files`, { name: 'Of the moment', url: 'https://files.example.org/moment' }),
      },
      {
        what: 'editing a file',
        call: async (w, by) => {
          const id = await file(w);
          return () => by.patch(`/v1/group-files/${id}`, { name: 'Of the moment' });
        },
      },
      {
        what: 'removing a file',
        call: async (w, by) => {
          const id = await file(w);
          return () => by.delete(`/v1/group-files/${id}`);
        },
      },
      {
        what: "setting a file's exception",
        call: async (w, by) => {
          const [id, { membershipId }] = [await file(w), await joinGroup(server, w.group)];
          return () => by.put(`/v1/group-files/${id}/exceptions/${membershipId}`, { contentCreator: true });
        },
      },
    ];
    const GROUP = IN_GROUP.map((row): Row => ({ ...row, in: 'group', ends: removedFromGroup }));

    async function scenario(row: Row): Promise<Scenario> {
      const organisation = await createOrganisation(server);
      const [deployment, group] = [
        await createDeployment(server, organisation),
        await createGroup(server, organisation),
      ];
      const caller =
        row.in === 'group'
          ? await joinGroup(server, group, { administrator: true, contentCreator: true })
          : await join(server, organisation, row.as ?? 'admin');
      // The organisation still has an owner after the caller's removal.
      if (row.as === 'organisation-owner') await join(server, organisation, 'organisation-owner');
      return { organisation, deployment, group, caller };
    }

    const outcome = ({ status, body }: Response): string =>
      `${String(status)} ${String((body as { code?: string }).code)}`;
    const actsAs =
      (actor: string) =>
      (appends: unknown): boolean =>
        (appends as readonly Append[]).some(({ events }) => events.some(({ metadata }) => metadata.actor === actor));

    /**
     * Makes the call, and ends the right just before the call's first event is stored. @returns the answer, and the
     * types of the actor's later events
     */
    async function interrupted(
      actor: string,
      call: () => Call,
      ends: () => Call,
    ): Promise<{ answer: string; stored: string[] }> {
      const before = (await server.events()).length;
      let ended = 0;
      beforeOnce(
        store,
        'appendMany',
        async () => {
          ended = (await ends()).status;
        },
        actsAs(actor),
      );
      const answer = outcome(await call());
      expect(ended).toBeLessThan(300);
      expect(ended).toBeGreaterThan(0);
      const log = (await server.events()).slice(before);
      const end = log.findLastIndex(({ metadata }) => metadata.actor !== actor);
      return { answer, stored: log.slice(end + 1).map(({ type }) => type) };
    }

    it.each([...STAFF, ...GROUP])('ends the call: $what', async (row) => {
      const w = await scenario(row);
      const { personId } = (await w.caller.api.get('/v1/me').expect(200)).body as { personId: string };
      const call = await row.call(w, w.caller.api);
      const { answer, stored } = await interrupted(personId, call, () =>
        (row.ends ?? (({ caller }) => server.admin.delete(`/v1/staff/${caller.membershipId}`)))(w),
      );
      expect(row.refused ?? GONE).toContain(answer);
      // Chunks are sent at the same time. A store without append conditions stores those that were sent already.
      if (store.supportsAppendConditions || !row.what.includes('three hundred')) expect(stored).toEqual([]);
    });

    const ACCEPTED: { what: string; answer: 'accept' | 'decline'; ends: (w: Scenario) => Call; refused: string }[] = [
      {
        what: 'accepting in a deployment that is archived by then',
        answer: 'accept',
        ends: ({ deployment }) => archived(deployment),
        refused: '409 scope-archived',
      },
      {
        what: 'accepting in an organisation that is archived by then',
        answer: 'accept',
        ends: ({ organisation }) => archived(organisation),
        refused: '409 scope-archived',
      },
      {
        what: 'declining in a deployment that is archived by then',
        answer: 'decline',
        ends: ({ deployment }) => archived(deployment),
        refused: '409 scope-archived',
      },
      {
        what: 'accepting when the inviter was removed',
        answer: 'accept',
        ends: ({ caller }) => server.admin.delete(`/v1/staff/${caller.membershipId}`),
        refused: '409 inviter-lost-authority',
      },
    ];

    it.each(ACCEPTED)('ends the call: $what', async ({ answer: how, ends, refused }) => {
      const w = await scenario({ what: '', call: async () => () => server.admin.get('/v1/me') });
      const { token } = await invite(server, w.caller.api, w.deployment, freshEmail('invitee'), 'contributor');
      const issued = (await server.events()).findLast(({ type }) => type === 'InvitationIssued');
      const call = () =>
        server.anonymous.post(
          `/v1/invitations/${token}/${how}`,
          how === 'accept' ? { name: 'Ann', password: PASSWORD } : undefined,
        );
      expect(await interrupted(issued!.data['personId'] as string, call, () => ends(w))).toEqual({
        answer: refused,
        stored: [],
      });
    });

    it.each([
      ['the link is revoked', (_: Scenario, id: string) => server.admin.delete(`/v1/patient-links/${id}`)],
      ['its deployment is archived', ({ deployment }: Scenario) => archived(deployment)],
    ])('ends a request through a patient link when %s by then', async (_, ends) => {
      const w = await scenario({ what: '', call: async () => () => server.admin.get('/v1/me') });
      const { id, token } = await makePatientLink(server.admin, w.deployment);
      const { stored } = await interrupted(
        'system',
        () => server.anonymous.post(`/v1/links/${token}/requests`, { email: freshEmail('patient') }),
        () => ends(w, id),
      );
      expect(stored).toEqual([]);
    });

    it('ends a call about many addresses between two chunks, and the answer says how far it came', async () => {
      const w = await scenario({ what: '', call: async () => () => server.admin.get('/v1/me') });
      const { personId } = (await w.caller.api.get('/v1/me').expect(200)).body as { personId: string };
      let appends = 0;
      // At the call's fifth append some chunks are stored and others are not.
      const fifth = (some: unknown): boolean => actsAs(personId)(some) && (appends += 1) === 5;
      beforeOnce(
        store,
        'appendMany',
        async () => {
          await server.admin.delete(`/v1/staff/${w.caller.membershipId}`).expect(204);
        },
        fifth,
      );
      const addresses = [...emails(1500), 'no address'];
      const { status, body } = await w.caller.api.post(`${w.deployment.path}/patient-invitations`, {
        emails: addresses,
      });
      expect([status, body.code]).toEqual([404, 'not-found']);
      const log = await server.events();
      const [issued, end] = [
        log.filter(({ type, metadata }) => type === 'InvitationIssued' && metadata.actor === personId),
        log.findLast(({ type }) => type === 'StaffMemberRemoved'),
      ];
      expect(issued.length).toBeGreaterThan(0);
      expect(issued.length).toBeLessThan(1500);
      expect(body.summary).toMatchObject({ invited: issued.length, 'invalid-email': 1 });
      expect(body.results).toHaveLength(issued.length + 1);
      expect(body.notReached).toBe(addresses.length - body.results.length);
      const after = issued.filter(({ position }) => store.comparePositions(position, end!.position) > 0);
      // A store without append conditions stores the appends that were sent already.
      if (store.supportsAppendConditions) expect(after).toEqual([]);
    });
  },
  { alsoOnEventStoreDb: true },
);
