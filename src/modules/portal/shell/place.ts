import type { ScopeRef } from '../../access/access.domain.contract.js';

/** A place that a person can go to: the platform, an organisation, a deployment or a group. */
export interface PlaceView {
  kind: ScopeRef['kind'];
  id: string;
  /** Null for the platform, which pages name in their language. */
  name: string | null;
  /** The name of the organisation of a deployment or group. */
  above: string | null;
  /** The path of its organisation's page. */
  abovePath: string | null;
  path: string;
  archived: boolean;
}

/** A scope as `Scopes` and the lists of the API have it. */
interface NamedPlace extends ScopeRef {
  name: string;
  organisation: { id: string; name: string } | null;
  archived: boolean;
}

/** The path of a place's first page. All its pages begin with it. */
export function pathOf({ kind, id }: ScopeRef): string {
  return kind === 'platform' ? '/portal/platform' : `/portal/${kind}s/${id}`;
}

export function placeView({ kind, id, name, organisation, archived }: NamedPlace): PlaceView {
  const above = kind === 'deployment' || kind === 'group' ? organisation : null;
  return {
    kind,
    id,
    name: kind === 'platform' ? null : name,
    above: above?.name ?? null,
    abovePath: above ? pathOf({ kind: 'organisation', id: above.id }) : null,
    path: pathOf({ kind, id }),
    archived,
  };
}
