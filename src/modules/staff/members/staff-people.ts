import { sql, type RawBuilder } from 'kysely';

/** A subquery for lists: the personIds of people with a role in an organisation or below it. May lag. */
export function staffPeople(organisationId: string): RawBuilder<{ person_id: string }> {
  return sql`select person_id from staff_member where organisation_id = ${organisationId} and active`;
}
