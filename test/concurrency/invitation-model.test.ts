import fc from 'fast-check';
import { STAFF_WINDOWS } from '../../src/modules/staff/invitations/staff-invitation.dto.js';
import { ExpirySchedule } from '../../src/modules/invitations/manage/expiry.schedule.js';
import { back } from '../support/invitation-model.js';
import { checkAsync } from '../support/check.js';
import { describeOnEngines } from '../support/engines.js';
import { TestClock } from '../support/test-clock.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  join,
  type Member,
  type Place,
} from '../support/scenarios.js';
import {
  MAY_OFFER,
  OFFERED,
  STATES,
  type By,
  type Call,
  type Holder,
  type InviterRole,
  type Read,
  type Write,
} from './invitation-http-model.js';
import { Round } from './invitation-http-round.js';

/** The full proof has 1,000 runs. */
const RUNS = Number(process.env.MODEL_RUNS ?? '12');
const LIMIT_MS = 60_000 + RUNS * 3000;
const DAY = 86_400_000;

/**
 * `at once`: two calls race. `wait`: the clock moves on by `ms`, or to `ms` after the newest link closes, when `forEnd`
 * is set. `ms` may be negative.
 */
type Step =
  | { do: 'call'; call: Call }
  | { do: 'at once'; calls: [Write, Write] }
  | { do: 'wait'; forEnd: boolean; ms: number }
  | { do: 'note expiry' };

const by: fc.Arbitrary<By> = fc.constantFrom('inviter', 'inviter', 'super-admin');
const as: fc.Arbitrary<Holder> = fc.constantFrom(
  'invitee',
  'invitee',
  'invitee',
  'invitee',
  'nobody',
  'newcomer',
  'stranger',
);
const window = fc.option(fc.constantFrom(...STAFF_WINDOWS), { nil: undefined });
const invite = fc.record({ do: fc.constant('invite' as const), by, role: fc.constantFrom(...OFFERED), window });
const resend = fc.record({ do: fc.constant('resend' as const), by, back, window });
const answer = fc.record({ do: fc.constantFrom('accept' as const, 'accept' as const, 'decline' as const), as, back });
const ofInvitation: fc.Arbitrary<Write>[] = [
  invite,
  resend,
  answer,
  fc.record({ do: fc.constant('revoke' as const), by, back }),
  fc.record({ do: fc.constantFrom('accept own' as const, 'decline own' as const), back }),
];
const aroundIt: fc.Arbitrary<Write>[] = [
  fc.record({ do: fc.constant('remove' as const) }),
  fc.record({
    do: fc.constant('change inviter' as const),
    to: fc.constantFrom(...(Object.keys(MAY_OFFER) as InviterRole[])),
  }),
  fc.record({ do: fc.constantFrom('archive' as const, 'restore' as const, 'restore' as const) }),
];
const read: fc.Arbitrary<Read> = fc.oneof(
  fc.record({ do: fc.constant('open link' as const), back }),
  fc.record({ do: fc.constant('see' as const), by, back }),
  fc.record({ do: fc.constant('list' as const), state: fc.option(fc.constantFrom(...STATES), { nil: undefined }) }),
  fc.record({ do: fc.constant('list own' as const) }),
);
const often = ofInvitation.map((arbitrary) => ({ weight: 3, arbitrary }));
const write: fc.Arbitrary<Write> = fc.oneof(...often, ...aroundIt);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('call' as const), call: write }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('call' as const), call: read }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('at once' as const), calls: fc.tuple(write, write) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      forEnd: fc.constant(true),
      ms: fc.constantFrom(-1, 0, 1, DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      forEnd: fc.constant(false),
      ms: fc.integer({ min: 1, max: 9 * DAY }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'note expiry' as const }) },
);
const scene = fc.record({
  inDeployment: fc.boolean(),
  newPerson: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)),
  invitee: fc.nat(2),
  steps: fc
    .tuple(invite, fc.array(step, { minLength: 1, maxLength: 16 }))
    .map(([first, rest]): Step[] => [{ do: 'call', call: first }, ...rest]),
});

