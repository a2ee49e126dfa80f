import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { deriveKey } from '../../src/bootstrap/secrets.js';
import { seal } from '../../src/shared/crypto/sealing.js';
import { onDatabase } from '../support/databases.js';
import { SECRETS } from '../support/product.js';

const CHUNK = 5_000;
/**
 * Makes the same UUID of the same text, scattered like random ones, with the version that the product's checks demand.
 */
const MADE_UUID = `create function made_uuid(name text) returns uuid language sql immutable as $$
  select overlay(overlay(md5(name) placing '4' from 13) placing '8' from 17)::uuid $$`;

/**
 * Fills the tables behind a list with `rows` invitations of one organisation, without the event log, because the
 * product would take an hour. It seals people as the product does, because a page opens them.
 */
export async function fillInvitations(url: string, organisationId: string, rows: number): Promise<void> {
  await onDatabase(url, async (db) => {
    await sql.raw(MADE_UUID).execute(db);
    for (let first = 1; first <= rows; first += CHUNK) await insertPeople(db, first, Math.min(first + CHUNK - 1, rows));
    await sql`insert into person_directory (id, email, name) select made_uuid('p' || n), 'person-' || n || '@bench.test', null from generate_series(1, ${rows}::int) n`.execute(
      db,
    );
    // The n-th invitation is n half-seconds old. A million reach back six days, so that most windows are still open.
    await sql`insert into invitation (id, kind, stream, person_id, scope_kind, scope_id, organisation_id, role, state, issue, issued_by, invited_at, expires_at)
      select made_uuid('i' || n), 'staff', 'staff-' || made_uuid('s' || n), made_uuid('p' || n), 'organisation', ${organisationId}::uuid, ${organisationId}::uuid,
        case when n % 1000 = 0 then 'organisation-owner' else (array['contributor', 'admin', 'deployment-staff', 'organisation-staff'])[1 + n % 4] end,
        (array['pending', 'pending', 'pending', 'pending', 'pending', 'pending', 'accepted', 'accepted', 'declined', 'revoked'])[1 + (n * 7) % 10],
        1, made_uuid('p1')::text, now() - n * interval '0.5 seconds', now() - n * interval '0.5 seconds' + interval '7 days'
      from generate_series(1, ${rows}::int) n`.execute(db);
    await sql`insert into outbox (key, kind, stream, invitation_id, issue, state, attempts, queued_at, due_at, lease_until, at)
      select made_uuid('o' || n), 'invitation', 'staff-' || made_uuid('s' || n), made_uuid('i' || n), 1, 'sent', 1, now(), now(), null, now()
      from generate_series(1, ${rows}::int) n`.execute(db);
    await sql`vacuum analyze`.execute(db);
  });
}

/** Returns a cursor to the middle of the list. */
export async function middleCursor(url: string, rows: number): Promise<string> {
  return onDatabase(url, async (db) => {
    const { rows: found } = await sql<{
      at: string;
      id: string;
    }>`select invited_at::text as at, id::text as id from invitation where id = made_uuid('i' || ${Math.ceil(rows / 2)}::int)`.execute(
      db,
    );
    const [middle] = found;
    if (!middle) throw new Error('the list has no middle');
    return cursor('-invitedAt', middle.at, middle.id);
  });
}

/** Returns a cursor to the place of the middle person's address. */
export function middleByAddress(rows: number): string {
  return cursor('email', `person-${String(Math.ceil(rows / 2))}@bench.test`, uuid('middle'));
}

/** Makes a cursor as the product does. */
export function cursor(...key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

async function insertPeople(db: Kysely<object>, first: number, last: number): Promise<void> {
  const [masterKey, personSecret] = [
    deriveKey(SECRETS.MASTER_KEY, 'master'),
    deriveKey(SECRETS.PERSON_SECRET, 'person'),
  ];
  const people = Array.from({ length: last - first + 1 }, (_, offset) => {
    const n = String(first + offset);
    const [id, email, key] = [uuid(`p${n}`), `person-${n}@bench.test`, randomBytes(32)];
    return {
      id,
      email_hash: createHmac('sha256', personSecret).update(email).digest('base64url'),
      sealed_email: seal(key, `${id}|email`, email),
      wrapped_key: seal(masterKey, `${id}|key`, key),
    };
  });
  await sql`insert into person (id, email_hash, sealed_email, wrapped_key)
    select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, ${JSON.stringify(people)}::json)`.execute(
    db,
  );
}

/** Makes the same UUID as `made_uuid`. */
function uuid(text: string): string {
  return createHash('md5')
    .update(text)
    .digest('hex')
    .replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-8$4-$5');
}
