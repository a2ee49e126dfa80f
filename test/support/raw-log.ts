import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { sql } from 'kysely';
import type { TestDatabase } from './engines.js';

/** An event of another application. */
export interface RawEvent {
  stream: string;
  type: string;
  /** JSON text. */
  data?: string;
  /** JSON text. Absent for none, which a database stores as an empty object. */
  metadata?: string;
  /** Replaces `data` by bytes that are no JSON. A database stores a JSON string, because it takes only JSON. */
  binary?: boolean;
}

/** The log of a test database without the product, as another application or an operator changes it. */
export interface RawLog {
  isInDatabase: boolean;
  /** Stores the event at the end of its stream. */
  put(event: RawEvent): Promise<void>;
  /** Hides the stream's first `count` events from its readers. */
  cut(stream: string, count: number): Promise<void>;
  /** Deletes the stream permanently. @throws if the log is in a database */
  tombstone(stream: string): Promise<void>;
  close(): Promise<void>;
}

export function rawLogOf(place: TestDatabase): RawLog {
  return place.eventStoreUrl === undefined ? inDatabase(place) : onServer(clientOf(place.eventStoreUrl));
}

export function clientOf(url: string): EventStoreDBClient {
  return EventStoreDBClient.connectionString(url);
}

function inDatabase({ database }: TestDatabase): RawLog {
  return {
    isInDatabase: true,
    async put({ stream, type, data = '{}', metadata = '{}', binary = false }) {
      const stored = binary ? '"bytes"' : data;
      await sql`
        insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
        select coalesce((select max(position) from event), 0) + 1, ${stream}, coalesce((select max(revision) from event where stream = ${stream}), -1) + 1,
          ${randomUUID()}::uuid, ${type}, ${stored}::json, ${metadata}::json, now()`.execute(database.kysely());
    },
    async cut(stream, count) {
      await sql`alter table event disable trigger event_never_changed`.execute(database.kysely());
      await sql`delete from event where stream = ${stream} and revision < ${count}`.execute(database.kysely());
      await sql`alter table event enable always trigger event_never_changed`.execute(database.kysely());
    },
    async tombstone() {
      return Promise.reject(new Error('a database deletes no streams'));
    },
    async close() {
      await Promise.resolve();
    },
  };
}

function onServer(client: EventStoreDBClient): RawLog {
  return {
    isInDatabase: false,
    async put({ stream, type, data = '{}', metadata, binary = false }) {
      const said = {
        type,
        ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as Record<string, unknown> }),
      };
      const event = binary
        ? binaryEvent({ ...said, data: Buffer.from([0, 255, 1]) })
        : jsonEvent({ ...said, data: JSON.parse(data) as Record<string, unknown> });
      await client.appendToStream(stream, event);
    },
    async cut(stream, count) {
      await client.setStreamMetadata(stream, { truncateBefore: count });
    },
    async tombstone(stream) {
      await client.tombstoneStream(stream);
    },
    async close() {
      await client.dispose();
    },
  };
}
