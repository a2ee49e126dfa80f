import { flag, text, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Facts of `person-<id>`: what somebody chose for themselves. Stored names are permanent. */
export interface GrantNoticesFacts {
  GrantNoticesChosen: { organisationId: string; grants: boolean };
}
export type GrantNoticesFact = { type: 'GrantNoticesChosen'; data: GrantNoticesFacts['GrantNoticesChosen'] };
export type GrantNoticesEvent = Omit<StoredEvent, 'type' | 'data'> & GrantNoticesFact;

export const GRANT_NOTICES_SHAPES: Shapes<GrantNoticesFacts> = {
  GrantNoticesChosen: { organisationId: text, grants: flag },
};
