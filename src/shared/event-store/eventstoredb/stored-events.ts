import type { RecordedEvent } from '@eventstore/db-client';
import type { EventMetadata, JsonObject, StoredEvent } from '../event-store.js';
import { LogTooOld } from './failures.js';
import { positionText } from './log-position.js';

/** An event that came from another store carries the time it was recorded there. */
type StoredMetadata = EventMetadata & { recordedAt?: string };

/** @throws LogTooOld */
export function toStoredEvent({ id, type, streamId, revision, position, created, data, metadata }: RecordedEvent): StoredEvent {
  // Servers before 22.6 name the largest number there is.
  if (!position || position.commit >= 2n ** 63n) throw new LogTooOld();
  const { recordedAt = created.toISOString(), ...own } = metadata as unknown as StoredMetadata;
  return {
    id, type, stream: streamId, revision: Number(revision), position: positionText(position), recordedAt,
    data: data as JsonObject, metadata: own,
  };
}
