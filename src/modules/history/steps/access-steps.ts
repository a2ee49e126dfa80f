import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { lacking } from '../access/access-differences.js';
import { RoleHistory } from '../access/role-history.js';
import { readingAlone, type Meaning } from '../access/role-meanings.js';
import { holdsAt, PastFacts, type ScopeVersion, type Versions } from '../reading/past-facts.js';

/** What a person held by one membership, from one number to another. */
export interface HeldPeriod {
  /** The membership stream. */
  key: string;
  from_number: number;
  to_number: number | null;
  kind: string;
  person_id: string;
  role: string;
  organisation_id: string | null;
  scope_kind: string;
  scope_id: string;
}

/** A change of what a membership allowed. */
export interface Step {
  number: number;
  period: HeldPeriod;
  /** The meaning from then on; null when the membership ended. */
  meaning: Meaning | null;
  scopeName: string | null;
  gained: readonly string[];
  lost: readonly string[];
}

/** Finds how what one person might do changed over time. */
@Injectable()
export class AccessSteps {
  constructor(
    private readonly database: Database,
    private readonly facts: PastFacts,
  ) {}

  /** What some people ever held in a scope and below it; of a deployment also at its organisation. */
  async heldBy(
    people: readonly string[],
    { kind, id, organisation }: Pick<Scope, 'kind' | 'id' | 'organisation'>,
    number: number,
  ): Promise<HeldPeriod[]> {
    const places: Record<string, RawBuilder<boolean>> = {
      organisation: sql<boolean>`organisation_id = ${id}::uuid`,
      deployment: sql<boolean>`(scope_id = ${id}::uuid or (scope_id = ${organisation?.id ?? id}::uuid and kind = 'staff'))`,
    };
    const { rows } = await sql<HeldPeriod>`
      select key, from_number::float8 as from_number, to_number::float8 as to_number, kind, person_id, role, organisation_id, scope_kind, scope_id
      from grant_period where person_id = any(${uuids(people)}) and ${places[kind] ?? sql<boolean>`scope_id = ${id}::uuid`}
        and from_number <= ${number}::float8::bigint order by from_number`.execute(this.database.kysely());
    return rows;
  }

  /** The steps up to a number, in their order. */
  async of(periods: readonly HeldPeriod[], organisationId: string | null, number: number): Promise<Step[]> {
    const roles = new RoleHistory(await this.facts.allRolesOf(organisationId));
    const ids = periods.flatMap(({ scope_id: id, organisation_id: above }) => [id, ...(above === null ? [] : [above])]);
    const scopes = await this.facts.scopesOf(ids);
    const memberships = Map.groupBy(periods, ({ key }) => key);
    const steps = [...memberships.values()].flatMap((own) => stepsOf(own, roles, scopes, number));
    return steps.sort((a, b) => a.number - b.number || (a.period.key < b.period.key ? -1 : 1));
  }

  /** The effective times of entries: ISO UTC. */
  async timesOf(numbers: readonly number[]): Promise<Map<number, string>> {
    if (numbers.length === 0) return new Map();
    const { rows } = await sql<{ number: number; at: string }>`
      select number::float8 as number, to_char(effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from history_entry where number = any(string_to_array(${numbers.join()}::text, ',')::bigint[])`.execute(
      this.database.kysely(),
    );
    return new Map(rows.map(({ number, at }) => [number, at]));
  }
}

/** The steps of one membership. Its periods, the roles' versions and the scopes' states say where one may be. */
function stepsOf(
  periods: readonly HeldPeriod[],
  roles: RoleHistory,
  scopes: Versions<ScopeVersion>,
  last: number,
): Step[] {
  const [first] = periods;
  if (!first) return [];
  const places = [first.scope_id, first.organisation_id].filter((id) => id !== null);
  const numbers = new Set([
    ...periods.flatMap(({ from_number: from, to_number: to }) => [from, ...(to === null ? [] : [to])]),
    ...[...roles.versions, ...places.flatMap((id) => scopes.of(id))].map(({ from_number: from }) => from),
  ]);
  const steps: Step[] = [];
  let [role, before] = [undefined as string | undefined, null as Meaning | null];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (number > last) break;
    const period = periods.find((one) => holdsAt(one, number));
    const meaning = period ? meaningAt(period, number, roles, scopes) : null;
    const gained = lacking(meaning?.permissions, before?.permissions);
    const lost = lacking(before?.permissions, meaning?.permissions);
    const heldRole = meaning === null ? undefined : period?.role;
    if (heldRole !== role || gained.length + lost.length > 0) {
      const scopeName = scopes.at(first.scope_id, number)?.name ?? null;
      steps.push({ number, period: period ?? first, meaning, scopeName, gained, lost });
    }
    [role, before] = [heldRole, meaning];
  }
  return steps;
}

/** What a membership meant: reading alone in an archived scope, null in a deleted one. */
function meaningAt(
  { kind, role, scope_id: id, organisation_id: above }: HeldPeriod,
  number: number,
  roles: RoleHistory,
  scopes: Versions<ScopeVersion>,
): Meaning | null {
  const states = [id, above ?? id].map((one) => scopes.at(one, number)?.state);
  if (states[0] === 'deleted') return null;
  const meaning = roles.meanings(number).of(kind, role);
  return states.includes('archived') ? { ...meaning, permissions: readingAlone(meaning.permissions) } : meaning;
}
