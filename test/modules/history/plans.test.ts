import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import type { HeldGrant } from '../../../src/modules/history/explanation/chain-link.js';
import { Chains } from '../../../src/modules/history/explanation/chains.js';
import { PastFacts } from '../../../src/modules/history/reading/past-facts.js';
import { AccessSteps } from '../../../src/modules/history/steps/access-steps.js';
import type { People } from '../../../src/modules/people/people.js';
import { Instants } from '../../../src/modules/history/access/instants.js';
import { historyProjection } from '../../../src/modules/history/read-models/history.projection.js';
import type { Database } from '../../../src/shared/database/database.js';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { describeOnOneEngine, type TestDatabase } from '../../support/engines.js';

const ROWS = 10_000;
const EVENTS = join(import.meta.dirname, '../../events');

/** One event of every type. */
const events = readdirSync(EVENTS)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(EVENTS, file), 'utf8')) as StoredEvent);

const ID = '44444444-0000-4000-8000-000000000001';
const SCOPE = { kind: 'organisation', id: ID, organisation: { id: ID, name: '' } } as const;
/** A grant that somebody gave who held one. */
const EXPLAINED: HeldGrant = {
  key: `staff-${ID}`,
  from_number: 4,
  to_number: null,
  opened_by: ID,
  kind: 'staff',
  person_id: '44444444-0000-4000-8000-000000000002',
  role: 'admin',
  organisation_id: ID,
  scope_kind: 'organisation',
  scope_id: ID,
};

describeOnOneEngine('the statements of the history', (engine) => {
  let place: TestDatabase;
  let statements: CompiledQuery[] = [];
  let kept: Kysely<Record<string, Record<string, unknown>>>;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
    const db = place.database.kysely<Record<string, Record<string, unknown>>>();
    await fill(db);
    kept = db.withPlugin({
      transformQuery({ node, queryId }) {
        statements.push(db.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => Promise.resolve(result),
    });
  });
  beforeEach(() => {
    statements = [];
  });
  afterAll(async () => {
    await place.close();
  });

  async function plans(): Promise<string[]> {
    const asked = statements.filter(({ sql: text }) => /^\s*(?:select|update)/.test(text));
    expect(asked.length).toBeGreaterThan(0);
    return Promise.all(
      asked.map(async ({ sql: text, parameters }) => {
        const explain = CompiledQuery.raw(`explain ${text}`, [...parameters]);
        const { rows } = await place.database.kysely().executeQuery<Record<string, string>>(explain);
        return [text, ...rows.map((row) => Object.values(row)[0])].join('\n');
      }),
    );
  }
  /** Definitions of roles are few, and a release reads all built-in ones. A sort of some rows is none of a table. */
  const readingAll = (found: readonly string[]): string[] =>
    found.filter((plan) =>
      /Seq Scan on (?:history_entry|(?!role_definition)\w+_period)\b|Sort {2}\(.*rows=\d{3,} /m.test(plan),
    );

  it('that add a batch of every type of event read no table from its beginning', async () => {
    await historyProjection().apply(events, kept, undefined);
    const found = await plans();
    expect(found.length).toBeGreaterThan(8);
    expect(readingAll(found)).toEqual([]);
  });

  it('that explain a grant and list the steps of a person read along indexes', async () => {
    const database = { kysely: () => kept } as unknown as Database;
    const facts = new PastFacts(database, undefined as unknown as People);
    const { authorities } = await new Chains(database, facts).explain(EXPLAINED, ROWS);
    expect(authorities.size).toBe(1);
    const steps = new AccessSteps(database, facts);
    const held = await steps.heldBy([EXPLAINED.person_id], SCOPE, ROWS);
    expect((await steps.of(held, SCOPE.id, ROWS)).length).toBeGreaterThan(0);
    expect((await steps.timesOf([1, 2, 3])).size).toBe(3);
    const found = await plans();
    expect(found).toHaveLength(8);
    expect(readingAll(found)).toEqual([]);
  });

  it('that find an instant read one entry', async () => {
    const instants = new Instants({ kysely: () => kept } as unknown as Database, new Clock());
    await instants.find({});
    await instants.find({ number: ROWS / 2 });
    await instants.find({ at: '2026-03-01T00:30:00.000Z' });
    expect(readingAll(await plans())).toEqual([]);
  });
});

/** Fills every table that grows with the log. */
async function fill(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  const period = (table: string, columns: string, values: string): string =>
    `insert into ${table} (key, from_number, from_at, to_number, to_at, ${columns})
      select 'key ' || n, n, now(), n + 1, now(), ${values} from generate_series(1, ${ROWS}) n`;
  const place = 'organisation_id, scope_kind, scope_id';
  const ids = "gen_random_uuid(), 'organisation', gen_random_uuid()";
  const fillings = [
    `insert into history_entry (number, organisation_number, event_id, position, stream, type, kind, data, ${place}, actor, subject,
        correlation, causation, recorded_at, effective_at)
      select n, n, gen_random_uuid(), n::text, 'staff-' || gen_random_uuid(), 'StaffMemberLeft', 'staff.left', '{}', ${ids}, 'system', gen_random_uuid(),
        gen_random_uuid()::text, '', at, at
      from generate_series(1, ${ROWS}) n, lateral (select timestamptz '2026-03-01Z' + n * interval '1 second' as at) moment`,
    period('grant_period', `${place}, kind, person_id, role`, `${ids}, 'staff', gen_random_uuid(), 'admin'`),
    period(
      'offer_period',
      `${place}, kind, person_id, invitation_id, role, issue, expires_at`,
      `${ids}, 'staff', gen_random_uuid(), gen_random_uuid(), 'admin', 1, now()`,
    ),
    period('exception_period', `${place}, file_id, member_id, content_creator`, `${ids}, n::text, n::text, true`),
    period('scope_period', 'kind, organisation_id, name, state', "'organisation', gen_random_uuid(), 'Name', 'active'"),
    period('person_name_period', 'stream, sealed', "'staff-' || n, ''"),
  ];
  const person = EXPLAINED.person_id;
  const giver = '44444444-0000-4000-8000-000000000003';
  fillings.push(
    // The issue and the acceptance of the explained grant, and the grant of its giver, who may invite.
    `update history_entry set stream = '${EXPLAINED.key}', about = 'invitation', actor = '${giver}', organisation_id = '${ID}', scope_id = '${ID}',
      type = case number when 2 then 'InvitationIssued' else 'InvitationAccepted' end, data = '{"grant": {"role": "admin"}}' where number in (2, 4)`,
    `update grant_period set key = '${EXPLAINED.key}', person_id = '${person}', organisation_id = '${ID}', scope_id = '${ID}', from_number = 0, to_number = null where from_number = 4`,
    `update grant_period set person_id = '${giver}', organisation_id = '${ID}', scope_id = '${ID}', from_number = 0, to_number = null where from_number = 7`,
    `insert into role_definition_period (key, from_number, from_at, opened_by, organisation_id, name, permissions, deleted)
      values ('admin', 0, now(), '${ID}', null, 'Admin', '["staff.manage"]', false)`,
  );
  for (const filling of fillings) await sql.raw(filling).execute(db);
  await sql`analyze`.execute(db);
}
