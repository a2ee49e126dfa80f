import { sql } from 'kysely';
import { onDatabase } from '../support/databases.js';

/** Makes the same UUID of the same text, with the version that the product's checks demand. */
const MADE_UUID = `create or replace function made_uuid(name text) returns uuid language sql immutable as $$
  select overlay(overlay(md5(name) placing '4' from 13) placing '8' from 17)::uuid $$`;

/** How many people a filled history is about. */
export const PEOPLE = 10_000;

/**
 * Fills the history of one organisation with `rows` entries, without the event log, because the product would take an
 * hour. Each thousandth entry is of a rare kind. Each actor and each person has at least 100 entries, which fill a page.
 */
export async function fillEntries(url: string, organisationId: string, rows: number): Promise<void> {
  const people = Math.min(PEOPLE, rows / 100);
  await onDatabase(url, async (db) => {
    await sql.raw(MADE_UUID).execute(db);
    await sql`insert into history_entry (number, organisation_number, event_id, position, stream, type, kind, data, organisation_id, scope_kind, scope_id,
        actor, subject, about, correlation, causation, recorded_at, effective_at)
      select last.number + n, last.number + n, made_uuid('e' || n), (1000 + n)::text, 'staff-' || made_uuid('s' || n % ${people}::int),
        case when n % 1000 = 0 then 'StaffMemberRemoved' else 'InvitationIssued' end,
        case when n % 1000 = 0 then 'staff.removed' else 'staff.invited' end, '{"grant": {"role": "contributor"}}',
        ${organisationId}::uuid, 'organisation', ${organisationId}::uuid, made_uuid('a' || n % 10)::text, made_uuid('p' || n % ${people}::int), null,
        made_uuid('c' || n / 10)::text, made_uuid('c' || n / 10)::text, last.at + n * interval '1 millisecond', last.at + n * interval '1 millisecond'
      from generate_series(1, ${rows}::int) n, (select max(number) as number, max(effective_at) as at from history_entry) last`.execute(
      db,
    );
    await sql`vacuum analyze history_entry`.execute(db);
  });
}

/**
 * Gives an organisation `members` grants that hold at the end, and `ended` that ended before, spread over the numbers of
 * the history.
 */
export async function fillGrants(url: string, organisationId: string, members: number, ended: number): Promise<void> {
  await onDatabase(url, async (db) => {
    await sql`insert into grant_period (key, from_number, from_at, opened_by, to_number, to_at, closed_by, organisation_id, scope_kind, scope_id, kind, person_id, role)
      select 'staff-' || made_uuid('m' || n), 10 + n, now(), made_uuid('g' || n), null, null, null, ${organisationId}::uuid, 'organisation', ${organisationId}::uuid,
        'staff', made_uuid('p' || n), 'contributor'
      from generate_series(1, ${members}::int) n
      union all
      select 'staff-' || made_uuid('f' || n), 10 + ${members}::int + n / 2, now(), made_uuid('h' || n), 10 + ${members}::int + n / 2 + 1 + n % 20, now(), made_uuid('i' || n),
        ${organisationId}::uuid, 'organisation', ${organisationId}::uuid, 'staff', made_uuid('p' || n), 'contributor'
      from generate_series(1, ${ended}::int) n`.execute(db);
    await sql`vacuum analyze grant_period`.execute(db);
  });
}

/** The same UUID as `made_uuid`, from the database. */
export async function madeUuid(url: string, name: string): Promise<string> {
  return onDatabase(url, async (db) => {
    const { rows } = await sql<{ id: string }>`select made_uuid(${name})::text as id`.execute(db);
    return rows[0]?.id ?? '';
  });
}
