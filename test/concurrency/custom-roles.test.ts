import { roleCatalogueFrom, roleStream } from '../../src/modules/access/roles/roles.js';
import { resolveRole } from '../../src/modules/access/custom-roles/role-catalogue.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import {
  createOrganisation,
  invite,
  freshEmail,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../support/scenarios.js';
import { outcomeOf, RACE_ROUNDS } from './rounds.js';

const LOST = ['404 not-found', '409 too-many-conflicts'];

describeOnEngines(
  'custom roles at the same moment',
  (engine) => {
    let server: TestServer;
    let organisation: Place;
    let owner: Member;
    beforeAll(async () => {
      server = await startTestServer(engine);
      organisation = await createOrganisation(server);
      owner = await join(server, organisation, 'organisation-owner');
    });
    afterAll(async () => {
      await server.close();
    });

    let roles = 0;
    const define = async (permissions = ['staff.view', 'patients.view']): Promise<string> => {
      roles += 1;
      const { body } = await owner.api
        .post(`${organisation.path}/roles`, { name: `Role ${String(roles)}`, permissions })
        .expect(201);
      return (body as { id: string }).id;
    };
    const catalogue = async () =>
      roleCatalogueFrom(await server.running.app.get(EventStore).read(roleStream(organisation.id)));
    const remove = (id: string, moveTo?: string, by = owner.api) =>
      by.delete(`/v1/roles/${id}${moveTo === undefined ? '' : `?moveTo=${moveTo}`}`);
    const holderOf = async (role: string): Promise<Member> => join(server, organisation, role);
    const shown = async ({ membershipId }: Member): Promise<string> =>
      (await owner.api.get(`/v1/staff/${membershipId}`).expect(200)).body.role as string;

    it(`keeps one of two roles that replace each other, and all holders have it, ${String(RACE_ROUNDS)} times`, async () => {
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const pair = [await define(), await define()] as const;
        const holders = [await holderOf(pair[0]), await holderOf(pair[1])];
        await readModelsCaughtUp(server);
        const answers = await Promise.all([remove(pair[0], pair[1]), remove(pair[1], pair[0])]);
        const outcomes = answers.map(outcomeOf);
        expect(outcomes.filter((outcome) => outcome === '204')).toHaveLength(1);
        expect(LOST).toContain(outcomes.find((outcome) => outcome !== '204'));
        const left = pair[1 - outcomes.indexOf('204')]!;
        expect(await Promise.all(holders.map(shown))).toEqual([left, left]);
        await owner.api.get(`${organisation.path}/staff`).expect(200);
        await holders[0]!.api.get('/v1/me').expect(200);
      }
    }, 240_000);

    it(`leaves no circle of successors when three roles replace each other, ${String(RACE_ROUNDS)} times`, async () => {
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const circle = [await define(), await define(), await define()];
        const answers = await Promise.all(circle.map((id, n) => remove(id, circle[(n + 1) % 3])));
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        const after = await catalogue();
        expect(circle.map((id) => resolveRole(after, id)?.id).filter((id) => id === undefined)).toEqual([]);
      }
    }, 240_000);

    it(`leaves no member with a deleted role when the successor is deleted meanwhile, ${String(RACE_ROUNDS)} times`, async () => {
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const [going, successor] = [await define(), await define()];
        const holder = await holderOf(going);
        await readModelsCaughtUp(server);
        const [moved, deleted] = (await Promise.all([remove(going, successor), remove(successor)])).map(outcomeOf);
        expect([
          ['204', '409 role-in-use'],
          ['404 not-found', '204'],
          ['204', '409 too-many-conflicts'],
          ['409 too-many-conflicts', '204'],
        ]).toContainEqual([moved, deleted]);
        expect(await shown(holder)).toBe(moved === '204' ? successor : going);
      }
    }, 240_000);

    it(`answers 200 to an edit that races a deletion only when the edit was stored, ${String(RACE_ROUNDS)} times`, async () => {
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const id = await define();
        const [edited, deleted] = await Promise.all([
          owner.api.patch(`/v1/roles/${id}`, { name: `Edited ${id}` }),
          remove(id),
        ]);
        expect(outcomeOf(deleted)).toBe('204');
        expect(['200', '404 not-found']).toContain(outcomeOf(edited));
        expect((await catalogue()).get(id)?.name === `Edited ${id}`).toBe(edited.status === 200);
      }
    }, 240_000);

    it(`gives no successor that has gained permissions which the caller may not give, ${String(RACE_ROUNDS)} times`, async () => {
      const lesser = await define(['staff.view', 'staff.manage', 'roles.edit', 'patients.view']);
      const editor = await holderOf(lesser);
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const [going, successor] = [await define(), await define()];
        const [moved, edited] = (
          await Promise.all([
            remove(going, successor, editor.api),
            owner.api.patch(`/v1/roles/${successor}`, { permissions: ['patients.export', 'staff.view'] }),
          ])
        ).map(outcomeOf);
        expect(edited).toBe('200');
        expect(['204', '403 role-not-grantable', '409 too-many-conflicts']).toContain(moved);
        const domainEvents = (await server.running.app.get(EventStore).read(roleStream(organisation.id)))
          .filter(({ data }) => data['roleId'] === going || data['roleId'] === successor)
          .map(({ type }) => type);
        // After the edit the deletion would have been refused, so a deletion that succeeded was stored before it.
        if (moved === '204') expect(domainEvents).toEqual(['RoleDefined', 'RoleDefined', 'RoleDeleted', 'RoleEdited']);
      }
    }, 240_000);

    it(`deletes a role once when two calls delete it, and the invitation names the successor, ${String(RACE_ROUNDS)} times`, async () => {
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const [going, one, other] = [await define(), await define(), await define()];
        const { id } = await invite(server, owner.api, organisation, freshEmail(), going);
        await readModelsCaughtUp(server);
        const outcomes = (await Promise.all([remove(going, one), remove(going, other)])).map(outcomeOf);
        expect(outcomes.filter((outcome) => outcome === '204')).toHaveLength(1);
        expect(LOST).toContain(outcomes.find((outcome) => outcome !== '204'));
        expect((await owner.api.get(`/v1/staff-invitations/${id}`).expect(200)).body.role).toBe(
          outcomes[0] === '204' ? one : other,
        );
      }
    }, 240_000);
  },
  { alsoOnEventStoreDb: true },
);
