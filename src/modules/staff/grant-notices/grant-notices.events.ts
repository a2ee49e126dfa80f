import { flag, text, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
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

export const GRANT_NOTICES_SHAPES: Shapes<GrantNoticesDomainEvents> = {
  GrantNoticesChosen: { organisationId: text, grants: flag },
};
