import type { Database } from '../database/database.js';
import type { EventStore } from './event-store.js';
import { EventStoreDbEventStore } from './eventstoredb/eventstoredb-event-store.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

/** The log of an installation. @param url of EventStoreDB; null: the log is in the database */
export function openEventStore(database: Database, url: string | null): EventStore {
  return url === null ? new PostgresEventStore(database) : new EventStoreDbEventStore(url);
}
