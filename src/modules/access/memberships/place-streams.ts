import { sql } from 'kysely';
import type { Database } from '../../../shared/database/database.js';
import type { PlaceKind } from './departures.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/**
 * Finds a person's streams in a read model of memberships. Its rows have the stream's UUID, the person and the
 * organisation.
 */
export function placeStreams(database: Database, table: string, category: string): PlaceKind['streamsOf'] {
  return async (personId, organisationId) => {
    const within = organisationId === null ? sql`` : sql`and organisation_id = ${organisationId}`;
    const { rows } = await sql<{
      id: string;
    }>`select id from ${sql.table(table)} where person_id = ${personId} ${within}`.execute(database.kysely());
    return rows.map(({ id }) => StreamId.of(category, id));
  };
}
