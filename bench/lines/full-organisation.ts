import { sql } from 'kysely';
import { onDatabase } from '../support/databases.js';
import { cursor, fillInvitations } from './long-list.js';

/** One call invited so many, as many as a call may name. */
const IN_BATCH = 10_000;
/** Every so many of the people are members of the staff, too. */
const MEMBERS_EVERY = 2;

/** The parts of a full organisation that the pages of a bench name. */
export interface FullOrganisation {
  batchId: string;
  /** A cursor to the middle of the organisation's staff. */
  middleOfStaff: string;
}

/**
 * Fills the tables behind the pages of an organisation: `people` invitations, half as many members of the staff in the
 * organisation and its deployments, as many patients of the first deployment, and batches.
 */
export async function fillOrganisation(
  url: string,
  organisationId: string,
  deploymentIds: readonly string[],
  people: number,
): Promise<FullOrganisation> {
  await fillInvitations(url, organisationId, people);
  return onDatabase(url, async (db) => {
    await sql`insert into staff_member (id, person_id, scope_kind, scope_id, organisation_id, role, active, since)
      select made_uuid('m' || n), made_uuid('p' || n), case when place = ${organisationId}::uuid then 'organisation' else 'deployment' end, place, ${organisationId}::uuid,
        (array['contributor', 'admin', 'deployment-staff'])[1 + n % 3], true, now() - n * interval '1 minute'
      from generate_series(1, ${people}::int, ${MEMBERS_EVERY}::int) n,
        lateral (select (${sql.val([organisationId, ...deploymentIds])}::uuid[])[1 + (n / 2) % ${deploymentIds.length + 1}::int] as place) placed`.execute(
      db,
    );
    await sql`insert into patient (id, person_id, deployment_id, organisation_id, status, since, expires_at, offboarded_at)
      select made_uuid('t' || n), made_uuid('p' || n), ${deploymentIds[0]}::uuid, ${organisationId}::uuid, 'active', now() - n * interval '1 minute', null, null
      from generate_series(2, ${people}::int, ${MEMBERS_EVERY}::int) n`.execute(db);
    await sql`insert into invitation_batch (id, kind, scope_kind, scope_id, organisation_id, issued_by, at, recipients, outcomes, not_reached)
      select made_uuid('b' || n), 'staff', 'organisation', ${organisationId}::uuid, ${organisationId}::uuid, made_uuid('p1')::text, now() - n * interval '1 hour', ${IN_BATCH}::int, jsonb_build_object('invited', ${IN_BATCH}::int), 0
      from generate_series(1, ${Math.floor(people / IN_BATCH)}::int) n`.execute(db);
    await sql`insert into invitation_batch_item (id, batch_id, state, issue, expires_at)
      select invitation.id, made_uuid('b' || (1 + (n - 1) / ${IN_BATCH}::int)), state, issue, expires_at
      from generate_series(1, ${people}::int) n join invitation on invitation.id = made_uuid('i' || n)`.execute(db);
    await sql`vacuum analyze`.execute(db);
    const { rows } = await sql<{ batch: string; since: string; id: string }>`
      select made_uuid('b1')::text as batch, since::text, id::text from staff_member
      where scope_id = ${organisationId}::uuid order by since offset ${Math.floor(people / MEMBERS_EVERY / (deploymentIds.length + 1) / 2)}::int limit 1`.execute(
      db,
    );
    const [middle] = rows;
    if (!middle) throw new Error('the organisation has no staff');
    return { batchId: middle.batch, middleOfStaff: cursor('since', middle.since, middle.id) };
  });
}
