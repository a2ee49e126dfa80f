import { Injectable } from '@nestjs/common';
import { Roles, Scopes } from '../../access/access.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import type { StaffMemberView } from './staff.dto.js';
import type { StaffRow } from './staff-list.projection.js';

/** Members as the API shows them. */
@Injectable()
export class StaffViews {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly roles: Roles,
  ) {}

  /** For readers who may see who the members are; nobody else sees a member. */
  async of(rows: readonly Omit<StaffRow, 'active'>[]): Promise<StaffMemberView[]> {
    const ids = rows.map((row) => row.person_id);
    const [people, names, scopes, roles] = await Promise.all([
      this.people.getByIds(ids),
      this.names.of(ids),
      this.scopes.loadAll(rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id }))),
      this.roles.describe(rows.map((row) => ({ role: row.role, organisationId: row.organisation_id }))),
    ]);
    return rows.map((row, n) => ({
      id: row.id,
      personId: row.person_id,
      name: names.get(row.person_id) ?? null,
      email: people.get(row.person_id)?.email ?? null,
      role: roles[n]?.id ?? row.role,
      roleName: roles[n]?.name ?? row.role,
      scope: { kind: row.scope_kind, id: row.scope_id, name: scopes.get(row.scope_id)?.name ?? '' },
      since: new Date(row.since).toISOString(),
    }));
  }
}
