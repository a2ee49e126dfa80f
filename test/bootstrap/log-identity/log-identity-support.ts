import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ownershipStream } from '../../../src/modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import type { Database } from '../../../src/shared/database/database.js';
import { SYSTEM } from '../../../src/shared/event-sourcing/command-handling.js';
import { revisionOf, type EventStore, type JsonObject } from '../../../src/shared/event-sourcing/event-store.js';
import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { logIdFrom } from '../../../src/bootstrap/log-identity/adopt-log.js';
import { recordedLogId } from '../../../src/bootstrap/log-identity/log-identity-table.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { unchecked } from '../../support/unchecked.js';

export const LOG_STREAM = 'logIdentity-00000000-0000-4000-8000-000000000001';

/** Where a suite's logs are. The database holds one log at a time. Each log in EventStoreDB has a fake of its own. */
export type Where = 'the database' | 'EventStoreDB';

export interface EmptyLog {
  store: EventStore;
  /** The same log, as another process opens it. */
  again(): EventStore;
  close(): Promise<void>;
}

/** An empty log. @param database its own log is emptied when the log is in the database */
export async function emptyLog(where: Where, database: Database): Promise<EmptyLog> {
  const fake = where === 'EventStoreDB' ? await FakeEventStoreDb.start() : null;
  if (!fake) await emptyTable(database);
  const stores: EventStore[] = [];
  const again = (): EventStore => {
    const store = fake
      ? new EventStoreDbEventStore(fake.connectionString, { checks: unchecked() })
      : new PostgresEventStore(database, { checks: unchecked() });
    stores.push(store);
    return store;
  };
  return {
    store: again(),
    again,
    async close() {
      for (const store of stores) await store.close();
      await fake?.stop();
    },
  };
}

/** The triggers are disabled meanwhile, because they refuse to delete events. */
async function emptyTable(database: Database): Promise<void> {
  for (const statement of [
    'alter table event disable trigger all',
    'delete from event',
    'alter table event enable trigger all',
  ])
    await sql.raw(statement).execute(database.kysely());
}

/** Deletes every person, log id and checkpoint. */
export async function emptyRows(database: Database): Promise<void> {
  for (const table of ['person', 'log_identity', 'checkpoint'])
    await sql`delete from ${sql.table(table)}`.execute(database.kysely());
}

export async function recordPerson(database: Database, personId: string): Promise<void> {
  await sql`insert into person (id) values (${personId})`.execute(database.kysely());
}

export async function append(store: EventStore, stream: string, type: string, data: JsonObject): Promise<void> {
  const id = randomUUID();
  const metadata = {
    actor: SYSTEM,
    organisationId: null,
    scope: PLATFORM,
    schemaVersion: 1,
    $correlationId: id,
    $causationId: id,
    commandId: id,
  };
  const expectedRevision = revisionOf(await store.read(stream));
  await store.append({ stream, expectedRevision, events: [{ id, type, data, metadata }] });
}

export async function registerOwner(store: EventStore, personId: string): Promise<void> {
  await append(store, ownershipStream(PLATFORM), 'OwnerRegistered', { personId });
}

export async function createOrganisation(store: EventStore): Promise<void> {
  const id = randomUUID();
  await append(store, `organisation-${id}`, 'OrganisationCreated', { organisationId: id, name: 'Riverside' });
}

/** The log's id as the database and as the log have it. Null means that it is missing. */
export async function idsOf(
  database: Database,
  store: EventStore,
): Promise<{ recorded: string | null; opened: string | null }> {
  return { recorded: await recordedLogId(database.kysely()), opened: logIdFrom(await store.read(LOG_STREAM)) };
}
