import { sql } from 'kysely';
import { AccessDifferences } from '../../../src/modules/history/access/access-differences.js';
import { GrantsAt } from '../../../src/modules/history/access/grants-at.js';
import { Instants } from '../../../src/modules/history/access/instants.js';
import { kindOf } from '../../../src/modules/history/fold/kinds.js';
import { readEntries } from '../../../src/modules/history/timeline/entry-query.js';
import type { RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import type { Engine, TestDatabase } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import { entriesIn, Ledger, numberAt, type Statement } from './ledger.js';
import {
  anyTimeIn,
  type Large,
  openRandomInstallation,
  type RandomInstallation,
  scopeOf,
  stated,
  STORED_TYPES,
} from './random-installation.js';

/** Questions of each sort: who held what, what changed, how many entries. */
const QUESTIONS = Number(process.env.HISTORY_QUESTIONS ?? 1000);
/** The longest stretch whose entries are counted. */
const MOST_DAYS = 30;
const EVERYTHING = 1_000_000;

/** Describes a random history on an engine: the history's answers are those of a ledger that shares no code with it. */
export function knownAnswers(engine: Engine, name: string, size: Large): void {
  describe(`${name} on ${engine.name}`, () => {
    const random = new Random(name);
    let installation: RandomInstallation;
    let place: TestDatabase;
    let log: readonly RecordedEvent[];
    let organisations: string[];
    let grants: GrantsAt;

    beforeAll(async () => {
      installation = await openRandomInstallation(engine, random, size);
      ({ place, log, organisations } = installation);
      grants = new GrantsAt(place.database);
    }, 400_000);
    afterAll(async () => {
      await installation.close();
    });

    const pick = <Item>(items: readonly Item[]): Item => items[random.int(items.length)]!;
    const anyTime = (): string => anyTimeIn(log, random);
    /** Questions are answered in the order of their numbers, because the ledger goes on and never back. */
    const inOrder = <Question>(questions: Question[], number: (question: Question) => number): Question[] =>
      questions.sort((a, b) => number(a) - number(b));

    it('has an entry with a number for every event', async () => {
      const { rows } = await sql<{ number: number; event_id: string }>`
        select number::float8 as number, event_id from history_entry order by number`.execute(place.database.kysely());
      expect(rows.map(({ event_id: id }) => id)).toEqual(log.map(({ id }) => id));
      expect(rows.map(({ number }) => number)).toEqual(log.map((_, n) => n));
      const { rows: gaps } = await sql`select organisation_id from history_entry where organisation_id is not null
        group by organisation_id having count(*) <> max(organisation_number) + 1 or min(organisation_number) <> 0`.execute(
        place.database.kysely(),
      );
      expect(gaps).toEqual([]);
      const types = new Set(log.map(({ type }) => type));
      expect(STORED_TYPES.filter((type) => !types.has(type))).toEqual([]);
    });

    it(`answers ${String(QUESTIONS)} questions about who held what as the ledger does`, async () => {
      const afterIt = new TestClock();
      // Nobody may ask for a time that is yet to come, and a history may end later than planned.
      afterIt.set('2200-01-01T00:00:00.000Z');
      const instants = new Instants(place.database, afterIt);
      const questions = Array.from({ length: QUESTIONS }, () => {
        const at = random.int(2) === 0 ? anyTime() : null;
        return {
          organisation: pick(organisations),
          at,
          number: at === null ? random.int(log.length) : numberAt(log, at),
        };
      });
      const ledger = new Ledger(log);
      let grantsSeen = 0;
      for (const { organisation, at, number } of inOrder(questions, (question) => question.number)) {
        ledger.goTo(number);
        if (at !== null) expect((await instants.find({ at })).number).toBe(number);
        const meanings = await grants.meanings(organisation, number);
        const rows = await grants.page(scopeOf(organisation), number, {}, meanings, null, EVERYTHING);
        const answer = new Map(rows.map((row) => [row.key, stated(row, meanings)]));
        expect(Object.fromEntries(answer)).toEqual(Object.fromEntries(ledger.access(organisation)));
        grantsSeen += answer.size;
      }
      expect(grantsSeen).toBeGreaterThan(QUESTIONS);
    }, 300_000);

    it(`answers ${String(QUESTIONS)} questions about what changed as the ledger does`, async () => {
      const differences = new AccessDifferences(grants, place.database);
      const questions = Array.from({ length: QUESTIONS }, () => {
        const [a, b] = [numberAt(log, anyTime()), numberAt(log, anyTime())];
        return { organisation: pick(organisations), from: Math.min(a, b), to: Math.max(a, b) };
      });
      const known = new Map<string, Map<string, Statement>>();
      const ledger = new Ledger(log);
      const asked = questions.flatMap(({ organisation, from, to }) => [
        { organisation, number: from },
        { organisation, number: to },
      ]);
      for (const { organisation, number } of inOrder(asked, (question) => question.number)) {
        ledger.goTo(number);
        known.set(`${organisation} ${String(number)}`, ledger.access(organisation));
      }
      let changes = 0;
      for (const { organisation, from, to } of questions) {
        const [before, after] = [
          known.get(`${organisation} ${String(from)}`)!,
          known.get(`${organisation} ${String(to)}`)!,
        ];
        const expected = [...new Set([...before.keys(), ...after.keys()])]
          .filter((key) => before.get(key) !== after.get(key))
          .map((key) => `${key}: ${before.get(key) ?? ''} -> ${after.get(key) ?? ''}`);
        const {
          pairs,
          before: then,
          after: later,
        } = await differences.between(scopeOf(organisation), [from, to], null, EVERYTHING);
        const found = pairs.map(
          ({ before: a, after: b }) => `${(a ?? b)!.key}: ${a ? stated(a, then) : ''} -> ${b ? stated(b, later) : ''}`,
        );
        expect(found.sort()).toEqual(expected.sort());
        changes += found.length;
      }
      expect(changes).toBeGreaterThan(QUESTIONS);
    }, 300_000);

    it(`counts the entries of ${String(QUESTIONS)} stretches as the ledger does`, async () => {
      let entries = 0;
      for (let n = 0; n < QUESTIONS; n += 1) {
        const [organisation, from] = [pick(organisations), anyTime()];
        const to = new Date(Date.parse(from) + random.int(MOST_DAYS) * 86_400_000 + random.int(2)).toISOString();
        const { type, stream } = pick(log);
        const only = random.int(2) === 0 ? { type, category: stream.slice(0, stream.indexOf('-')) } : null;
        const kinds = only ? [kindOf(only.type, only.category)] : undefined;
        const rows = await readEntries(
          place.database,
          [sql<boolean>`organisation_id = ${organisation}`],
          { kinds, from, to },
          null,
          EVERYTHING,
        );
        expect(rows.length).toBe(entriesIn(log, organisation, from, to, only));
        entries += rows.length;
      }
      expect(entries).toBeGreaterThan(QUESTIONS);
    }, 300_000);
  });
}
