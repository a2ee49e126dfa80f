import type { RecordedEvent } from '@eventstore/db-client';
import { isObject } from '../event-shapes.js';
import type { LoggedEvent } from '../event-checks.js';
import { LogTooOld } from './failures.js';
import { positionText } from './log-position.js';

/** @throws LogTooOld */
export function toLoggedEvent({
  id,
  type,
  streamId,
  revision,
  position,
  created,
  isJson,
  data,
  metadata,
}: RecordedEvent): LoggedEvent {
  // Servers before 22.6 send the largest number there is.
  if (!position || position.commit >= 2n ** 63n) throw new LogTooOld();
  return {
    id,
    type,
    stream: streamId,
    revision: Number(revision),
    position: positionText(position),
    recordedAt: created.toISOString(),
    data: isJson ? data : undefined,
    ...imported(metadata),
  };
}

/** Reads the time when another store recorded the event. Only imported events carry one. */
function imported(metadata: unknown): { recordedAt?: string; metadata: unknown } {
  if (!isObject(metadata) || !isTime(metadata['recordedAt'])) return { metadata };
  const { recordedAt, ...own } = metadata;
  return { recordedAt: recordedAt as string, metadata: own };
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && new Date(value).toJSON() === value;
}
