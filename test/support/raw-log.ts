import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { sql } from 'kysely';
import type { TestDatabase } from './engines.js';

/** An event as anybody may store one. */
export interface RawEvent {
  stream: string;
  type: string;
  /** JSON text. */
  data?: string;
  /** JSON text; absent: none, in a database an empty object. */
  metadata?: string;
  /** Bytes that are no JSON instead of `data`; in a database, where there is nothing but JSON, a text. */
  binary?: boolean;
}

/** The log of a place, past the product: what another application, or somebody with the right to, may do to it. */
export interface RawLog {
  isInDatabase: boolean;
  /** At the end of its stream. */
  put(event: RawEvent): Promise<void>;
  /** Takes the stream's first `count` events from its readers. */
  cut(stream: string, count: number): Promise<void>;
  /** Deletes it for good, where that is possible. */
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
