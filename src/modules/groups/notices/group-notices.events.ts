import { flag, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Domain events of `person-<id>`: a person's own choices. Stored names are permanent. */
export interface GroupNoticesDomainEvents {
  GroupNoticesChosen: { acceptances: boolean };
}
export type GroupNoticesDomainEvent = {
  type: 'GroupNoticesChosen';
  data: GroupNoticesDomainEvents['GroupNoticesChosen'];
};
export type GroupNoticesEvent = Omit<StoredEvent, 'type' | 'data'> & GroupNoticesDomainEvent;

const GROUP_NOTICES_SHAPES: Shapes<GroupNoticesDomainEvents> = { GroupNoticesChosen: { acceptances: flag } };

/** The shapes of these events on the streams of people. */
export const GROUP_NOTICES_STREAMS = { category: null, types: GROUP_NOTICES_SHAPES } as const satisfies DeclaredStreams;
