import { randomUUID } from 'node:crypto';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { ownershipStream } from '../../../src/modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { CATEGORIES } from '../../../src/bootstrap/event-shapes.js';
import { adoptLog, openLog } from '../../../src/bootstrap/log-identity/adopt-log.js';
import { recordLogId } from '../../../src/bootstrap/log-identity/log-identity-table.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';
import {
  append,
  createOrganisation,
  emptyLog,
  emptyRows,
  idsOf,
  LOG_STREAM,
  recordPerson,
  registerOwner,
  type EmptyLog,
} from './log-identity-support.js';

const [ID, OTHER_ID] = [randomUUID(), randomUUID()];
const [OWNER, STRANGER] = [randomUUID(), randomUUID()];

interface Found {
  recorded?: string;
  opened?: string;
  person?: string;
  log?: 'an owner' | 'a former owner' | 'no owner';
}

/**
 * What a start finds, and the id that both sides have afterwards. Null means that the start is refused and writes
 * nothing.
 */
const TABLE: [name: string, found: Found, agreed: string | RegExp | null][] = [
  ['the same id on both sides', { recorded: ID, opened: ID, person: STRANGER, log: 'an owner' }, ID],
  ['another id on each side', { recorded: ID, opened: OTHER_ID, person: OWNER, log: 'an owner' }, null],
  ['a first start', {}, /^[\da-f-]{36}$/],
  ['an installation from before this version', { person: OWNER, log: 'an owner' }, /^[\da-f-]{36}$/],
  [
    'an installation from before this version, whose first super-admin lost that role',
    { person: OWNER, log: 'a former owner' },
    /^[\da-f-]{36}$/,
  ],
  [
    'a log from before this version, and the database of another installation',
    { person: STRANGER, log: 'an owner' },
    null,
  ],
  ['a log from before this version, and an emptied database', { log: 'an owner' }, null],
  ['a log without a super-admin', { person: OWNER, log: 'no owner' }, null],
  ['an emptied log from before this version', { person: OWNER }, null],
  ['a first start that died before it wrote into the log', { recorded: ID }, ID],
  ['a log restored from a backup of before this version', { recorded: ID, person: OWNER, log: 'an owner' }, ID],
  ['an emptied log', { recorded: ID, person: OWNER }, null],
  [
    'an id in the database, and the log of another installation',
    { recorded: ID, person: STRANGER, log: 'an owner' },
    null,
  ],
  ['a database restored from a backup of before this version', { opened: ID, person: OWNER, log: 'an owner' }, ID],
  ['an empty log that was opened, and an empty database', { opened: ID }, ID],
  ['an emptied database', { opened: ID, log: 'an owner' }, null],
  [
    'an id in the log, and the database of another installation',
    { opened: ID, person: STRANGER, log: 'an owner' },
    null,
  ],
];

describeOnEngines('the adoption of a log', (engine) => {
  let place: TestDatabase;
  let log: EmptyLog;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
  });
  afterAll(async () => {
    await place.close();
  });

  describe.each(['the database', 'EventStoreDB'] as const)('with the log in %s,', (where) => {
    beforeEach(async () => {
      await emptyRows(place.database);
      log = await emptyLog(where, place.database);
    });
    afterEach(async () => {
      await log.close();
    });

    async function given({ recorded, opened, person, log: events }: Found): Promise<void> {
      if (recorded !== undefined) await recordLogId(place.database.kysely(), recorded);
      if (opened !== undefined) await openLog(log.store, opened);
      if (person !== undefined) await recordPerson(place.database, person);
      if (events !== undefined) await createOrganisation(log.store);
      if (events === 'an owner' || events === 'a former owner') await registerOwner(log.store, OWNER);
      if (events === 'a former owner')
        await append(log.store, ownershipStream(PLATFORM), 'OwnerReleased', { personId: OWNER, change: {} });
    }

    it.each(TABLE)('%s', async (_name, found, agreed) => {
      await given(found);
      const adopted = adoptLog(place.database, log.store);
      if (agreed === null) {
        const { recorded, opened } = found;
        const sides = [
          recorded === undefined ? 'belongs to no log yet' : `belongs to the log ${recorded}`,
          opened === undefined ? 'the event log has no id' : `the event log is ${opened}`,
        ];
        await expect(adopted).rejects.toMatchObject({
          name: 'LogNotOurs',
          message: expect.stringMatching(`${sides.join('.*')}.*docs/eventstoredb.md, "Whose log is this\\?"`),
        });
        expect(await idsOf(place.database, log.store)).toEqual({ recorded: recorded ?? null, opened: opened ?? null });
        return;
      }
      await adopted;
      const { recorded, opened } = await idsOf(place.database, log.store);
      expect([recorded, opened]).toEqual([opened, expect.stringMatching(agreed)]);
      await adoptLog(place.database, log.again());
      expect(await idsOf(place.database, log.store)).toEqual({ recorded, opened });
    });

    it('gives instances that start together for the first time one id', async () => {
      await Promise.all(Array.from({ length: 4 }, async () => adoptLog(place.database, log.again())));
      const { recorded, opened } = await idsOf(place.database, log.store);
      expect([recorded, (await log.store.read(LOG_STREAM)).length]).toEqual([opened, 1]);
    });

    it('succeeds when another instance adopts the log and records a person meanwhile', async () => {
      const other = log.again();
      const slow = log.again();
      const readMany = slow.readMany.bind(slow);
      slow.readMany = async (streams) => {
        const found = await readMany(streams);
        if (streams.includes(ownershipStream(PLATFORM))) {
          await adoptLog(place.database, other);
          await recordPerson(place.database, OWNER);
        }
        return found;
      };
      await adoptLog(place.database, slow);
      const { recorded, opened } = await idsOf(place.database, log.store);
      expect([recorded, typeof opened]).toEqual([opened, 'string']);
    });

    it('stores an event that no follower, position or export counts', async () => {
      await adoptLog(place.database, log.store);
      expect(await log.store.head(CATEGORIES)).toBeNull();
      const [opening] = await log.store.read(LOG_STREAM);
      expect([opening!.type, opening!.metadata]).toEqual([
        'LogOpened',
        expect.objectContaining({ actor: 'system', schemaVersion: 1 }),
      ]);
    });
  });

  it('refuses one of two databases that start together for the first time with one log', async () => {
    const other = await engine.openDatabase(ENTITIES);
    await emptyRows(place.database);
    log = await emptyLog('EventStoreDB', place.database);
    const ends = await Promise.allSettled([place, other].map(async ({ database }) => adoptLog(database, log.again())));
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')?.reason).toMatchObject({ name: 'LogNotOurs' });
    await log.close();
    await other.close();
  });
});
