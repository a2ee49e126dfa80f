import { flag, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Facts of `person-<id>`: what somebody chose for themselves. Stored names are permanent. */
export interface GroupNoticesFacts {
  GroupNoticesChosen: { acceptances: boolean };
}
export type GroupNoticesFact = { type: 'GroupNoticesChosen'; data: GroupNoticesFacts['GroupNoticesChosen'] };
export type GroupNoticesEvent = Omit<StoredEvent, 'type' | 'data'> & GroupNoticesFact;

export const GROUP_NOTICES_SHAPES: Shapes<GroupNoticesFacts> = { GroupNoticesChosen: { acceptances: flag } };
