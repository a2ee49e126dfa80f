import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { GrantsAt } from '../../../src/modules/history/access/grants-at.js';
import { Instants } from '../../../src/modules/history/access/instants.js';
import { historyProjection } from '../../../src/modules/history/read-models/history.projection.js';
import type { EventStore, JsonObject } from '../../../src/shared/event-sourcing/event-store.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import { LoneRunner } from '../../shared/projections/runner-support.js';
import { describeOnOneEngine, openEventStore, type TestDatabase } from '../../support/engines.js';
import { waitFor } from '../../support/wait-for.js';

describeOnOneEngine('an instant of the history', (engine) => {
  const random = new Random('an instant of the history');
  let place: TestDatabase;
  let store: EventStore;
  let runner: LoneRunner;
  let grants: GrantsAt;
  let instants: Instants;
  beforeEach(async () => {
    place = await engine.openDatabase(ENTITIES);
    store = await openEventStore(place);
    runner = new LoneRunner(store, place.database);
    runner.register(historyProjection());
    await runner.start();
    grants = new GrantsAt(place.database);
    instants = new Instants(place.database, new Clock());
  });
  afterEach(async () => {
    await runner.stop();
    await store.close();
    await place.close();
  });

  const scope = { kind: 'organisation', id: random.uuid() } as const;

  /** Stores events of new members' streams at these times. */
  async function stored(
    ...events: { type: string; at: string; data: JsonObject; stream?: string; revision?: number }[]
  ): Promise<void> {
    await store.importMany(
      events.map(({ type, at, data, stream = random.stream('staff'), revision = 0 }) => {
        const id = random.uuid();
        const cause = { $correlationId: id, $causationId: id, commandId: id };
        const metadata = { actor: 'system', organisationId: scope.id, scope, schemaVersion: 1, ...cause };
        return { id, type, data, metadata, stream, revision, recordedAt: `2026-03-01T${at}Z` };
      }),
    );
    expect(await runner.caughtUp(20_000)).toBe(true);
  }
  const accepted = (at: string, personId: string) => ({
    type: 'InvitationAccepted',
    at,
    data: { invitationId: random.uuid(), personId, grant: { role: 'auditor' } },
  });

  async function holdersAt(at: string): Promise<string[]> {
    const { number } = await instants.find({ at: `2026-03-01T${at}Z` });
    const meanings = await grants.meanings(scope.id, number);
    const opened = { ...scope, organisation: { id: scope.id, name: '' } };
    return (await grants.page(opened, number, {}, meanings, null, 100)).map(({ person_id: id }) => id);
  }

  it('counts events by the largest time up to them, when the clock leapt forward and back', async () => {
    const [ann, bob, cleo] = [random.uuid(), random.uuid(), random.uuid()];
    await stored(accepted('10:00:00.000', ann), accepted('12:00:00.000', bob), accepted('10:01:00.000', cleo));
    expect(await holdersAt('09:59:59.999')).toEqual([]);
    expect(await holdersAt('10:30:00.000')).toEqual([ann]);
    expect(await holdersAt('11:59:59.999')).toEqual([ann]);
    expect(await holdersAt('12:00:00.000')).toEqual([ann, bob, cleo]);
  });

  it('counts all events of one millisecond', async () => {
    const [ann, bob] = [random.uuid(), random.uuid()];
    await stored(accepted('10:00:00.000', ann), accepted('10:00:00.000', bob));
    expect(await holdersAt('10:00:00.000')).toEqual([ann, bob]);
    expect(await holdersAt('09:59:59.999')).toEqual([]);
  });

  it('takes an acceptance that was recorded after its expiry, and an expiry that nobody recorded', async () => {
    const [ann, bob] = [random.uuid(), random.uuid()];
    const [late, open] = [random.stream('staff'), random.stream('staff')];
    const issued = (personId: string) => ({
      type: 'InvitationIssued',
      at: '10:00:00.000',
      data: {
        invitationId: random.uuid(),
        personId,
        issue: 1,
        grant: { role: 'auditor' },
        window: '24h',
        expiresAt: '2026-03-01T10:30:00.000Z',
        locale: 'en',
      },
    });
    await stored(
      { ...issued(ann), stream: late },
      { ...issued(bob), stream: open },
      { ...accepted('10:31:00.000', ann), stream: late, revision: 1 },
    );
    expect(await holdersAt('10:30:00.000')).toEqual([]);
    expect(await holdersAt('10:31:00.000')).toEqual([ann]);
    const { rows } = await sql<{ person_id: string; is_open: boolean }>`
      select person_id, to_number is null as is_open from offer_period order by from_number`.execute(
      place.database.kysely(),
    );
    expect(rows).toEqual([
      { person_id: ann, is_open: false },
      { person_id: bob, is_open: true },
    ]);
  });

  it('has an entry for an event of a type that this version does not know', async () => {
    await stored({ type: 'FromANewerVersion', at: '10:00:00.000', data: { anything: [1] } });
    const { rows } = await sql`select kind, number::int as number from history_entry`.execute(place.database.kysely());
    expect(rows).toEqual([{ kind: 'internal.unknown', number: 0 }]);
  });

  it('gives the same rows from a rebuild beside the live read models', async () => {
    const ann = random.uuid();
    const stream = random.stream('staff');
    await stored(
      { ...accepted('10:00:00.000', ann), stream },
      { type: 'StaffRoleChanged', at: '10:05:00.000', data: { from: 'auditor', to: 'admin' }, stream, revision: 1 },
    );
    const rows = async (): Promise<unknown> =>
      (
        await sql`select (select json_agg(g order by from_number) from grant_period g) as grants, (select json_agg(e order by number) from history_entry e) as entries`.execute(
          place.database.kysely(),
        )
      ).rows;
    const before = await rows();
    expect(await runner.rebuild('history')).toBe(true);
    await waitFor('the rebuilt history', async () => (await runner.status())[0]?.version === 2);
    expect(await rows()).toEqual(before);
    await stored(accepted('10:06:00.000', random.uuid()));
    expect(await holdersAt('10:06:00.000')).toHaveLength(2);
  });
});
