import { isObject } from './event-shapes.js';
import type { EventMetadata, StoredEvent } from './event-store.js';

/** An event as the log holds it, whoever stored it. What isn't JSON is undefined. */
export type LoggedEvent = Omit<StoredEvent, 'data' | 'metadata'> & { data: unknown; metadata: unknown };

/** What exports and imports know somebody else's event by. */
export const FOREIGN = 'Foreign';

const OWN_STREAM = /^[A-Za-z0-9]+-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether this product stored it, in whichever version: JSON with our metadata in a stream `<category>-<uuid>`. Its category is known to who asked for it. */
export function isOurs(event: LoggedEvent): event is StoredEvent {
  // Names with $ are the server's own; links are among them.
  return (
    isOwnStream(event.stream) && isObject(event.data) && isOurMetadata(event.metadata) && !event.type.startsWith('$')
  );
}

/** Whether this product may have an event in a stream of this name. */
export function isOwnStream(stream: string): boolean {
  return OWN_STREAM.test(stream);
}

/** Somebody else's event as exports know it: that it is there, and nothing of it. */
export function withoutContent({ id, stream, revision, position, recordedAt }: LoggedEvent): StoredEvent {
  return { id, type: FOREIGN, stream, revision, position, recordedAt, data: {}, metadata: {} as EventMetadata };
}

function isOurMetadata(metadata: unknown): boolean {
  if (!isObject(metadata)) return false;
  const { actor, scope, commandId, schemaVersion } = metadata;
  return (
    typeof actor === 'string' && isObject(scope) && typeof commandId === 'string' && typeof schemaVersion === 'number'
  );
}
