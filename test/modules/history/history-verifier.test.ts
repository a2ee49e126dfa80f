import { sql } from 'kysely';
import { HISTORY_TABLES } from '../../../src/modules/history/read-models/history-tables.js';
import type { Difference } from '../../../src/modules/history/verification/difference.js';
import { HistoryVerifier, type Verification } from '../../../src/modules/history/verification/history-verifier.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../../support/engines.js';
import { openRandomInstallation, type RandomInstallation } from './random-installation.js';

const TABLES = HISTORY_TABLES.map(({ meta }) => String(meta.name));
/** A change of one column of each table, and a row that nothing in the log gives a reason for. */
const TAMPERED: Readonly<Record<string, { column: string; value: string }>> = {
  history_entry: { column: 'actor', value: "'somebody else'" },
  grant_period: { column: 'role', value: "'organisation-owner-too'" },
  offer_period: { column: 'expires_at', value: "expires_at + interval '1 microsecond'" },
  exception_period: { column: 'content_creator', value: 'not content_creator' },
  role_definition_period: { column: 'permissions', value: `'["nothing.at-all"]'` },
  scope_period: { column: 'name', value: "name || '!'" },
  person_name_period: { column: 'sealed', value: "'c29tZXRoaW5nIGVsc2U'" },
};

describeOnEngines(
  'comparing the history with the log',
  (engine) => {
    const random = new Random('verify');
    let installation: RandomInstallation;
    beforeAll(async () => {
      installation = await openRandomInstallation(engine, random, { events: 3000, organisations: 8 });
    }, 400_000);
    afterAll(async () => {
      await installation.close();
    });

    const run = async (statement: string): Promise<void> => {
      await sql.raw(statement).execute(installation.place.database.kysely());
    };
    async function verified(): Promise<Verification & { differences: Difference[] }> {
      const differences: Difference[] = [];
      const verifier = new HistoryVerifier(installation.place.database, installation.store);
      const verification = await verifier.verify((difference) => differences.push(difference));
      expect(verification.differencesInAll).toBe(differences.length);
      return { ...verification, differences };
    }
    /** Restores a table after the work. */
    async function undone(table: string, work: () => Promise<void>): Promise<void> {
      await run(`create table kept as select * from ${table}`);
      try {
        await work();
      } finally {
        await run(`delete from ${table}`);
        await run(`insert into ${table} select * from kept`);
        await run('drop table kept');
      }
    }
    interface Row {
      /** As differences name it. */
      key: string;
      where: string;
    }
    /** Three random rows of a table. */
    async function someRows(table: string): Promise<[Row, Row, Row]> {
      const isEntry = table === 'history_entry';
      const columns = isEntry ? 'number::text as key, number' : 'key, from_number';
      const { rows } = await sql<{ key: string; from: number }>`
        select ${sql.raw(columns)}::float8 as from from ${sql.table(table)} order by 1, 2`.execute(
        installation.place.database.kysely(),
      );
      const picked = Array.from({ length: 3 }, () => rows.splice(random.int(rows.length), 1)[0]!);
      return picked.map(({ key, from }) =>
        isEntry
          ? { key, where: `number = ${key}` }
          : { key: `${key} from ${String(from)}`, where: `key = '${key}' and from_number = ${String(from)}` },
      ) as [Row, Row, Row];
    }

    it('says nothing where nothing was changed', async () => {
      const { entries, periods, differences, isBehind } = await verified();
      expect(differences).toEqual([]);
      expect(entries).toBe(installation.log.length);
      expect(periods).toBeGreaterThan(500);
      expect(isBehind).toBe(false);
    });

    it.each(TABLES)('names the rows of %s that were changed, dropped and added', async (table) => {
      const isEntry = table === 'history_entry';
      const [changed, ended, dropped] = await someRows(table);
      const { column, value } = TAMPERED[table]!;
      const { length } = installation.log;
      const added = isEntry ? [-7, length, length + 3] : [-7, length + 3];
      const nameOf = (n: number): string => (isEntry ? String(n) : `${changed.key.split(' ')[0]!} from ${String(n)}`);
      await undone(table, async () => {
        for (const n of added) {
          await run(`create table more as select * from ${table} where ${changed.where}`);
          await run(`update more set ${isEntry ? 'number' : 'to_number = null, from_number'} = ${String(n)}`);
          await run(`insert into ${table} select * from more`);
          await run('drop table more');
        }
        await run(`update ${table} set ${column} = ${value} where ${changed.where}`);
        await run(`delete from ${table} where ${dropped.where}`);
        if (!isEntry)
          await run(`update ${table} set to_number = coalesce(to_number, from_number) + 1 where ${ended.where}`);
        const { differences } = await verified();
        const of = (key: string, what: Difference['what'], ...fields: string[]): Difference => ({
          table,
          key,
          what,
          fields,
        });
        const expected = [
          of(changed.key, 'changed', column),
          ...(isEntry ? [] : [of(ended.key, 'changed', 'to_number')]),
          of(dropped.key, 'missing'),
          ...added.map((n) => of(nameOf(n), 'added')),
        ];
        const byKey = (all: readonly Difference[]) => all.toSorted((x, y) => (x.key < y.key ? -1 : 1));
        expect(byKey(differences)).toEqual(byKey(expected));
      });
    });

    it('counts everything that differs', async () => {
      const table = 'grant_period';
      await undone(table, async () => {
        await run(`delete from ${table}`);
        const { differences, differencesInAll } = await verified();
        expect(differencesInAll).toBeGreaterThan(20);
        expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(['missing']));
      });
    });

    it('says nothing of what follows while it compares', async () => {
      const { store, log, place } = installation;
      const grants = log.filter(({ type, stream }) => type === 'InvitationAccepted' && stream.startsWith('staff-'));
      const verifier = new HistoryVerifier(place.database, store);
      const differences: Difference[] = [];
      let closing: Promise<void> | undefined;
      const compared = verifier.verify(
        (difference) => differences.push(difference),
        () => {
          closing ??= close();
        },
      );
      /** Ends every place of staff. */
      async function close(): Promise<void> {
        for (const { stream, metadata } of grants.slice(0, 20)) {
          const history = await store.read(stream);
          await store.append({
            stream,
            expectedRevision: history.length - 1,
            events: [{ id: random.uuid(), type: 'StaffMemberRemoved', data: { role: 'admin' }, metadata }],
          });
        }
      }
      await compared;
      await closing;
      expect(differences).toEqual([]);
      expect(await installation.runner.caughtUp(20_000)).toBe(true);
      expect((await verified()).differences).toEqual([]);
    });
  },
  { alsoOnEventStoreDb: true },
);
