import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PastFacts, type Version, type Versions } from '../reading/past-facts.js';
import type { Viewpoint } from '../reading/viewpoint.js';
import type { HistoryPerson } from '../timeline/history.dto.js';
import type { GrantView } from './access.dto.js';
import { type GrantRow, isInherited, meaningOf } from './grants-at.js';
import type { RoleMeanings } from './role-meanings.js';

/** Names of the people of a page. */
export interface Names {
  past: Versions<Version & { name: string }>;
  addresses: ReadonlyMap<string, string>;
}

/** Who held something, and where. */
type Holder = Pick<GrantRow, 'person_id' | 'kind' | 'organisation_id' | 'scope_id'>;

/** Grants as the API shows them. */
@Injectable()
export class GrantViews {
  constructor(private readonly facts: PastFacts) {}

  async namesOf(rows: readonly Holder[]): Promise<Names> {
    const ids = rows.map(({ person_id: id }) => id);
    const [past, addresses] = await Promise.all([this.facts.namesOf(ids), this.facts.addressesOf(ids)]);
    return { past, addresses };
  }

  /** The holder of a grant, by the name at a number or by the pseudonym. */
  person(viewpoint: Viewpoint, row: Holder, number: number, names: Names): HistoryPerson {
    const { pseudonym, personId } = viewpoint.see(row.person_id, row.kind, row);
    const known = names.past.at(row.person_id, number)?.name ?? names.addresses.get(row.person_id) ?? null;
    return { personId, name: pseudonym ?? known };
  }

  view(
    viewpoint: Viewpoint,
    scope: Pick<Scope, 'kind' | 'id' | 'name'>,
    row: GrantRow,
    number: number,
    meanings: RoleMeanings,
    names: Names,
  ): GrantView {
    const identifies = viewpoint.identifies(row.person_id, row.kind, row);
    const stored = [row.opened_by, StreamId.parse(row.key).uuid];
    const [grantId = '', membershipId = ''] = viewpoint.seeIds(stored, identifies, row);
    const person = this.person(viewpoint, row, number, names);
    return grantView(row, scope, meanings, { grantId, membershipId, person });
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
