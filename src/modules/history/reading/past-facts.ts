import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { People } from '../../people/people.contract.js';
import { openField } from '../../../shared/crypto/sealing.js';
import { Database } from '../../../shared/database/database.js';
import { lines, uuids } from '../../../shared/database/lists.js';
import { RELEASE, type ReleaseTables } from '../fold/fold-event.js';

/** A version of something, and the numbers between which it held. */
export interface Version {
  key: string;
  from_number: number;
  to_number: number | null;
}
interface Named extends Version {
  name: string;
}
interface SealedName extends Version {
  stream: string;
  opened_by: string;
  sealed: string;
}
export interface DefinitionVersion extends Named {
  /** The event that made it. */
  opened_by: string;
  organisation_id: string | null;
  permissions: readonly string[];
  deleted: boolean;
  moved_to: string | null;
  tables: ReleaseTables | null;
}
export interface ScopeVersion extends Named {
  kind: string;
  organisation_id: string | null;
  state: string;
}

const DEFINITION = 'key, opened_by, name, organisation_id, permissions, deleted, moved_to, tables';
const NUMBERS = sql.raw('from_number::float8 as from_number, to_number::float8 as to_number');

/** Whether a version held at a number. */
export function holdsAt({ from_number: from, to_number: to }: Omit<Version, 'key'>, number: number): boolean {
  return from <= number && (to === null || number < to);
}

/** Versions of many things, to look up by key and number. */
export class Versions<Row extends Version> {
  private readonly byKey: Map<string, Row[]>;

  constructor(rows: readonly Row[]) {
    this.byKey = Map.groupBy(rows, ({ key }) => key);
  }

  of(key: string): readonly Row[] {
    return this.byKey.get(key) ?? [];
  }

  /** The version at a number; undefined: there was none. */
  at(key: string, number: number): Row | undefined {
    return this.of(key).find((version) => holdsAt(version, number));
  }
}

/** Reads what people, roles and scopes were called and meant in the past. */
@Injectable()
export class PastFacts {
  constructor(
    private readonly database: Database,
    private readonly people: People,
  ) {}

  /** Names of people. Leaves out everybody who never had one, and people whose key is gone. */
  async namesOf(personIds: Iterable<string>): Promise<Versions<Named>> {
    const columns = 'key, stream, opened_by, sealed';
    const sealed = await this.versions<SealedName>('person_name_period', columns, new Set(personIds));
    const named = await this.people.getByIds([...new Set(sealed.map(({ key }) => key))]);
    return new Versions(
      sealed.flatMap(({ stream, opened_by: eventId, sealed: text, ...version }) => {
        const person = named.get(version.key);
        if (!person) return [];
        const field = { personId: version.key, sealed: text };
        return [{ ...version, name: openField(person, { stream, eventId, field: 'name' }, field) }];
      }),
    );
  }

  async rolesOf(roleIds: Iterable<string>): Promise<Versions<DefinitionVersion>> {
    const keys = new Set([...roleIds, RELEASE]);
    return new Versions(await this.versions<DefinitionVersion>('role_definition_period', DEFINITION, keys));
  }

  /** Every version of the built-in roles and of an organisation's own. Null: the built-in ones alone. */
  async allRolesOf(organisationId: string | null): Promise<DefinitionVersion[]> {
    const { rows } = await sql<DefinitionVersion>`
      select ${sql.raw(DEFINITION)}, ${NUMBERS} from role_definition_period
      where organisation_id is null or organisation_id = ${organisationId}::uuid order by from_number`.execute(
      this.database.kysely(),
    );
    return rows;
  }

  async scopesOf(scopeIds: Iterable<string>): Promise<Versions<ScopeVersion>> {
    const columns = 'key, name, kind, organisation_id, state';
    return new Versions(await this.versions<ScopeVersion>('scope_period', columns, new Set(scopeIds)));
  }

  /** Present addresses, for people who have no name yet. */
  async addressesOf(personIds: readonly string[]): Promise<Map<string, string>> {
    if (personIds.length === 0) return new Map();
    const { rows } = await sql<{ id: string; email: string | null }>`
      select id, email from person_directory where id = any(${uuids(personIds)})`.execute(this.database.kysely());
    return new Map(rows.flatMap(({ id, email }) => (email === null ? [] : [[id, email]])));
  }

  /** The platform's staff in the past, by person. */
  async platformGrantsOf(personIds: readonly string[]): Promise<Versions<Version>> {
    if (personIds.length === 0) return new Versions([]);
    const { rows } = await sql<Version>`
      select person_id as key, from_number::float8 as from_number, to_number::float8 as to_number from grant_period
      where person_id = any(${uuids(personIds)}) and scope_id = ${PLATFORM.id}`.execute(this.database.kysely());
    return new Versions(rows);
  }

  private async versions<Row extends Version>(
    table: string,
    columns: string,
    keys: ReadonlySet<string>,
  ): Promise<Row[]> {
    if (keys.size === 0) return [];
    const { rows } = await sql<Row>`
      select ${sql.raw(columns)}, ${NUMBERS} from ${sql.table(table)} where key = any(${lines([...keys])})`.execute(
      this.database.kysely(),
    );
    return rows;
  }
}
