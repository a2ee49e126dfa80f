import {
  fields,
  number,
  object,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/**
 * The change that follows a release. The release holds it, so that the process manager can store the same event after a
 * crash.
 */
export interface ReleaseChange {
  /** The membership stream. */
  stream: string;
  /** The membership stream's revision when the change was decided. */
  expectedRevision: number;
  fact: { type: string; data: object };
  actor: string;
  commandId: string;
}

export interface OwnershipDomainEvents {
  OwnerRegistered: { personId: string };
  OwnerReleased: { personId: string; change: ReleaseChange };
}
export type OwnershipDomainEvent = {
  [Type in keyof OwnershipDomainEvents]: { type: Type; data: OwnershipDomainEvents[Type] };
}[keyof OwnershipDomainEvents];
export type OwnershipEvent = Omit<StoredEvent, 'type' | 'data'> & OwnershipDomainEvent;

const OWNERSHIP_SHAPES: Shapes<OwnershipDomainEvents> = {
  OwnerRegistered: { personId: text },
  OwnerReleased: {
    personId: text,
    change: fields({
      stream: text,
      expectedRevision: number,
      fact: fields({ type: text, data: object }),
      actor: text,
      commandId: text,
    }),
  },
};

export const OWNERSHIP_STREAMS = { category: 'ownership', types: OWNERSHIP_SHAPES } as const satisfies DeclaredStreams;
