import { Injectable } from '@nestjs/common';
import { builtInRole } from '../../shared/access/built-in-roles.js';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import { Scopes } from '../../shared/access/scopes.js';
import { PersonNames } from '../../shared/privacy/person-directory.js';
import { People } from '../../shared/privacy/people.js';
import type { NamedScope, StaffMemberView } from './staff.dto.js';
import type { StaffRow } from './staff-list.projection.js';

/** Members as the API shows them. */
@Injectable()
export class StaffViews {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
  ) {}

  async of(rows: readonly Omit<StaffRow, 'active' | 'organisation_id'>[]): Promise<StaffMemberView[]> {
    const ids = rows.map((row) => row.person_id);
    const [people, names, scopes] = await Promise.all([this.people.reveal(ids), this.names.of(ids), this.scopesOf(rows)]);
    return rows.map((row) => ({
      id: row.id,
      personId: row.person_id,
      name: names.get(row.person_id) ?? null,
      email: people.get(row.person_id)?.email ?? null,
      role: row.role,
      roleName: builtInRole(row.role)?.name ?? row.role,
      scope: scopes.get(row.scope_id) ?? { kind: row.scope_kind, id: row.scope_id, name: '' },
      since: new Date(row.since).toISOString(),
    }));
  }

  private async scopesOf(rows: readonly Pick<StaffRow, 'scope_id' | 'scope_kind'>[]): Promise<Map<string, NamedScope>> {
    const refs = new Map(rows.map((row): [string, ScopeRef] => [row.scope_id, { kind: row.scope_kind, id: row.scope_id }]));
    const scopes = await Promise.all([...refs.values()].map(async (ref) => this.scopes.load(ref)));
    return new Map(scopes.flatMap((scope) => (scope ? [[scope.id, { kind: scope.kind, id: scope.id, name: scope.name }]] : [])));
  }
}
