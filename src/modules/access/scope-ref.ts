import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';

export const SCOPE_KINDS = ['platform', 'organisation', 'deployment', 'group'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** A scope, in which roles hold. */
export interface ScopeRef {
  kind: ScopeKind;
  /** UUID. */
  id: string;
}

/** The platform is one scope with a fixed id, so that its membership streams have a name like any other. */
export const PLATFORM: ScopeRef = { kind: 'platform', id: '00000000-0000-4000-8000-000000000001' };

/** The scope of an event of this product. */
export function scopeOf({ metadata }: Pick<StoredEvent, 'metadata'>): ScopeRef {
  return metadata.scope as ScopeRef;
}

/**
 * A scope's name with its organisation's, as in `Cohort A (Riverside Hospital)`. The name alone where both are equal,
 * and on the platform.
 */
export function placeName({ name, organisation }: { name: string; organisation: { name: string } | null }): string {
  return organisation && organisation.name !== name ? `${name} (${organisation.name})` : name;
}
