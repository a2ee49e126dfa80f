import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';

export const SCOPE_KINDS = ['platform', 'organisation', 'deployment', 'group'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** Where a role holds. */
export interface ScopeRef {
  kind: ScopeKind;
  /** UUID. */
  id: string;
}

/** The platform is one scope with a fixed id, so that its membership streams have a name like any other. */
export const PLATFORM: ScopeRef = { kind: 'platform', id: '00000000-0000-4000-8000-000000000001' };

/** Where an event of this product happened. */
export function scopeOf({ metadata }: Pick<StoredEvent, 'metadata'>): ScopeRef {
  return metadata.scope as ScopeRef;
}
