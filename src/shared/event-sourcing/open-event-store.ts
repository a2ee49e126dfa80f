import type { Database } from '../database/database.js';
import type { NotificationBus } from '../cluster/notification-bus.js';
import type { KeepsCompanionRows } from './companion-rows.js';
import { EventChecks } from './event-checks.js';
import type { EventShapes } from './event-shapes.js';
import type { EventStore } from './event-store.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

interface Surroundings {
  /** Of other instances, where there may be some: EventStoreDB tells them by itself. */
  notificationBus?: NotificationBus;
  /** Keep newcomers, where the log is not in their database. */
  people?: KeepsCompanionRows;
  /** What the events of this product say; absent: it isn't looked at. */
  shapes?: EventShapes;
}

/** The log of an installation. @param url of EventStoreDB; null: the log is in the database */
export async function openEventStore(
  database: Database,
  url: string | null,
  { notificationBus, people, shapes }: Surroundings = {},
): Promise<EventStore> {
  const checks = new EventChecks(shapes);
  if (url === null)
    return new PostgresEventStore(database, { checks, ...(notificationBus ? { notificationBus } : {}) });
  // Loaded where it is needed alone: that takes as long as much of the start.
  const { EventStoreDbEventStore } = await import('./eventstoredb/eventstoredb-event-store.js');
  return new EventStoreDbEventStore(url, { people, checks });
}
