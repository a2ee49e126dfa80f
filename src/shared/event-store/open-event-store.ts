import type { Database } from '../database/database.js';
import type { Signals } from '../instances/signals.js';
import type { EventStore } from './event-store.js';
import { EventStoreDbEventStore } from './eventstoredb/eventstoredb-event-store.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

/**
 * The log of an installation. @param url of EventStoreDB; null: the log is in the database @param signals of other instances, where there
 * may be some: EventStoreDB tells them by itself
 */
export function openEventStore(database: Database, url: string | null, signals?: Signals): EventStore {
  return url === null ? new PostgresEventStore(database, signals ? { signals } : {}) : new EventStoreDbEventStore(url);
}
