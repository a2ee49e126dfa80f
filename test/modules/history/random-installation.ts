import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { eventShapes } from '../../../src/bootstrap/event-shapes.js';
import { type GrantRow, meaningOf } from '../../../src/modules/history/access/grants-at.js';
import type { RoleMeanings } from '../../../src/modules/history/access/role-meanings.js';
import { historyProjection } from '../../../src/modules/history/read-models/history.projection.js';
import type { EventStore, RecordedEvent, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import type { Random } from '../../shared/event-sourcing/event-store-support.js';
import { LoneRunner } from '../../shared/projections/runner-support.js';
import { type Engine, openEventStore, type TestDatabase } from '../../support/engines.js';
import type { Statement } from './ledger.js';
import { RandomHistory } from './random-history.js';

const START = '2026-01-01T00:00:00.000Z';
const DAYS = 300;
const IMPORT_AT_ONCE = 500;
export const STORED_TYPES = Object.keys(eventShapes().types).filter((type) => type !== 'LogOpened');

/** Examples of every type that the history only lists, to be stored between the others. */
function otherEvents(): StoredEvent[] {
  const folder = join(import.meta.dirname, '../../events');
  const decided =
    /^(?:Invitation(?!Batch)|StaffRole|StaffMember|Patient(?!Link)|Observer|Group(?!Notices)|Organisation|Deployment|Role|BuiltIn|LogOpened)/;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !decided.test(file))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as StoredEvent);
}

/** How large a random history is. */
export interface Large {
  events: number;
  organisations: number;
}

/** A store with a random history, and the history's read models of it. */
export interface RandomInstallation {
  place: TestDatabase;
  store: EventStore;
  runner: LoneRunner;
  log: readonly RecordedEvent[];
  organisations: string[];
  close(): Promise<void>;
}

/** @param History what the random history is like */
export async function openRandomInstallation(
  engine: Engine,
  random: Random,
  { events, organisations: places }: Large,
  History: typeof RandomHistory = RandomHistory,
): Promise<RandomInstallation> {
  const meanStepMs = (DAYS * 86_400_000) / events;
  const size = { events, organisations: places, people: events / 8, start: START, meanStepMs };
  const history = new History(random, size, otherEvents(), STORED_TYPES);
  const log = history.write().events;
  const place = await engine.openDatabase(ENTITIES);
  const store = await openEventStore(place);
  for (let n = 0; n < log.length; n += IMPORT_AT_ONCE) await store.importMany(log.slice(n, n + IMPORT_AT_ONCE));
  // The runner keeps an embedded database so busy that a question to the store could get no answer in time.
  const end = await store.head(store.categories);
  const runner = new LoneRunner(store, place.database);
  runner.register(historyProjection());
  await runner.start();
  expect(await runner.reached(end!, 300_000)).toBe(true);
  return {
    place,
    store,
    runner,
    log,
    organisations: history.organisations.map(({ id }) => id),
    async close() {
      await runner.stop();
      await store.close();
      await place.close();
    },
  };
}

/** Half of the times are within a millisecond of an event. */
export function anyTimeIn(log: readonly RecordedEvent[], random: Random): string {
  const near = Date.parse(log[random.int(log.length)]!.recordedAt);
  return new Date(near + (random.int(2) === 0 ? random.int(3) - 1 : random.int(86_400_000))).toISOString();
}

export function scopeOf(id: string) {
  return { kind: 'organisation', id, organisation: { id, name: '' } } as const;
}

export function stated(row: GrantRow, meanings: RoleMeanings): Statement {
  const { id, name, permissions } = meaningOf(row, meanings);
  const rights = [...permissions].sort().join('+');
  return [
    row.kind,
    row.person_id,
    row.scope_id,
    id,
    name,
    rights,
    row.archived ? 'archived' : 'open',
    row.from_number,
  ].join(' | ');
}
