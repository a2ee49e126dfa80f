import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../../../src/shared/database/database.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';

/** A file is named for its function. */
interface SqlFile {
  name: string;
  text: string;
}

const FILES: readonly SqlFile[] = globSync('src/**/*.sql').map((file) => ({
  name: basename(file, '.sql'),
  text: readFileSync(file, 'utf8'),
}));

/** A comment, a text, a name or number, an operator, white space, any other character. */
const TOKENS = /--.*|'(?:[^']|'')*'|\w+|[-+*/<>=~!@#%^&|?:]+|\s+|./g;

/** What PostgreSQL reads of a text: without comments and line breaks, which a file may have for its readers. */
function tokensOf(definition: string): string[] {
  return (definition.match(TOKENS) ?? []).filter((token) => !/^(?:--|\s)/.test(token));
}

/** The functions of a schema by name, with arguments, result, settings and body, extensions' functions left out. */
async function functionsIn(db: Kysely<object>, schema: string): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select p.proname as name, pg_get_functiondef(p.oid) as definition
    from pg_proc p
    where p.pronamespace = ${schema}::text::regnamespace
      and not exists (
        select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
    order by p.oid::regprocedure::text`.execute(db);
  const byName = Map.groupBy(rows, ({ name }) => name);
  return new Map(
    [...byName].map(([name, overloads]) => [
      name,
      overloads.flatMap(({ definition }) => tokensOf(definition.replace(` FUNCTION ${schema}.`, ' FUNCTION '))),
    ]),
  );
}

/** How the files and a migrated database differ; empty when each function has one file that makes the same function. */
async function differences(database: Database, files: readonly SqlFile[]): Promise<string[]> {
  const [migrated, made] = await database.transaction(async (trx) => {
    await sql`create schema of_files`.execute(trx);
    await sql`set local search_path = of_files, public`.execute(trx);
    for (const { text } of files) await sql.raw(text).execute(trx);
    const both = [await functionsIn(trx, 'public'), await functionsIn(trx, 'of_files')] as const;
    await sql`drop schema of_files cascade`.execute(trx);
    return both;
  });
  const names = new Set([...migrated.keys(), ...made.keys(), ...files.map(({ name }) => name)]);
  return [...names].sort().flatMap((name) => {
    const count = files.filter((file) => file.name === name).length;
    if (count !== 1) return [`${name}: ${String(count)} files`];
    const [there, here] = [migrated.get(name), made.get(name) ?? []];
    if (!there) return [`${name}: no function`];
    const at = Array.from({ length: Math.max(there.length, here.length) }).findIndex((_, n) => there[n] !== here[n]);
    if (at === -1) return [];
    const [inDatabase, inFile] = [there, here].map((tokens) => tokens.slice(at, at + 6).join(' '));
    return [`${name}: the database has "${inDatabase!}", the file "${inFile!}"`];
  });
}

describeOnEveryEngine('the files of SQL functions', (engine) => {
  let place: TestDatabase;
  const difference = async (files = FILES): Promise<string[]> => differences(place.database, files);
  const changed = (name: string, before: string, after: string): readonly SqlFile[] => {
    expect(FILES.find((file) => file.name === name)?.text).toContain(before);
    return FILES.map((file) => (file.name === name ? { name, text: file.text.replace(before, after) } : file));
  };
  beforeAll(async () => {
    place = await engine.openDatabase();
  });
  afterAll(async () => {
    await place.close();
  });

  it('make the functions of a migrated database, one each', async () => {
    expect(FILES.length).toBeGreaterThan(0);
    expect(await difference()).toEqual([]);
  });

  it('are reported when a function has none', async () => {
    expect(await difference(FILES.filter(({ name }) => name !== 'event_head'))).toEqual(['event_head: 0 files']);
  });

  it('are reported when a function has two', async () => {
    expect(await difference([...FILES, FILES.find(({ name }) => name === 'event_head')!])).toEqual([
      'event_head: 2 files',
    ]);
  });

  it('are reported when one makes no function of the database', async () => {
    const text = 'create or replace function event_count() returns bigint language sql as $$ select 0::bigint $$;';
    expect(await difference([...FILES, { name: 'event_count', text }])).toEqual(['event_count: no function']);
  });

  it('are reported when one is named for another function', async () => {
    const files = FILES.map((file) => (file.name === 'event_head' ? { ...file, name: 'event_last' } : file));
    expect(await difference(files)).toEqual(['event_head: 0 files', 'event_last: no function']);
  });

  it('are reported when the database has another function of the same name', async () => {
    const db = place.database.kysely();
    await sql`create function event_head() returns int language sql as $$ select 0 $$`.execute(db);
    const found = await difference();
    await sql`drop function event_head()`.execute(db);
    expect(found).toEqual([expect.stringMatching(/^event_head: the database has /)]);
  });

  it.each([
    ['a line', 'and e.position <= up_to', 'and e.position < up_to', '"<= up_to and e . category", the file "< up_to'],
    ['a line less', '  limit max_events\n', '', '"limit max_events $ function $", the file "$ function $"'],
    ['a setting', 'set enable_sort = off\n', '', `"SET enable_sort TO 'off' AS $"`],
    ['an argument', 'types text[] default null', 'types text[]', '"DEFAULT NULL :: text [ ]", the file ") RETURNS'],
    ['a result', 'returns setof event', 'returns event', '"SETOF event LANGUAGE sql STABLE SET", the file "event'],
  ])('are reported when one has changed: %s', async (_, before, after, report) => {
    expect(await difference(changed('event_after', before, after))).toEqual([
      expect.stringContaining(`event_after: the database has ${report}`),
    ]);
  });

  it('may have comments and line breaks of their own', async () => {
    expect(await difference(changed('event_head', 'where ', 'where\n    -- Why?\n    '))).toEqual([]);
  });
});
