import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { eventShapes } from '../../../src/bootstrap/event-shapes.js';
import { sql } from 'kysely';
import { AccessDifferences } from '../../../src/modules/history/access/access-differences.js';
import { type GrantRow, GrantsAt, meaningOf } from '../../../src/modules/history/access/grants-at.js';
import { Instants } from '../../../src/modules/history/access/instants.js';
import type { RoleMeanings } from '../../../src/modules/history/access/role-meanings.js';
import { kindOf } from '../../../src/modules/history/fold/kinds.js';
import { historyProjection } from '../../../src/modules/history/read-models/history.projection.js';
import { readEntries } from '../../../src/modules/history/timeline/entry-query.js';
import type { EventStore, RecordedEvent, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import { LoneRunner } from '../../shared/projections/runner-support.js';
import { type Engine, openEventStore, type TestDatabase } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import { entriesIn, Ledger, numberAt, type Statement } from './ledger.js';
import { RandomHistory } from './random-history.js';

/** Questions of each sort: who held what, what changed, how many entries. */
const QUESTIONS = 1000;
const START = '2026-01-01T00:00:00.000Z';
const DAYS = 300;
/** The longest stretch whose entries are counted. */
const MOST_DAYS = 30;
const IMPORT_AT_ONCE = 500;
const STORED_TYPES = Object.keys(eventShapes().types).filter((type) => type !== 'LogOpened');
const EVERYTHING = 1_000_000;

/** Examples of every type that the history only lists, to be stored between the others. */
function otherEvents(): StoredEvent[] {
  const folder = join(import.meta.dirname, '../../events');
  const decided =
    /^(?:Invitation(?!Batch)|StaffRole|StaffMember|Patient(?!Link)|Observer|Group(?!Notices)|Organisation|Deployment|Role|BuiltIn|LogOpened)/;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !decided.test(file))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as StoredEvent);
}

/** How large a random history is. */
export interface Large {
  events: number;
  organisations: number;
}

/** Describes a random history on an engine: the history's answers are those of a ledger that shares no code with it. */
export function knownAnswers(engine: Engine, name: string, { events, organisations: places }: Large): void {
  describe(`${name} on ${engine.name}`, () => {
    const random = new Random(name);
    let place: TestDatabase;
    let store: EventStore;
    let runner: LoneRunner;
    let log: readonly RecordedEvent[];
    let organisations: string[];
    let grants: GrantsAt;

    beforeAll(async () => {
      const size = {
        events,
        organisations: places,
        people: events / 8,
        start: START,
        meanStepMs: (DAYS * 86_400_000) / events,
      };
      const history = new RandomHistory(random, size, otherEvents(), STORED_TYPES);
      log = history.write().events;
      organisations = history.organisations.map(({ id }) => id);
      place = await engine.openDatabase(ENTITIES);
      store = await openEventStore(place);
      for (let n = 0; n < log.length; n += IMPORT_AT_ONCE) await store.importMany(log.slice(n, n + IMPORT_AT_ONCE));
      // The runner keeps an embedded database so busy that a question to the store could get no answer in time.
      const end = await store.head(store.categories);
      runner = new LoneRunner(store, place.database);
      runner.register(historyProjection());
      await runner.start();
      expect(await runner.reached(end!, 300_000)).toBe(true);
      grants = new GrantsAt(place.database);
    }, 400_000);
    afterAll(async () => {
      await runner.stop();
      await store.close();
      await place.close();
    });

    const pick = <Item>(items: readonly Item[]): Item => items[random.int(items.length)]!;
    /** Half of the times are within a millisecond of an event. */
    const anyTime = (): string => {
      const at = Date.parse(pick(log).recordedAt) + (random.int(2) === 0 ? random.int(3) - 1 : random.int(86_400_000));
      return new Date(at).toISOString();
    };
    const scopeOf = (id: string) => ({ kind: 'organisation', id, organisation: { id, name: '' } }) as const;
    const stated = (row: GrantRow, meanings: RoleMeanings): Statement => {
      const { id, name, permissions } = meaningOf(row, meanings);
      const rights = [...permissions].sort().join('+');
      return [
        row.kind,
        row.person_id,
        row.scope_id,
        id,
        name,
        rights,
        row.archived ? 'archived' : 'open',
        row.from_number,
      ].join(' | ');
    };
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
