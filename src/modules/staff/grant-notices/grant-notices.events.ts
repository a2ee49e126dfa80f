import { flag, text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Domain events of `person-<id>`: a person's own choices. Stored names are permanent. */
export interface GrantNoticesDomainEvents {
  GrantNoticesChosen: { organisationId: string; grants: boolean };
}
export type GrantNoticesDomainEvent = {
  type: 'GrantNoticesChosen';
  data: GrantNoticesDomainEvents['GrantNoticesChosen'];
};
export type GrantNoticesEvent = Omit<StoredEvent, 'type' | 'data'> & GrantNoticesDomainEvent;

const GRANT_NOTICES_SHAPES: Shapes<GrantNoticesDomainEvents> = {
  GrantNoticesChosen: { organisationId: text, grants: flag },
};

/** The shapes of these events on the streams of people. */
export const GRANT_NOTICES_STREAMS = { category: null, types: GRANT_NOTICES_SHAPES } as const satisfies DeclaredStreams;
