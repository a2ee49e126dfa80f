import fc from 'fast-check';
import { sql } from 'kysely';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { checkAsync } from '../../support/check.js';
import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  join,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { TestClock } from '../../support/test-clock.js';
import { recordExpiry } from './time-support.js';

const DAY = 86_400_000;
const RUNS = 3;

type Step =
  | { do: 'invite'; to: 'organisation' | 'deployment' | 'patients'; window: string }
  | { do: 'accept' | 'decline' | 'resend' | 'withdraw' | 'change'; which: number }
  | { do: 'wait'; days: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('invite' as const),
      to: fc.constantFrom('organisation' as const, 'deployment' as const, 'patients' as const),
      window: fc.constantFrom('24h', '7d'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'accept' as const,
        'decline' as const,
        'resend' as const,
        'withdraw' as const,
        'change' as const,
      ),
      which: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 5 }) }) },
);

/** An invitation, and the address that its mails go to. */
interface Sent {
  path: string;
  email: string;
}

interface Week {
  week: string;
  sent: number;
  accepted: number;
  expired: number;
}

/** Counts again from the log: the weeks in which something happened. */
function counted(events: readonly StoredEvent[], kind: string, scopes: readonly Place[]): Week[] {
  const weeks = new Map<string, Week>();
  const ends = new Map<unknown, string>();
  const count = (time: string, what: 'sent' | 'accepted' | 'expired'): void => {
    const day = new Date(time);
    day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
    const week = day.toISOString().slice(0, 10);
    const row = weeks.get(week) ?? { week, sent: 0, accepted: 0, expired: 0 };
    weeks.set(week, { ...row, [what]: row[what] + 1 });
  };
  for (const { stream, type, data, metadata, recordedAt } of events) {
    if (!stream.startsWith(`${kind}-`) || !scopes.some(({ id }) => id === metadata.scope.id)) continue;
    if ('expiresAt' in data && type !== 'InvitationExpired')
      ends.set(data['invitationId'], data['expiresAt'] as string);
    if (type === 'InvitationIssued') count(recordedAt, 'sent');
    if (type === 'InvitationAccepted') count(recordedAt, 'accepted');
    if (type === 'InvitationExpired') count(ends.get(data['invitationId'])!, 'expired');
  }
  return [...weeks.values()].sort((one, other) => one.week.localeCompare(other.week));
}

