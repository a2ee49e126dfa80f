import { EventStoreMigration } from './migration-0001-event-store.js';
import { TablesMigration } from './migration-0002-tables.js';

/** Every migration of the product, oldest first; a name once released never changes. */
export const MIGRATIONS = [
  { name: '0001-event-store', class: EventStoreMigration },
  { name: '0002-tables', class: TablesMigration },
];
