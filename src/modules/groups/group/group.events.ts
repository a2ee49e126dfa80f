import {
  nullable,
  partial,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** The name and description of a group. */
export interface GroupProfile {
  name: string;
  description: string | null;
}

/** Domain events of `group-<id>`. Members have their own streams. Stored names are permanent. */
export interface GroupDomainEvents {
  /** The organisation never changes. */
  GroupCreated: GroupProfile & { organisationId: string };
  /** Has only the fields that changed. */
  GroupEdited: Partial<GroupProfile>;
  GroupDeleted: Record<string, never>;
  GroupRestored: Record<string, never>;
}
export type GroupDomainEvent = {
  [Type in keyof GroupDomainEvents]: { type: Type; data: GroupDomainEvents[Type] };
}[keyof GroupDomainEvents];
export type GroupEvent = Omit<StoredEvent, 'type' | 'data'> & GroupDomainEvent;

export const GROUP_EVENT_TYPES = ['GroupCreated', 'GroupEdited', 'GroupDeleted', 'GroupRestored'] as const;

const PROFILE = { name: text, description: nullable(text) };
const GROUP_SHAPES: Shapes<GroupDomainEvents> = {
  GroupCreated: { ...PROFILE, organisationId: text },
  GroupEdited: partial(PROFILE),
  GroupDeleted: {},
  GroupRestored: {},
};

export const GROUP_STREAMS = { category: 'group', types: GROUP_SHAPES } as const satisfies DeclaredStreams;
