import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import type { DefinitionVersion } from '../reading/past-facts.js';
import { readingAlone, RoleMeanings, type Meaning } from './role-meanings.js';

/** A grant that held at an instant. */
export interface GrantRow {
  /** The membership stream. */
  key: string;
  from_number: number;
  /** When it began: ISO UTC. */
  from_at: string;
  opened_by: string;
  kind: string;
  person_id: string;
  role: string;
  organisation_id: string | null;
  scope_kind: string;
  scope_id: string;
  scope_name: string | null;
  /** Whether the scope was archived, or the one above it. */
  archived: boolean;
}

/** Conditions on the grants of an answer. */
export interface GrantFilter {
  people?: readonly string[] | undefined;
  scope?: string | undefined;
  /** Roles of staff, and whether observers and members of groups count. */
  permission?: string | undefined;
}

/** Reads who held what at an instant. */
@Injectable()
export class GrantsAt {
  constructor(private readonly database: Database) {}

  /** The grants in a scope and below it that held at a number; of a deployment also those of its organisation. */
  query({ kind, id, organisation }: Pick<Scope, 'kind' | 'id' | 'organisation'>, number: number): RawBuilder<unknown> {
    const at = sql`${number}::float8::bigint`;
    const held = sql`int8range(g.from_number, g.to_number) @> ${at}`;
    const own = kind === 'organisation' ? sql`g.organisation_id = ${id}::uuid` : sql`g.scope_id = ${id}::uuid`;
    const keys = [id, ...(organisation ? [organisation.id] : [])];
    const inherited =
      kind === 'deployment' && organisation
        ? sql`union all select * from grant_period g where g.scope_id = ${organisation.id}::uuid and g.kind = 'staff' and ${held}`
        : sql``;
    const places = kind === 'organisation' ? sql`s.organisation_id = ${id}::uuid` : sql`s.key = any(${lines(keys)})`;
    return sql`
      select g.key, g.from_number::float8 as from_number, g.opened_by, g.kind, g.person_id, g.role, g.organisation_id, g.scope_kind, g.scope_id,
        to_char(g.from_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from_at, place.name as scope_name,
        coalesce(place.state = 'archived' or above.archived, false) as archived
      from (select * from grant_period g where ${own} and ${held} ${inherited}) g
        left join (select s.key::uuid as id, s.name, s.state from scope_period s
          where ${places} and int8range(s.from_number, s.to_number) @> ${at}) place on place.id = g.scope_id
        cross join (select exists (select from scope_period s where s.key = ${organisation?.id ?? id} and s.state = 'archived'
          and int8range(s.from_number, s.to_number) @> ${at}) as archived) above
      where place.state is distinct from 'deleted'`;
  }

  /** One page of the grants at a number, by when they began. */
  async page(
    scope: Pick<Scope, 'kind' | 'id' | 'organisation'>,
    number: number,
    filter: GrantFilter,
    meanings: RoleMeanings,
    after: number | null,
    limit: number,
  ): Promise<GrantRow[]> {
    const conditions = [
      sql`true`,
      ...(after === null ? [] : [sql`from_number > ${after}`]),
      ...(filter.people ? [sql`person_id = any(${lines(filter.people)}::uuid[])`] : []),
      ...(filter.scope === undefined ? [] : [sql`scope_id = ${filter.scope}::uuid`]),
      ...(filter.permission === undefined ? [] : [allowing(filter.permission, meanings)]),
    ];
    const { rows } = await sql<GrantRow>`
      select * from (${this.query(scope, number)}) held where ${sql.join(conditions, sql` and `)}
      order by from_number limit ${limit}`.execute(this.database.kysely());
    return rows;
  }

  /** What the roles of an organisation and the built-in ones meant at a number. */
  async meanings(organisationId: string | null, number: number): Promise<RoleMeanings> {
    const own = organisationId === null ? sql`` : sql`or organisation_id = ${organisationId}::uuid`;
    const { rows } = await sql<DefinitionVersion>`
      select key, opened_by, name, organisation_id, permissions, deleted, moved_to, tables from role_definition_period
      where (organisation_id is null ${own}) and int8range(from_number, to_number) @> ${number}::float8::bigint`.execute(
      this.database.kysely(),
    );
    return new RoleMeanings(rows);
  }
}

/** A condition for grants whose holders had a permission. */
function allowing(permission: string, meanings: RoleMeanings): RawBuilder<unknown> {
  const isRead = readingAlone([permission]).length > 0;
  const ofGroups = meanings.sets.filter((set) => meanings.of('groupMember', set).permissions.includes(permission));
  const ofObservers = meanings.of('observer', 'observer').permissions.includes(permission)
    ? sql`or kind = 'observer'`
    : sql``;
  return sql`((kind = 'staff' and role = any(${lines(meanings.allowing(permission))}))
    or (kind = 'groupMember' and role = any(${lines(ofGroups)})) ${ofObservers})
    and (${isRead} or not archived)`;
}

/** What a grant meant, with reading alone in an archived scope. */
export function meaningOf({ kind, role, archived }: GrantRow, meanings: RoleMeanings): Meaning {
  const meaning = meanings.of(kind, role);
  return archived ? { ...meaning, permissions: readingAlone(meaning.permissions) } : meaning;
}

/** Whether a grant holds in a scope from above. */
export function isInherited({ scope_id: scopeId }: GrantRow, scope: Pick<Scope, 'kind' | 'id'>): boolean {
  return scope.kind === 'deployment' && scopeId !== scope.id;
}