describeOnEngines('the invitations of each week', (engine) => {
  const clock = new TestClock();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0', RESENDS_PER_DAY: '0' }, { clock });
  });
  afterAll(async () => {
    await server.close();
  });

  const weeksOf = async (place: Place, kind: string, by: Api = server.admin): Promise<Week[]> => {
    const { body } = await by.get(`${place.path}/invitation-weeks?kind=${kind}&weeks=53`).expect(200);
    return body.items;
  };
  const filled = (weeks: readonly Week[]): Week[] =>
    weeks.filter(({ sent, accepted, expired }) => sent + accepted + expired > 0);
  const statusOf = async (place: Place, kind: string, by: Api): Promise<number> =>
    (await by.get(`${place.path}/invitation-weeks?kind=${kind}`)).status;

  /** The schedule finds what ends in the read model. */
  async function pass(ms: number): Promise<void> {
    await readModelsCaughtUp(server);
    clock.advance(ms);
    await recordExpiry(server);
  }

  async function take(step: Step, places: { organisation: Place; deployment: Place }, sent: Sent[]): Promise<void> {
    if (step.do === 'wait') {
      return pass(step.days * DAY);
    }
    if (step.do === 'invite') {
      const kind = step.to === 'patients' ? 'patient' : 'staff';
      const place = step.to === 'organisation' ? places.organisation : places.deployment;
      const email = freshEmail('weekly');
      const { body } = await server.admin
        .post(`${place.path}/${kind}-invitations`, {
          emails: [email],
          expiresIn: step.window,
          ...(kind === 'staff' ? { role: 'contributor' } : {}),
        })
        .expect(201);
      sent.push({ path: `/v1/${kind}-invitations/${body.results[0].invitationId}`, email });
      return;
    }
    const chosen = sent[step.which % Math.max(1, sent.length)];
    if (!chosen) return;
    // Calls that the state of the invitation refuses are part of the test.
    if (step.do === 'withdraw') await server.admin.delete(chosen.path);
    else if (step.do === 'resend') await server.admin.post(`${chosen.path}/resend`, {});
    else if (step.do === 'change') await server.admin.patch(chosen.path, { expiresIn: '72h' });
    else {
      await idle(server);
      // None arrived if the invitation ended before.
      const token = server.smtp.to(chosen.email).at(-1)?.token ?? 'none';
      const account = step.do === 'accept' ? { name: 'Ann', password: PASSWORD } : undefined;
      await server.anonymous.post(`/v1/invitations/${token}/${step.do}`, account);
    }
  }

  it('are what the log says, also after its moments were moved and the read model was rebuilt', async () => {
    await checkAsync(
      'the invitations of each week',
      fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
        const organisation = await createOrganisation(server);
        const deployment = await createDeployment(server, organisation);
        const sent: Sent[] = [];
        for (const one of steps) await take(one, { organisation, deployment }, sent);
        const agree = async (): Promise<void> => {
          await readModelsCaughtUp(server);
          const events = await server.events();
          expect({
            staff: filled(await weeksOf(organisation, 'staff')),
            staffBelow: filled(await weeksOf(deployment, 'staff')),
            patients: filled(await weeksOf(organisation, 'patient')),
            patientsBelow: filled(await weeksOf(deployment, 'patient')),
          }).toEqual({
            staff: counted(events, 'staff', [organisation, deployment]),
            staffBelow: counted(events, 'staff', [deployment]),
            patients: counted(events, 'patient', [deployment]),
            patientsBelow: counted(events, 'patient', [deployment]),
          });
        };
        await agree();
        await moveMoments();
        await server.admin.post('/v1/projections/invitation-weeks/rebuild').expect(204);
        await rebuilt();
        await agree();
      }),
      RUNS,
      55_000,
    );
  }, 60_000);

  /** Events were all stored now. Spreads them over ten weeks, as in a log that is older. */
  async function moveMoments(): Promise<void> {
    for (const statement of [
      'alter table event disable trigger event_never_changed',
      `update event set recorded_at = now() - (position % 70) * interval '1 day' where type like 'Invitation%'`,
      'alter table event enable always trigger event_never_changed',
    ])
      await sql.raw(statement).execute(server.database.kysely());
  }

  async function rebuilt(): Promise<void> {
    const rebuild = async () =>
      (await server.admin.get('/v1/projections').expect(200)).body.items.find(
        ({ name }: { name: string }) => name === 'invitation-weeks',
      ).rebuild;
    while ((await rebuild()) !== null) await readModelsCaughtUp(server);
  }

  it('are twelve unless the call says how many, and end with the present one', async () => {
    const { path } = await createOrganisation(server);
    const { body } = await server.admin.get(`${path}/invitation-weeks?kind=staff`).expect(200);
    const monday = new Date(clock.now().getTime() - ((clock.now().getUTCDay() + 6) % 7) * DAY)
      .toISOString()
      .slice(0, 10);
    expect([body.items.length, body.items.at(-1)]).toEqual([12, { week: monday, sent: 0, accepted: 0, expired: 0 }]);
    await server.admin.get(`${path}/invitation-weeks?kind=staff&weeks=54`).expect(400);
    await server.admin.get(`${path}/invitation-weeks`).expect(400);
    await server.admin.get(`${path}/invitation-weeks?kind=group`).expect(400);
  });

  it('count one invitation once, however often it is sent, and each time that it expires', async () => {
    const organisation = await createOrganisation(server);
    const { body } = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails: [freshEmail()], role: 'admin', expiresIn: '24h' })
      .expect(201);
    const path = `/v1/staff-invitations/${body.results[0].invitationId}`;
    for (let time = 0; time < 2; time += 1) {
      await pass(2 * DAY);
      await server.admin.post(`${path}/resend`, {}).expect(200);
    }
    await server.admin.delete(path).expect(204);
    await readModelsCaughtUp(server);
    const weeks = await weeksOf(organisation, 'staff');
    const sum = (what: 'sent' | 'accepted' | 'expired') => weeks.reduce((total, week) => total + week[what], 0);
    expect([sum('sent'), sum('accepted'), sum('expired')]).toEqual([1, 0, 2]);
  });

  it('show each reader what they may list', async () => {
    const organisation = await createOrganisation(server);
    const [deployment, other] = [
      await createDeployment(server, organisation),
      await createDeployment(server, organisation, 'Cohort B'),
    ];
    await enrol(server, deployment);
    await enrol(server, other);
    const below = await join(server, deployment, 'admin');
    const contributor = await join(server, organisation, 'contributor');
    const auditor = await join(server, organisation, 'auditor');
    const stranger = await join(server, await createOrganisation(server), 'admin');
    await readModelsCaughtUp(server);
    // The clock of the test is ahead of the log, whose events are in another week.
    const all = async (place: Place, kind: string, by: Api) =>
      (await weeksOf(place, kind, by)).reduce((total, week) => total + week.sent, 0);
    expect({
      belowStaff: await all(organisation, 'staff', below.api),
      belowPatients: await all(organisation, 'patient', below.api),
      contributorPatients: await all(organisation, 'patient', contributor.api),
      allStaff: await all(organisation, 'staff', server.admin),
      allPatients: await all(organisation, 'patient', server.admin),
    }).toEqual({ belowStaff: 1, belowPatients: 1, contributorPatients: 2, allStaff: 3, allPatients: 2 });
    expect({
      contributorStaff: await statusOf(organisation, 'staff', contributor.api),
      auditorPatients: await statusOf(deployment, 'patient', auditor.api),
      stranger: await statusOf(organisation, 'staff', stranger.api),
      strangerBelow: await statusOf(deployment, 'patient', stranger.api),
      elsewhere: await statusOf(other, 'staff', below.api),
    }).toEqual({ contributorStaff: 403, auditorPatients: 403, stranger: 404, strangerBelow: 404, elsewhere: 404 });
  });
});
