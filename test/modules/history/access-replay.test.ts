import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventsInFile, eventsInStore, NoSuchInstant, replayLog } from '../../../src/cli/audit/replay-log.js';
import { GrantsAt } from '../../../src/modules/history/access/grants-at.js';
import { Instants } from '../../../src/modules/history/access/instants.js';
import type { ReplayUntil } from '../../../src/modules/history/replay/access-replay.js';
import { EVENT_FILE, writeEvents } from '../../../src/shared/transfer/event-file.js';
import { HashChainWriter } from '../../../src/shared/transfer/hash-chained-ndjson.js';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import { noProgress } from '../../shared/transfer/transfer-support.js';
import { describeOnEngines } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import type { Statement } from './ledger.js';
import { anyTimeIn, openRandomInstallation, type RandomInstallation, scopeOf, stated } from './random-installation.js';

const INSTANTS = Number(process.env.REPLAY_INSTANTS ?? 15);
const EVERYTHING = 1_000_000;

describeOnEngines(
  'a replay of the log',
  (engine) => {
    const random = new Random('replay');
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-replay-'));
    const file = join(folder, 'events.ndjson');
    let installation: RandomInstallation;
    beforeAll(async () => {
      installation = await openRandomInstallation(engine, random, { events: 2000, organisations: 10 });
      const writer = await HashChainWriter.create(file, { rolecall: EVENT_FILE });
      await writeEvents(installation.store, writer, noProgress);
      await writer.finish();
    }, 400_000);
    afterAll(async () => {
      await installation.close();
      rmSync(folder, { recursive: true });
    });

    const anyUntil = (): ReplayUntil => {
      const { log } = installation;
      return random.int(2) === 0 ? { at: anyTimeIn(log, random) } : { number: random.int(log.length) };
    };
    const anyOrganisation = (): string => installation.organisations[random.int(installation.organisations.length)]!;

    async function shown(organisation: string, until: ReplayUntil): Promise<{ number: number; grants: Statement[] }> {
      const { database } = installation.place;
      const afterIt = new TestClock();
      afterIt.set('2200-01-01T00:00:00.000Z');
      const { number } = await new Instants(database, afterIt).find(until);
      const grants = new GrantsAt(database);
      const meanings = await grants.meanings(organisation, number);
      const rows = await grants.page(scopeOf(organisation), number, {}, meanings, null, EVERYTHING);
      return { number, grants: rows.map((row) => `${row.scope_name ?? ''} ${row.from_at} ${stated(row, meanings)}`) };
    }

    async function replayed(
      log: Parameters<typeof replayLog>[0],
      organisation: string,
      until: ReplayUntil,
    ): Promise<{ number: number; grants: Statement[] } | 'unknown'> {
      try {
        const { last, grants, meanings } = await replayLog(log, organisation, until, noProgress);
        return {
          number: last?.number ?? -1,
          grants: grants.map((row) => `${row.scope_name ?? ''} ${row.from_at} ${stated(row, meanings)}`),
        };
      } catch (error) {
        if (error instanceof NoSuchInstant) return 'unknown';
        throw error;
      }
    }

    it(`says at ${String(INSTANTS)} instants what the read models say, from the store and from an export`, async () => {
      let grants = 0;
      for (let n = 0; n < INSTANTS; n += 1) {
        const [organisation, until] = [anyOrganisation(), anyUntil()];
        const expected = await shown(organisation, until);
        for (const log of [eventsInStore(installation.store), eventsInFile(file)]) {
          const found = await replayed(log, organisation, until);
          if (found === 'unknown') expect(expected.grants).toEqual([]);
          else expect(found).toEqual(expected);
        }
        grants += expected.grants.length;
      }
      expect(grants).toBeGreaterThan(INSTANTS);
    }, 3_600_000);

    it('knows what roles meant before the first release that recorded it', async () => {
      const { log, organisations } = installation;
      const isRelease = ({ type }: { type: string }): boolean => type === 'BuiltInRolesChanged';
      const late = [...log.filter((event) => !isRelease(event)), log.find(isRelease)!];
      async function* one(): AsyncGenerator<typeof late> {
        yield await Promise.resolve(late);
      }
      const { meanings } = await replayLog(one(), organisations[0]!, { number: 40 }, noProgress);
      expect(meanings.isBuiltIn('admin')).toBe(true);
    });

    it('refuses an organisation that the log does not name, and a number that the log has not reached', async () => {
      const log = () => eventsInStore(installation.store);
      const replay = async (organisation: string, until: ReplayUntil): Promise<unknown> =>
        replayLog(log(), organisation, until, noProgress);
      await expect(replay(random.uuid(), {})).rejects.toThrow(NoSuchInstant);
      await expect(replay(anyOrganisation(), { number: installation.log.length })).rejects.toThrow(
        `the log ends with the event number ${String(installation.log.length - 1)}`,
      );
      await expect(replay(anyOrganisation(), { at: '2020-01-01T00:00:00.000Z' })).rejects.toThrow(NoSuchInstant);
    });
  },
  { alsoOnEventStoreDb: true },
);
