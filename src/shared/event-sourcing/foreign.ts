import { isObject } from './event-shapes.js';
import type { EventMetadata, StoredEvent } from './event-store.js';

/** An event as the log holds it, whichever product stored it. Data that isn't JSON is undefined. */
export type LoggedEvent = Omit<StoredEvent, 'data' | 'metadata'> & { data: unknown; metadata: unknown };

/** The event type that exports and imports give to foreign events. */
export const FOREIGN = 'Foreign';

const OWN_STREAM = /^[A-Za-z0-9]+-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Tells whether this product stored the event, in any version: JSON with its metadata in a stream `<category>-<uuid>`.
 * The caller must have checked the category.
 */
export function isOurs(event: LoggedEvent): event is StoredEvent {
  // Types with $ are the server's own, and links are among them.
  return (
    isOwnStream(event.stream) && isObject(event.data) && isOurMetadata(event.metadata) && !event.type.startsWith('$')
  );
}

/** Tells whether this product may have events in a stream of this name. */
export function isOwnStream(stream: string): boolean {
  return OWN_STREAM.test(stream);
}

/** Describes a foreign event for exports: that it exists, without its content. */
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
