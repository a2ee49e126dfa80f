import { randomBytes } from 'node:crypto';
import { EntitySchema } from '@mikro-orm/core';
import { sql, type Kysely } from 'kysely';
import { Database } from '../../src/shared/database/database.js';
import { SETTINGS } from './settings.js';

/** MikroORM refuses to start without an entity. */
const NO_ENTITIES = [new EntitySchema({ name: 'Nothing', properties: { id: { type: 'number', primary: true } } })];

/** A separate database on the server. `drop` removes it. */
export interface BenchDatabase {
  url: string;
  name: string;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<BenchDatabase> {
  const name = `rolecall_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(SETTINGS.databaseUrl);
  url.pathname = `/${name}`;
  await onDatabase(SETTINGS.databaseUrl, async (db) => sql.raw(`create database ${name}`).execute(db));
  return {
    url: url.href,
    name,
    drop: async () => {
      await onDatabase(SETTINGS.databaseUrl, async (db) => sql.raw(`drop database ${name} with (force)`).execute(db));
    },
  };
}

/** Runs statements on a database, on one connection. */
export async function onDatabase<Result>(url: string, work: (db: Kysely<object>) => Promise<Result>): Promise<Result> {
  const database = await Database.open({ url, entities: NO_ENTITIES, migrations: [], poolSize: 1 });
  try {
    return await work(database.kysely());
  } finally {
    await database.close();
  }
}

/** Returns the number that `select …::float8 as value` selects. */
export async function numberOf(url: string, statement: string): Promise<number> {
  return onDatabase(url, async (db) => (await sql.raw<{ value: number }>(statement).execute(db)).rows[0]?.value ?? NaN);
}
