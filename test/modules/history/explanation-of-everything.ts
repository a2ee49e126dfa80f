import { sql } from 'kysely';
import type { ChainLink, Explained, HeldGrant } from '../../../src/modules/history/explanation/chain-link.js';
import { Chains, HELD } from '../../../src/modules/history/explanation/chains.js';
import { PastFacts } from '../../../src/modules/history/reading/past-facts.js';
import type { People } from '../../../src/modules/people/people.js';
import type { RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import type { Engine, TestDatabase } from '../../support/engines.js';
import { ExplanationChecker, type GivenExplanation, type GivenLink, type KnownGrant } from './explanation-checker.js';
import { AccessSteps } from '../../../src/modules/history/steps/access-steps.js';
import { Ledger } from './ledger.js';
import { openRandomInstallation, type RandomInstallation } from './random-installation.js';
import { SoundHistory } from './sound-history.js';

/** Questions about the steps of one person. */
const STEPPED = 100;

export interface Asked {
  events: number;
  organisations: number;
  /** How many times a grant is explained, at one of the numbers at which it held. */
  explanations: number;
}

/** Describes a sound random history: each explanation in it is the one that a checker knows from the log alone. */
export function explainsEverything(
  engine: Engine,
  seed: string,
  { events, organisations: places, explanations }: Asked,
): void {
  describe(`why somebody may do something, in ${seed} on ${engine.name}`, () => {
    const random = new Random(seed);
    let installation: RandomInstallation;
    let place: TestDatabase;
    let log: readonly RecordedEvent[];
    let organisations: string[];
    let checker: ExplanationChecker;
    let chains: Chains;
    const held = new Map<number, HeldGrant>();

    beforeAll(async () => {
      const size = { events, organisations: places };
      installation = await openRandomInstallation(engine, random, size, SoundHistory);
      ({ place, log, organisations } = installation);
      checker = new ExplanationChecker(log);
      // Chains name nobody, so that nobody's key is read.
      chains = new Chains(place.database, new PastFacts(place.database, undefined as unknown as People));
      const { rows } = await sql<HeldGrant>`select ${HELD} from grant_period g`.execute(place.database.kysely());
      for (const row of rows) held.set(row.from_number, row);
    }, 400_000);
    afterAll(async () => {
      await installation.close();
    });

    /** A grant, and a number at which it held. */
    const anyGrant = (): { grant: KnownGrant; number: number } => {
      const grants = checker.grants;
      const grant = grants[random.int(grants.length)]!;
      const length = (grant.to ?? log.length) - grant.from;
      return { grant, number: grant.from + random.int(length) };
    };
    const explain = async ({ grant, number }: ReturnType<typeof anyGrant>): Promise<GivenExplanation> =>
      given(await chains.explain(held.get(grant.from)!, number));

    it('knows the same grants as the log', () => {
      expect([...held.keys()].sort((a, b) => a - b)).toEqual(checker.grants.map(({ from }) => from));
    });

    it(`is explained ${String(explanations)} times as the log does`, async () => {
      const ends = new Set<string>();
      for (let n = 0; n < explanations; n += 1) {
        const asked = anyGrant();
        const explanation = await explain(asked);
        expect({ ...asked, faults: checker.faults(asked.grant, asked.number, explanation) }).toEqual({
          ...asked,
          faults: [],
        });
        ends.add(explanation.endsWith);
      }
      expect([...ends].sort()).toEqual(['first-start', 'founder', 'link']);
    }, 3_600_000);

    it(`leads over the steps of one person to what the ledger knows, ${String(STEPPED)} times`, async () => {
      const steps = new AccessSteps(place.database, new PastFacts(place.database, undefined as unknown as People));
      const ledger = new Ledger(log);
      const numbers = Array.from({ length: STEPPED }, () => random.int(log.length)).sort((a, b) => a - b);
      let seen = 0;
      for (const number of numbers) {
        ledger.goTo(number);
        const id = organisations[random.int(organisations.length)]!;
        const expected = [...ledger.access(id)].map(([key, statement]) => ({ key, fields: statement.split(' | ') }));
        const people = [...new Set(expected.map(({ fields }) => fields[1]!))];
        if (people.length === 0) continue;
        const person = people[random.int(people.length)]!;
        const scope = { kind: 'organisation', id, organisation: { id, name: '' } } as const;
        const held = await steps.heldBy([person], scope, number);
        const made = await steps.of(held, id, number);
        const now = new Map<string, string[]>();
        const last = new Map<string, string>();
        for (const { number: at, period, meaning, gained, lost } of made) {
          expect(at).toBeLessThanOrEqual(number);
          const before = now.get(period.key) ?? [];
          now.set(period.key, [...before.filter((one) => !lost.includes(one)), ...gained]);
          if (meaning) last.set(period.key, [...meaning.permissions].sort().join('+'));
          else last.delete(period.key);
        }
        const known = expected.filter(({ fields }) => fields[1] === person);
        expect(Object.fromEntries(last)).toEqual(Object.fromEntries(known.map(({ key, fields }) => [key, fields[5]])));
        // What was gained and not lost again is what is left.
        for (const [key, permissions] of last) expect(now.get(key)!.sort().join('+')).toBe(permissions);
        seen += made.length;
      }
      expect(seen).toBeGreaterThan(STEPPED);
    }, 300_000);

    it('would be found out with any needed link or authority taken out or exchanged', async () => {
      let changed = 0;
      for (let n = 0; n < 40; n += 1) {
        const asked = anyGrant();
        const explanation = await explain(asked);
        for (const forged of forgeries(explanation, log, random)) {
          expect(checker.faults(asked.grant, asked.number, forged)).not.toEqual([]);
          changed += 1;
        }
      }
      expect(changed).toBeGreaterThan(400);
    }, 300_000);
  });
}

function given({ chain, authorities, endsWith }: Explained): GivenExplanation {
  const links = (some: readonly ChainLink[]): GivenLink[] =>
    some.map(({ entry, isNeeded, basis, authority }) => ({
      eventId: entry.event_id,
      number: entry.number,
      isNeeded,
      basis,
      authority: authority?.from_number ?? null,
    }));
  return {
    chain: links(chain),
    authorities: new Map([...authorities].map(([from, some]) => [from, links(some)])),
    endsWith,
  };
}

/** The explanation with one thing wrong, in every way. */
function* forgeries(
  { chain, authorities, endsWith }: GivenExplanation,
  log: readonly RecordedEvent[],
  random: Random,
): Generator<GivenExplanation> {
  for (const [key, links] of [[null, chain] as const, ...authorities]) {
    const instead = (others: GivenLink[]): GivenExplanation =>
      key === null
        ? { chain: others, authorities, endsWith }
        : { chain, authorities: new Map(authorities).set(key, others), endsWith };
    for (const link of links.filter(({ isNeeded }) => isNeeded)) {
      const others = links.filter((one) => one !== link);
      yield instead(others);
      const number = (link.number + 1 + random.int(log.length - 1)) % log.length;
      yield instead([...others, { ...link, number, eventId: log[number]!.id }]);
      yield instead([...others, { ...link, eventId: log[number]!.id }]);
      if (link.authority === null) continue;
      yield instead([...others, { ...link, authority: null }]);
      yield instead([...others, { ...link, authority: link.authority - 1 }]);
    }
    if (key === null) continue;
    const fewer = new Map(authorities);
    fewer.delete(key);
    yield { chain, authorities: fewer, endsWith };
  }
  for (const end of ['first-start', 'founder', 'link', 'unknown'].filter((one) => one !== endsWith))
    yield { chain, authorities, endsWith: end };
}
