import { sql } from 'kysely';
import type { Response } from 'supertest';
import { LeaderElection } from '../../../../src/shared/cluster/leader-election.js';
import { OwnEvents } from '../../../../src/shared/rate-limits/own-events.js';
import { describeOnOneEngine } from '../../../support/engines.js';
import { TestClock } from '../../../support/test-clock.js';
import { startTestServer, type Api, type TestServer } from '../../../support/test-server.js';
import { waitFor } from '../../../support/wait-for.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  invite,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../../support/scenarios.js';

const LIMIT = 5;

/** Switches a notice on or off, which stores one event. */
async function toggle(api: Api): Promise<Response> {
  const { body } = await api.get('/v1/me/notices').expect(200);
  return api.patch('/v1/me/notices', { groupAcceptances: !body.groupAcceptances });
}

async function toggled(api: Api): Promise<void> {
  expect((await toggle(api)).status).toBe(200);
}

describeOnOneEngine('events that people append about themselves', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let organisation: Place;
  let deployment: Place;
  let group: Place;
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, { OWN_EVENTS_PER_HOUR: String(LIMIT) }, { clock });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    group = await createGroup(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  /** Stores events until the limit. The acceptance that made the person a member counts too. */
  async function useUp({ api }: Member): Promise<void> {
    for (let n = 0; n <= LIMIT; n += 1) if ((await toggle(api)).status !== 200) return;
    throw new Error('no limit was reached');
  }
  const member = async (): Promise<Member> => join(server, organisation, 'contributor');
  const everything = async (): Promise<number> => (await server.events()).length;
  async function mustBeLimited(call: () => PromiseLike<Response>): Promise<void> {
    const before = await everything();
    const { status, body, headers } = await call();
    expect({
      status,
      code: body.code,
      waits: Number(headers['retry-after']) > 0 && Number(headers['retry-after']) <= 3600,
    }).toEqual({ status: 429, code: 'too-many-requests', waits: true });
    expect(await everything()).toBe(before);
  }

  it('are limited per hour, and allowed again in the next one', async () => {
    const ann = await member();
    for (let n = 1; n < LIMIT; n += 1) await toggled(ann.api);
    await mustBeLimited(() => toggle(ann.api));
    await toggled((await member()).api);
    clock.advance(59 * 60_000);
    const { status, headers } = await toggle(ann.api);
    expect([status, Number(headers['retry-after']) <= 60]).toEqual([429, true]);
    clock.advance(60_000);
    await toggled(ann.api);
    await useUp(ann);
  });

  it('do not count a choice that changes nothing', async () => {
    const ann = await member();
    for (let n = 0; n < 3 * LIMIT; n += 1)
      await ann.api.patch('/v1/me/notices', { groupAcceptances: false }).expect(200);
    await ann.api.patch('/v1/me/notices', { groupAcceptances: true }).expect(200);
  });

  it('are counted together if they come at the same moment', async () => {
    const ann = await member();
    const answers = await Promise.all(
      Array.from({ length: 4 * LIMIT }, async (_, n) =>
        ann.api.patch('/v1/me/notices', { groupAcceptances: n % 2 === 0 }),
      ),
    );
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const {
      body: { personId },
    } = await ann.api.get('/v1/me').expect(200);
    const mine = (await server.events()).filter(
      ({ type, metadata }) => type === 'GroupNoticesChosen' && metadata.actor === personId,
    );
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.length).toBeLessThan(LIMIT);
    await useUp(ann);
    await mustBeLimited(() => toggle(ann.api));
  });

  describe('at the limit', () => {
    it.each([
      [
        'accepting by link',
        async (who: Member) => {
          const { token } = await invite(server, server.admin, deployment, who.email, 'contributor');
          return () => who.api.post(`/v1/invitations/${token}/accept`, {});
        },
      ],
      [
        'declining by link',
        async (who: Member) => {
          const { token } = await invite(server, server.admin, deployment, who.email, 'contributor');
          return () => who.api.post(`/v1/invitations/${token}/decline`);
        },
      ],
      [
        'declining by link, not signed in',
        async (who: Member) => {
          const { token } = await invite(server, server.admin, deployment, who.email, 'contributor');
          return () => server.anonymous.post(`/v1/invitations/${token}/decline`);
        },
      ],
      [
        'accepting signed in',
        async (who: Member) => {
          const { id } = await inviteToGroup(server, server.admin, group, who.email);
          return () => who.api.post(`/v1/me/invitations/${id}/accept`, {});
        },
      ],
      [
        'declining signed in',
        async (who: Member) => {
          const { id } = await inviteToGroup(server, server.admin, group, who.email);
          return () => who.api.post(`/v1/me/invitations/${id}/decline`);
        },
      ],
      [
        'leaving an organisation',
        async (who: Member) => Promise.resolve(() => who.api.delete(`/v1/staff/${who.membershipId}`)),
      ],
      ['choosing notices', async (who: Member) => Promise.resolve(() => toggle(who.api))],
    ])('%s is refused', async (_, prepared) => {
      const who = await member();
      const call = await prepared(who);
      await readModelsCaughtUp(server);
      await useUp(who);
      await mustBeLimited(call);
      clock.advance(3_600_000);
      expect((await call()).status).toBeLessThan(300);
    });

    it('leaving a group is refused', async () => {
      const who = await joinGroup(server, group);
      await useUp(who);
      await mustBeLimited(() => who.api.delete(`/v1/group-members/${who.membershipId}`));
      // Other people may still act on this person.
      await server.admin.delete(`/v1/group-members/${who.membershipId}`).expect(204);
    });

    it('leaving a programme is refused', async () => {
      const who = await enrol(server, deployment);
      await useUp(who);
      await mustBeLimited(() => who.api.delete(`/v1/patients/${who.membershipId}`));
      await server.admin.delete(`/v1/patients/${who.membershipId}`).expect(204);
    });
  });

  it('are counted across a restart and at another instance', async () => {
    const ann = await member();
    await useUp(ann);
    if (engine.name === 'PGlite') await server.running.close();
    const other = await server.another();
    const { status, body } = await toggle(other.signedIn(ann.api.token!));
    expect([status, body.code]).toEqual([429, 'too-many-requests']);
    if (engine.name === 'PGlite') server = other;
    else await other.running.close();
  });

  it('are deleted when their hour is over', async () => {
    const rows = async () => (await sql`select 1 from own_event_count`.execute(server.database.kysely())).rows.length;
    await useUp(await member());
    expect(await rows()).toBeGreaterThan(0);
    clock.advance(3_600_000);
    await waitFor('the lease', async () => Promise.resolve(server.running.app.get(LeaderElection).isLeader));
    await server.running.app.get(OwnEvents).sweep();
    expect(await rows()).toBe(0);
  });
});

describeOnOneEngine('the limit of events that people append about themselves', (engine) => {
  it.each([
    ['', [200, 429]],
    ['0', [200, 200, 200]],
  ])('follows the setting "%s"', async (setting, expected) => {
    const server = await startTestServer(engine, { OWN_EVENTS_PER_HOUR: setting });
    try {
      const { api } = await join(server, await createOrganisation(server), 'contributor');
      await sql`update own_event_count set events = 299`.execute(server.database.kysely());
      for (const status of expected) expect((await toggle(api)).status).toBe(status);
    } finally {
      await server.close();
    }
  });
});
