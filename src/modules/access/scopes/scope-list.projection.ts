import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection, type Projection } from '../../../shared/projections/projection.js';
import { evolveScope, type Archivable, type ScopeDeclaration } from './scope-decider.js';
import type { ScopeProfile } from './scope-profile.js';

/** A row of a read model of scopes; it may have further columns. */
export interface ScopeRow<Profile> {
  id: string;
  name: string;
  profile: Profile;
  archived: boolean;
}

/** An organisation or a deployment in answers. */
export type ScopeView<Profile> = Profile & { id: string; archived: boolean };

/** As `ScopeView`, read from its stream. An edit may name the version, which each change raises. */
export type VersionedScopeView<Profile> = ScopeView<Profile> & { version: number };

/** A row of the list of all deployments, with its organisation. */
export interface ScopeRowWithAbove<Profile> extends ScopeRow<Profile> {
  above_id: string;
  above_name: string;
  above_archived: boolean;
}

interface ScopeListOptions<Profile> {
  name: string;
  table: string;
  /** Further columns. */
  columns?: (profile: Profile) => Record<string, string>;
}

/** The read model of every scope of one kind. */
export function scopeListProjection<Profile extends ScopeProfile>(
  of: ScopeDeclaration<Profile>,
  { name, table, columns }: ScopeListOptions<Profile>,
): Projection {
  return rowProjection<ScopeRow<Profile>>({
    name,
    table,
    handles: Object.values(of.types),
    evolve(row, event) {
      const before: Archivable<Profile> = row
        ? { status: row.archived ? 'archived' : 'active', profile: row.profile }
        : { status: 'unknown' };
      const after = evolveScope(of, before, event);
      if (after.status === 'unknown') return undefined;
      const { profile } = after;
      const { uuid: id } = StreamId.parse(event.stream);
      return { id, ...columns?.(profile), name: profile.name, profile, archived: after.status === 'archived' };
    },
  });
}

export function scopeView<Profile>({ id, profile, archived }: Omit<ScopeRow<Profile>, 'name'>): ScopeView<Profile> {
  return { id, ...profile, archived };
}
