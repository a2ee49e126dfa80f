import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PastFacts, type Version, type Versions } from '../reading/past-facts.js';
import type { Viewpoint } from '../reading/viewpoint.js';
import type { GrantView } from './access.dto.js';
import { type GrantRow, isInherited, meaningOf } from './grants-at.js';
import type { RoleMeanings } from './role-meanings.js';

/** Names of the people of a page. */
export interface Names {
  past: Versions<Version & { name: string }>;
  addresses: ReadonlyMap<string, string>;
}

/** Grants as the API shows them. */
@Injectable()
export class GrantViews {
  constructor(private readonly facts: PastFacts) {}

  async namesOf(rows: readonly GrantRow[]): Promise<Names> {
    const ids = rows.map(({ person_id: id }) => id);
    const [past, addresses] = await Promise.all([this.facts.namesOf(ids), this.facts.addressesOf(ids)]);
    return { past, addresses };
  }

  view(
    viewpoint: Viewpoint,
    scope: Pick<Scope, 'kind' | 'id' | 'name'>,
    row: GrantRow,
    number: number,
    meanings: RoleMeanings,
    names: Names,
  ): GrantView {
    const { pseudonym, personId } = viewpoint.see(row.person_id, row.kind, row);
    const identifies = pseudonym === undefined;
    const stored = [row.opened_by, StreamId.parse(row.key).uuid];
    const [grantId = '', membershipId = ''] = viewpoint.seeIds(stored, identifies, row);
    const known = names.past.at(row.person_id, number)?.name ?? names.addresses.get(row.person_id) ?? null;
    return grantView(row, scope, meanings, { grantId, membershipId, person: { personId, name: pseudonym ?? known } });
  }
}

/** What a grant is called to a reader. */
type Seen = Pick<GrantView, 'grantId' | 'membershipId' | 'person'>;

/** @param scope the scope of the list that shows the grant */
export function grantView(
  row: GrantRow,
  scope: Pick<Scope, 'kind' | 'id' | 'name'>,
  meanings: RoleMeanings,
  { grantId, membershipId, person }: Seen,
): GrantView {
  const { id, name, permissions } = meaningOf(row, meanings);
  return {
    grantId,
    membershipId,
    person,
    kind: row.kind === 'groupMember' ? 'group-member' : row.kind,
    scope: { kind: row.scope_kind as ScopeKind, id: row.scope_id, name: row.scope_name ?? scope.name },
    role: id,
    roleName: name,
    permissions,
    since: row.from_at,
    inherited: isInherited(row, scope),
    archived: row.archived,
  };
}