describeOnEngines('the invitation over HTTP', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let inviter: Member;
  let people: Member[];
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(
      engine,
      { LOG_LEVEL: 'warn', RESENDS_PER_MINUTE: '0', RESENDS_PER_DAY: '0' },
      { clock },
    );
    const home = await createOrganisation(server);
    inviter = await join(server, home, 'contributor');
    people = [];
    for (let n = 0; n < 4; n += 1) people.push(await join(server, home, 'contributor'));
    clock.advance(0);
  });
  afterAll(async () => {
    await server.close();
  });

  /** A new scope, where the inviter is an admin. */
  async function freshScope(inDeployment: boolean): Promise<{ place: Place; inviter: Member }> {
    const organisation = await createOrganisation(server);
    const place = inDeployment ? await createDeployment(server, organisation) : organisation;
    const { body } = await server.admin
      .post(`${place.path}/staff-invitations`, { emails: [inviter.email], role: 'admin' })
      .expect(201);
    const { invitationId } = (body as { results: { invitationId: string }[] }).results[0]!;
    const accepted = await inviter.api.post(`/v1/me/invitations/${invitationId}/accept`, {}).expect(200);
    return { place, inviter: { ...inviter, membershipId: (accepted.body as { membershipId: string }).membershipId } };
  }

  async function take(round: Round, todo: Step): Promise<[string, string][]> {
    switch (todo.do) {
      case 'wait': {
        const to = todo.forEnd ? (round.closes ?? 0) + todo.ms : clock.now().getTime() + todo.ms;
        if (to > clock.now().getTime()) clock.set(new Date(to));
        return [];
      }
      case 'note expiry':
        await server.running.app.get(ExpirySchedule).run();
        return [];
      case 'call':
      case 'at once': {
        const calls = (todo.do === 'call' ? [todo.call] : todo.calls).map((call) => asTheyAre(round, call));
        const answers = await round.play(calls);
        return calls.map((call, n) => [`${todo.do}: ${call.do}`, answers[n]!]);
      }
    }
  }

  it(
    `agrees with the model for single calls and races, ${String(RUNS)} times`,
    async () => {
      const seen = new Map<string, number>();
      const began = performance.now();
      await checkAsync(
        `the invitation over HTTP on ${engine.name}`,
        fc.asyncProperty(scene, async ({ inDeployment, newPerson, invitee, steps }) => {
          const person = people[invitee]!;
          const { api, email } = newPerson ? { api: null, email: freshEmail('newcomer') } : person;
          const round = new Round({
            server,
            clock,
            ...(await freshScope(inDeployment)),
            stranger: people[3]!.api,
            email,
            invitee: api,
          });
          for (const todo of steps) {
            for (const [call, said] of await take(round, todo)) {
              const word = `${call}: ${shortened(said)}`;
              seen.set(word, (seen.get(word) ?? 0) + 1);
            }
          }
          await round.finish();
        }),
        RUNS,
        LIMIT_MS,
      );
      const calls = [...seen.values()].reduce((sum, count) => sum + count, 0);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      process.stdout.write(
        `the invitation over HTTP on ${engine.name}: ${String(RUNS)} runs, ${String(calls)} calls, ${String(seen.size)} kinds of answer, ${seconds} s\n`,
      );
      if (process.env.MODEL_RUNS)
        process.stdout.write(
          `${[...seen]
            .sort()
            .map(([word, count]) => `${word} × ${String(count)}`)
            .join('\n')}\n`,
        );
    },
    LIMIT_MS + 30_000,
  );
});

/** A person without an account sends a name and a password. */
function asTheyAre(round: Round, call: Call): Call {
  return call.do === 'accept' && call.as === 'invitee' && !round.hasAccount ? { ...call, as: 'newcomer' } : call;
}

/** The status, and the code of a refusal, without ids. */
function shortened(said: string): string {
  const [status, word] = said.split(' ');
  return status === '200' || word === undefined ? status! : `${status!} ${word}`;
}
