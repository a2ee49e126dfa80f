import { Injectable } from '@nestjs/common';
import { type MemberView, type NamedScope, Scopes } from '../../access/access.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import type { MembershipRow } from './membership-row.js';

/** Members of any type as the API shows them to readers who may identify them. */
@Injectable()
export class MemberViews {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
  ) {}

  async of(rows: readonly Pick<MembershipRow, 'id' | 'person_id' | 'since'>[]): Promise<Required<MemberView>[]> {
    const ids = rows.map((row) => row.person_id);
    const [people, names] = await Promise.all([this.people.getByIds(ids), this.names.of(ids)]);
    return rows.map((row) => ({
      id: row.id,
      personId: row.person_id,
      name: names.get(row.person_id) ?? null,
      email: people.get(row.person_id)?.email ?? null,
      since: new Date(row.since).toISOString(),
    }));
  }

  /** As `of`, with each member's scope. */
  async inScopes(rows: readonly MembershipRow[]): Promise<(Required<MemberView> & { scope: NamedScope })[]> {
    const [views, scopes] = await Promise.all([
      this.of(rows),
      this.scopes.loadAll(rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id }))),
    ]);
    return rows.flatMap(({ scope_kind: kind, scope_id: id }, n) =>
      views[n] ? [{ ...views[n], scope: { kind, id, name: scopes.get(id)?.name ?? '' } }] : [],
    );
  }
}
