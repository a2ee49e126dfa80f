import { sql, type RawBuilder } from 'kysely';

/**
 * People with a role in an organisation or below it: a subquery of their personIds, for lists that join more. May lag.
 */
export function staffPeople(organisationId: string): RawBuilder<{ person_id: string }> {
  return sql`select person_id from staff_member where organisation_id = ${organisationId} and active`;
}
