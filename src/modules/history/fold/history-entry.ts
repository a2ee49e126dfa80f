import type { JsonObject, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { isMembership, kindOf } from './kinds.js';

/** An event as the history finds it. `data` is the event's own, with its sealed fields. */
export interface EntryRow {
  number: number;
  /** How many events of the organisation stand before it; null outside of organisations. */
  organisation_number: number | null;
  event_id: string;
  position: string;
  stream: string;
  type: string;
  kind: string;
  data: JsonObject;
  organisation_id: string | null;
  scope_kind: string;
  scope_id: string;
  actor: string;
  /** The person whom the entry is about; null: nobody. */
  subject: string | null;
  /** The invitation or the role that the entry is about; null: neither. */
  about: string | null;
  correlation: string;
  causation: string;
  recorded_at: string;
  /** The largest `recorded_at` up to this entry. */
  effective_at: string;
}

/** The fields of an entry that follow from its event alone. */
export type EntryOfEvent = Omit<EntryRow, 'number' | 'organisation_number' | 'effective_at' | 'subject'>;

export function entryOf({ id, type, data, metadata, stream, position, recordedAt }: StoredEvent): EntryOfEvent {
  const { category } = StreamId.parse(stream);
  const about = data['roleId'] ?? data['invitationId'];
  return {
    event_id: id,
    position,
    stream,
    type,
    kind: kindOf(type, category),
    data,
    organisation_id: metadata.organisationId,
    scope_kind: metadata.scope.kind,
    scope_id: metadata.scope.id,
    actor: metadata.actor,
    about: typeof about === 'string' ? about : null,
    correlation: metadata.$correlationId,
    causation: metadata.$causationId,
    recorded_at: recordedAt,
  };
}

/** The person whom an event names as its subject; null: it names nobody, but an earlier event of `subjectStream` may. */
export function subjectNamedBy({ data, stream }: Pick<StoredEvent, 'data' | 'stream'>): string | null {
  const { category, uuid } = StreamId.parse(stream);
  if (category === 'person') return uuid;
  const named = data['personId'];
  return typeof named === 'string' ? named : null;
}

/** The stream whose first event names the subject; null: the event itself does, or there is none. */
export function subjectStream({ data, stream }: Pick<StoredEvent, 'data' | 'stream'>): string | null {
  const { category } = StreamId.parse(stream);
  if (isMembership(category) || category === 'session') return stream;
  const member = data['memberId'];
  return category === 'groupFile' && typeof member === 'string' ? StreamId.of('groupMember', member) : null;
}
