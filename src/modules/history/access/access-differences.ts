import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Scope } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import { type GrantRow, GrantsAt, meaningOf } from './grants-at.js';
import { readingAlone, type RoleMeanings } from './role-meanings.js';

/** A membership's grant at two instants. Null: it held nothing there. */
export interface GrantPair {
  /** The order of the pairs. */
  ordinal: number;
  before: GrantRow | null;
  after: GrantRow | null;
}

/** What differs between two instants, and what roles meant at each. */
export interface Differences {
  pairs: readonly GrantPair[];
  before: RoleMeanings;
  after: RoleMeanings;
}

/** Compares who held what at two instants. */
@Injectable()
export class AccessDifferences {
  constructor(
    private readonly grants: GrantsAt,
    private readonly database: Database,
  ) {}

  /**
   * Grants that differ between two numbers: by themselves, by what their role meant, or by their scope's state.
   * @param after the ordinal of the last pair that is known; null: none is
   */
  async between(
    scope: Pick<Scope, 'kind' | 'id' | 'organisation'>,
    [from, to]: readonly [number, number],
    after: number | null,
    limit: number,
  ): Promise<Differences> {
    const organisationId = scope.organisation?.id ?? null;
    const earlier = await this.grants.meanings(organisationId, from);
    const later = await this.grants.meanings(organisationId, to);
    const changed = changedMeanings(earlier, later);
    const following = after === null ? sql`` : sql`where ordinal > ${after}`;
    const { rows } = await sql<GrantPair>`
      select * from (
        select coalesce(a.from_number, b.from_number) as ordinal, to_json(a) as before, to_json(b) as after
        from (${this.grants.query(scope, from)}) a full join (${this.grants.query(scope, to)}) b on a.key = b.key
        where a.from_number is distinct from b.from_number or a.archived <> b.archived
          or (a.kind in ('staff', 'groupMember') and a.role = any(case when a.archived then ${lines(changed.archived)} else ${lines(changed.open)} end))
      ) pair ${following} order by ordinal limit ${limit}`.execute(this.database.kysely());
    return { pairs: rows, before: earlier, after: later };
  }
}

/** Roles and permission sets that meant something else at the later instant: in open scopes, and in archived ones. */
function changedMeanings(before: RoleMeanings, after: RoleMeanings): Record<'open' | 'archived', string[]> {
  const known = [
    ...new Set([...before.roles, ...after.roles].map((id) => `staff ${id}`)),
    ...new Set([...before.sets, ...after.sets].map((key) => `groupMember ${key}`)),
  ].map((one) => one.split(' ') as [string, string]);
  const differing = (left: (permissions: readonly string[]) => readonly string[]): string[] =>
    known
      .filter(([kind, id]) => {
        const [a, b] = [before.of(kind, id), after.of(kind, id)];
        const [then, now] = [left(a.permissions), left(b.permissions)];
        const isSame =
          a.id === b.id && a.name === b.name && lacking(then, now).length + lacking(now, then).length === 0;
        return !isSame;
      })
      .map(([, id]) => id);
  return { open: differing((permissions) => permissions), archived: differing(readingAlone) };
}

/** Whether the grant itself is the same and a release changed what its built-in role means. */
export function isChangedByRelease(
  { before: a, after: b }: GrantPair,
  before: RoleMeanings,
  after: RoleMeanings,
): boolean {
  if (!a || !b || a.from_number !== b.from_number || a.archived !== b.archived) return false;
  const [then, now] = [meaningOf(a, before), meaningOf(b, after)];
  return then.id === now.id && before.isBuiltIn(then.id) && after.isBuiltIn(now.id);
}

/** Those of some permissions that others lack. */
export function lacking(some: readonly string[] = [], others: readonly string[] = []): string[] {
  return some.filter((permission) => !others.includes(permission));
}
