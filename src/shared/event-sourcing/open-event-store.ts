import type { Database } from '../database/database.js';
import type { NotificationBus } from '../cluster/notification-bus.js';
import type { KeepsCompanionRows } from './companion-rows.js';
import { EventChecks } from './event-checks.js';
import type { EventShapes } from './event-shapes.js';
import type { EventStore } from './event-store.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

interface Surroundings {
  /**
   * Notifies other instances of appends. EventStoreDB doesn't need it, because its subscriptions tell each instance.
   */
  notificationBus?: NotificationBus;
  /** Stores companion rows where the log is not in their database. */
  people?: KeepsCompanionRows;
  /** The categories that this product follows, and its event types. */
  shapes: EventShapes;
}

/**
 * Opens the log of an installation.
 * @param url the connection string of EventStoreDB; null: the log is in the database
 */
export async function openEventStore(
  database: Database,
  url: string | null,
  { notificationBus, people, shapes }: Surroundings,
): Promise<EventStore> {
  const checks = new EventChecks(shapes);
  if (url === null)
    return new PostgresEventStore(database, { checks, ...(notificationBus ? { notificationBus } : {}) });
  // Loaded only when needed, because loading the client takes a large part of the start.
  const { EventStoreDbEventStore } = await import('./eventstoredb/eventstoredb-event-store.js');
  return new EventStoreDbEventStore(url, { people, checks });
}
