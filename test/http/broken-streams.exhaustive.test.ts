import { randomUUID } from 'node:crypto';
import { OwnerGuard } from '../../src/modules/access/owner-guard/owner-guard.js';
import type { StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import { runInContext } from '../../src/shared/request-context/request-context.js';
import { ProjectionRunner } from '../../src/shared/projections/projection-runner.js';
import { describeOnEngines, type TestDatabase } from '../support/engines.js';
import { rawLogOf, type RawLog } from '../support/raw-log.js';
import { metricsAt, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import { TestClock } from '../support/test-clock.js';
import { waitFor } from '../support/wait-for.js';
import { happened, inviteFor, recordExpiry } from '../modules/invitations/time-support.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  inviteToGroup,
  join,
  readModelsCaughtUp,
  type Place,
} from '../support/scenarios.js';

interface Line {
  msg?: string;
  type?: string;
  category?: string;
  revision?: number;
  eventId?: string;
}

describeOnEngines(
  'a damaged or shared log',
  (engine) => {
    let place: TestDatabase;
    let server: TestServer;
    let raw: RawLog;
    let clock: TestClock;
    beforeAll(async () => {
      const openDatabase: typeof engine.openDatabase = async (entities) =>
        (place = await engine.openDatabase(entities));
      clock = new TestClock();
      server = await startTestServer({ ...engine, openDatabase }, { END_SESSIONS_WITH_LAST_ROLE: 'true' }, { clock });
      raw = rawLogOf(place);
    });
    afterAll(async () => {
      await raw.close();
      await server.close();
    });

    const lines = (msg: string): Line[] =>
      server.logs.map((line) => JSON.parse(line) as Line).filter((line) => line.msg === msg);
    const ours = async (stream: string): Promise<StoredEvent> =>
      (await server.events()).find((event) => event.stream === stream)!;
    const putOurs = async (stream: string, type: string, data: object): Promise<void> => {
      await raw.put({
        stream,
        type,
        data: JSON.stringify(data),
        metadata: JSON.stringify((await ours(stream)).metadata),
      });
    };
    const refused = async (call: ReturnType<Api['get']>): Promise<string> => {
      const { status, body, headers } = await call;
      return `${String(status)} ${String(body.code)}${headers['retry-after'] === undefined ? '' : ' retry'}`;
    };
    const change = async ({ path }: Place, name: string) => refused(server.admin.patch(path, { name }));
    const pausedOnes = async (): Promise<string[]> => {
      const { body } = await server.admin.get('/v1/projections').expect(200);
      const { items } = body as { items: { name: string; error: string | null }[] };
      return items.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`])).sort();
    };

    it('with foreign events, also at its end, serves all callers', async () => {
      const organisation = await createOrganisation(server, 'Riverside');
      const stream = `organisation-${organisation.id}`;
      await raw.put({ stream, type: 'Hired', data: '{"name":"Ann Smith"}' });
      await server.admin.get(organisation.path).expect(200);
      await server.admin.patch(organisation.path, { name: 'Riverside Two' }).expect(200);
      const later = 'staff-7c9e6679-7425-40de-944b-e07fc1f90ae7';
      for (let n = 0; n < 3; n += 1) await raw.put({ stream: later, type: 'Hired', data: '{"name":"Ann Smith"}' });
      const { headers } = await server.admin.post(`${organisation.path}/deployments`, { name: 'Cohort A' }).expect(201);
      await raw.put({ stream: later, type: 'Hired', binary: true });
      const { body } = await server.admin.after(headers['event-position']!, '/v1/organisations').expect(200);
      expect(JSON.stringify(body)).toContain('Riverside Two');
      // A wait for everything stored so far waits for the product's own events only.
      expect(await server.running.app.get(ProjectionRunner).caughtUp(10_000)).toBe(true);
      expect(await pausedOnes()).toEqual([]);
      await waitFor('the count', async () => /^rolecall_foreign_events_total 5$/m.test(await metricsAt(server.url)));
      await server.anonymous.get('/health').expect(200);
      const said = lines('events of somebody else in the log are passed over');
      expect(said.map(({ type }) => type)).toEqual(['Hired']);
      expect(server.logs.join('')).not.toMatch(/Ann Smith|7c9e6679/);
    });

    it('with a foreign event between the release and the end of an owner, ends the membership', async () => {
      const organisation = await createOrganisation(server, 'With owners');
      const [owner] = [
        await join(server, organisation, 'organisation-owner'),
        await join(server, organisation, 'organisation-owner'),
      ];
      const guard = server.running.app.get(OwnerGuard);
      const finish = guard.finish.bind(guard);
      let meanwhile: Promise<void> | undefined;
      guard.finish = async (ref, change) => {
        await (meanwhile ??= (async () => {
          await raw.put({ stream: change.stream, type: 'Hired' });
          // An owner who leaves is not registered again.
          await runInContext(
            { correlationId: randomUUID(), causationId: randomUUID(), commandId: randomUUID() },
            async () => guard.register(ref, 'system', () => true),
          );
        })());
        await finish(ref, change);
      };
      await server.admin.delete(`/v1/staff/${owner.membershipId}`).expect(204);
      guard.finish = finish;
      const events = await server.events();
      expect(
        events
          .filter(({ stream }) => stream === `staff-${owner.membershipId}`)
          .map(({ type, revision }) => [type, revision]),
      ).toEqual([
        ['InvitationIssued', 0],
        ['InvitationAccepted', 1],
        ['StaffMemberRemoved', 3],
      ]);
      expect(events.filter(({ stream }) => stream === `ownership-${organisation.id}`).map(({ type }) => type)).toEqual([
        'OwnerRegistered',
        'OwnerRegistered',
        'OwnerReleased',
      ]);
    });

    it('with a membership that lacks its first event, ends the other memberships and the sessions of a person who loses the last role', async () => {
      const organisation = await createOrganisation(server, 'With groups');
      for (const broken of [0, 1]) {
        const member = await join(server, organisation, 'contributor');
        const memberships: string[] = [];
        for (const name of ['One', 'Two']) {
          const { token } = await inviteToGroup(
            server,
            server.admin,
            await createGroup(server, organisation, name),
            member.email,
          );
          memberships.push(
            ((await member.api.post(`/v1/invitations/${token}/accept`).expect(200)).body as { membershipId: string })
              .membershipId,
          );
        }
        await readModelsCaughtUp(server);
        await raw.cut(`groupMember-${memberships[broken]!}`, 1);
        await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
        const [cut, other] = [memberships[broken]!, memberships[1 - broken]!];
        await waitFor('the end of the other membership', async () =>
          (await server.events()).some(({ type, stream }) => type === 'GroupMemberRemoved' && stream.endsWith(other)),
        );
        expect(
          (await server.events()).some(({ type, stream }) => type === 'GroupMemberRemoved' && stream.endsWith(cut)),
        ).toBe(false);
        await waitFor('the end of the session', async () => (await member.api.get('/v1/me')).status === 401);
      }
    });

    it('with an event of the wrong shape, refuses decisions on its stream, and pauses the read models that need it', async () => {
      const [broken, other] = [await createOrganisation(server, 'Broken'), await createOrganisation(server, 'Whole')];
      const stream = `organisation-${broken.id}`;
      await putOurs(stream, 'OrganisationEdited', { name: 7 });
      expect(await refused(server.admin.get(broken.path))).toBe('503 stream-unreadable');
      expect(await change(broken, 'Mended')).toBe('503 stream-unreadable');
      await server.admin.patch(other.path, { name: 'Whole Two' }).expect(200);
      await waitFor('the pauses', async () => (await pausedOnes()).length > 1);
      expect(await pausedOnes()).toEqual(['history: StreamUnreadable', 'organisation-list: StreamUnreadable']);
      const { headers } = await server.admin.post(`${other.path}/deployments`, { name: 'Goes on' }).expect(201);
      const { body } = await server.admin.after(headers['event-position']!, `${other.path}/deployments`).expect(200);
      expect(JSON.stringify(body)).toContain('Goes on');
      const said = lines('an event does not say what its type says');
      expect(said).toEqual([
        expect.objectContaining({ category: 'organisation', revision: 1, eventId: expect.any(String) }),
      ]);
      expect(server.logs.join('')).not.toContain(stream);
    });

    it('with a stream that lacks its first event, refuses decisions on it, and logs each such stream once', async () => {
      const [broken, again] = [await createOrganisation(server, 'Cut'), await createOrganisation(server, 'Cut too')];
      for (const one of [broken, again]) {
        await server.admin.patch(one.path, { name: `${one.id} edited` }).expect(200);
        await raw.cut(`organisation-${one.id}`, 1);
        expect(await refused(server.admin.get(one.path))).toBe('503 stream-incomplete');
        expect(await change(one, 'Mended')).toBe('503 stream-incomplete');
      }
      const said = lines('a stream lacks events: nothing is decided on it').filter(
        ({ category }) => category === 'organisation',
      );
      const edits = (await server.events()).filter(
        ({ type, revision, stream }) =>
          type === 'OrganisationEdited' && revision === 1 && [broken, again].some(({ id }) => stream.endsWith(id)),
      );
      expect(said).toEqual(
        edits.map(({ id }) => expect.objectContaining({ category: 'organisation', revision: 1, eventId: id })),
      );
      expect(server.logs.join('')).not.toContain(`organisation-${broken.id}`);
    });

    it('with a broken stream among others, finishes and records the work on the others', async () => {
      const organisation = await createOrganisation(server, 'Late');
      const [broken, other] = [
        await inviteFor(server, organisation, '24h'),
        await inviteFor(server, organisation, '24h'),
      ];
      const { stream } = (await server.events()).find(({ data }) => data['invitationId'] === broken.id)!;
      // The process managers for acceptances get this event before the next one.
      await putOurs(stream, 'InvitationAccepted', { personId: 7 });
      clock.advance(2 * 86_400_000);
      await recordExpiry(server);
      expect(await happened(server, other)).toEqual(['InvitationIssued', 'InvitationExpired by the system']);
      await waitFor('the skipped event', async () =>
        Promise.resolve(lines('a process manager skipped an event').length > 0),
      );
      expect(lines('a process manager failed, trying again')).toEqual([]);
    });

    it('with a broken stream among many, stops the call at its chunk, and the answer says how far it came', async () => {
      const deployment = await createDeployment(server, await createOrganisation(server, 'Large'));
      const emails = Array.from({ length: 501 }, (_, n) => `many-${String(n)}@example.test`);
      const invite = async () =>
        server.admin.post(`${deployment.path}/staff-invitations`, { emails, role: 'contributor' });
      const first = await invite();
      expect(first.status).toBe(201);
      const { invitationId } = (first.body as { results: { invitationId: string }[] }).results.at(-1)!;
      const { stream } = (await server.events()).find(({ data }) => data['invitationId'] === invitationId)!;
      await putOurs(stream, 'InvitationRevoked', {});
      const { status, body } = await invite();
      expect([status, body.code, body.notReached, body.results.length]).toEqual([503, 'stream-unreadable', 1, 500]);
      expect(body.summary).toMatchObject({ 'already-pending': 500, invited: 0 });
    });
  },
  { alsoOnEventStoreDb: true },
);
