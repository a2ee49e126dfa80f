import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import type { DeclaredStreams } from '../../shared/event-sourcing/event-shapes.js';

/** Streams of people's own choices. Other modules declare the event types, because the choices are theirs. */
export const PERSON_STREAMS = { category: 'person', types: {} } as const satisfies DeclaredStreams;

/** The stream of a person's own choices. */
export function personStream(personId: string): string {
  return StreamId.of('person', personId);
}
