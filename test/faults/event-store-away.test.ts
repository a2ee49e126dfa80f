import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ownershipStream } from '../../src/modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { EventStoreDbEventStore } from '../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import type { StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { postgresAt } from '../support/engines.js';
import { everyEvent } from '../support/event-log.js';
import { FakeProcess } from '../support/eventstoredb-fake/fake-process.js';
import { Installation } from '../support/installation.js';
import { MassSmtp } from '../support/mass-smtp.js';
import { ProductBuild, type ProductProcess } from '../support/product-process.js';
import { clientOf } from '../support/raw-log.js';
import { ADMIN, SECRETS } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { Inviters } from './inviters.js';
import { pagesOf, positionNow, signIn } from './invitation-round.js';

const SERVER = process.env.TEST_DATABASE_URL;
const TIMES = Number(process.env.AWAY_TIMES ?? 2);
const STALL_MS = Number(process.env.AWAY_STALL_MS ?? 1_500);
const INVITERS = 8;
/** The longest time that a caller may wait for any answer. */
const DEADLINE_MS = 12_000;
const PATIENCE_MS = 120_000 + TIMES * (STALL_MS + 30_000);

const FAULTS: Record<string, (fake: FakeProcess, random: Random) => Promise<void>> = {
  'connections dropped': async (fake) => fake.call('dropConnections'),
  'server restarted': async (fake, random) => {
    await fake.call('refuseConnections');
    await setTimeout(random.int(400));
    await fake.call('restart');
  },
  'server stopped in order': async (fake, random) => {
    await fake.call('stopInOrder');
    await setTimeout(random.int(400));
    await fake.call('acceptConnections');
  },
  'server stalled': async (fake) => {
    await fake.call('stall', STALL_MS);
    await setTimeout(STALL_MS);
  },
  'answers lost after the commit': async (fake, random) => fake.call('loseAnswers', 1 + random.int(4)),
};

if (!SERVER)
  process.stdout.write('a product whose EventStoreDB goes away: not run, because TEST_DATABASE_URL is not set\n');
else {
  describe('a product whose EventStoreDB goes away', () => {
    const random = new Random('EventStoreDB goes away');
    let build: ProductBuild;
    let installation: Installation;
    let smtp: MassSmtp;
    let fake: FakeProcess;
    let product: ProductProcess;
    let token: string;
    beforeAll(async () => {
      [installation, smtp, fake, build] = await Promise.all([
        Installation.make(postgresAt(SERVER)),
        MassSmtp.start(),
        FakeProcess.start(),
        ProductBuild.make(),
      ]);
      product = await installation.start({ EVENTSTORE_URL: fake.connectionString, SMTP_URL: smtp.url });
      token = await signIn(product.url, ADMIN);
    }, PATIENCE_MS);
    afterAll(async () => {
      await product.kill();
      await fake.kill();
      smtp.close();
      await installation.remove();
    });

    it.each(Object.keys(FAULTS))(
      'loses and doubles nothing, answers 503 in time, and recovers by itself: %s',
      async (fault) => {
        const inviters = await Inviters.start(product.url, token, INVITERS);
        const recoveries: number[] = [];
        for (let n = 0; n < TIMES; n += 1) {
          await inviters.waitUntilInvited(1 + random.int(30));
          await FAULTS[fault]!(fake, random);
          const over = performance.now();
          await inviters.waitUntilInvited(1);
          recoveries.push(performance.now() - over);
        }
        await inviters.stop();
        process.stdout.write(
          `${fault}, ${String(TIMES)} times under ${String(INVITERS)} inviters: ${inviters.summary()}; next success after at most ${Math.max(...recoveries).toFixed(0)} ms\n`,
        );
        expect(product.isRunning).toBe(true);
        expect(inviters.unexpected).toEqual([]);
        expect(inviters.longestMs).toBeLessThan(DEADLINE_MS);
        await waitFor('a ready product', async () => (await fetch(`${product.url}/health/ready`)).status === 200);
        const issued = await issuedTo(inviters);
        expect(issued).toHaveLength(inviters.invited.size);
        expect(new Set(issued.flatMap(({ id, stream }) => [id, stream])).size).toBe(2 * issued.length);
        const listed = (
          await Array.fromAsync(
            pagesOf(product.url, token, inviters.path, await positionNow(product.url, token, inviters.organisation)),
          )
        ).flat();
        expect(listed.map(({ email }) => email).sort()).toEqual([...inviters.invited].sort());
      },
      PATIENCE_MS,
    );

    it('is not ready meanwhile and says why', async () => {
      await fake.call('refuseConnections');
      try {
        await waitFor(
          'a product that is not ready',
          async () => (await fetch(`${product.url}/health/ready`)).status === 503,
        );
        const answers = await Promise.all(
          ['/health/ready', '/v1/organisations'].map(async (path) =>
            fetch(product.url + path, { headers: { authorization: `Bearer ${token}` } }),
          ),
        );
        for (const answer of answers) {
          expect([
            answer.status,
            answer.headers.get('retry-after'),
            ((await answer.json()) as { code: string }).code,
          ]).toEqual([503, '2', 'event-store-unavailable']);
        }
        expect((await fetch(`${product.url}/health/live`)).status).toBe(200);
      } finally {
        await fake.call('acceptConnections');
      }
      await waitFor('a ready product', async () => (await fetch(`${product.url}/health/ready`)).status === 200);
    });

    it('does not start while access is denied, and says so in one line', async () => {
      await fake.call('denyAccess', 'access-denied');
      try {
        const env = {
          DATABASE_URL: installation.databaseUrl!,
          EVENTSTORE_URL: fake.connectionString,
          PORT: '0',
          ...SECRETS,
        };
        const end = await promisify(execFile)(process.execPath, [build.main], { env }).catch(
          (error: unknown) => error as { code: number; stdout: string; stderr: string },
        );
        expect(end).toMatchObject({ code: 1, stderr: '' });
        const lines = end.stdout
          .trim()
          .split('\n')
          .filter((line) => !line.startsWith('{'));
        expect(lines).toEqual([
          "Rolecall can't start: EventStoreDB refuses access: check the user and password in EVENTSTORE_URL, and what this user may read and write (docs/eventstoredb.md)",
        ]);
        expect(end.stdout).not.toMatch(/^\s+at /m);
      } finally {
        await fake.call('grantAccess');
      }
      await waitFor('a ready product', async () => (await fetch(`${product.url}/health/ready`)).status === 200);
    });

    it('does not start while it cannot find out who is super-admin, and says so in one line', async () => {
      const client = clientOf(fake.connectionString);
      await client.setStreamMetadata(ownershipStream(PLATFORM), { truncateBefore: 1 });
      try {
        const env = {
          DATABASE_URL: installation.databaseUrl!,
          EVENTSTORE_URL: fake.connectionString,
          PORT: '0',
          ...SECRETS,
        };
        const end = await promisify(execFile)(process.execPath, [build.main], { env }).catch(
          (error: unknown) => error as { code: number; stdout: string; stderr: string },
        );
        expect(end).toMatchObject({ code: 1, stderr: '' });
        const lines = end.stdout.trim().split('\n');
        expect(lines.filter((line) => !line.startsWith('{'))).toEqual([
          expect.stringMatching(/^Rolecall can't start: the event log lacks events .*"stream-incomplete"\)$/),
        ]);
        expect(lines.filter((line) => line.includes('"category":"ownership"'))).toHaveLength(1);
      } finally {
        await client.setStreamMetadata(ownershipStream(PLATFORM), {});
        await client.dispose();
      }
    });

    it('does not start on a log that belongs to another database, and says so in one line', async () => {
      const other = await postgresAt(SERVER).placeForProcess();
      const env = {
        ...other.settings,
        EVENTSTORE_URL: fake.connectionString,
        PORT: '0',
        ...SECRETS,
        ADMIN_EMAIL: 'other@rolecall.test',
        ADMIN_PASSWORD: 'correct horse battery',
      };
      const before = (await fake.value('counters')).committed;
      const end = await promisify(execFile)(process.execPath, [build.main], { env }).catch(
        (error: unknown) => error as { code: number; stdout: string; stderr: string },
      );
      expect(end).toMatchObject({ code: 1, stderr: '' });
      expect(
        end.stdout
          .split('\n')
          .filter((line) => !line.startsWith('{'))
          .join('\n'),
      ).toMatch(/^Rolecall can't start: the database belongs to no log yet, and the event log is [\da-f-]{36}: .*\n$/);
      expect((await fake.value('counters')).committed).toBe(before);
      await other.close();
    });

    /** The InvitationIssued events of the inviters' organisation. */
    async function issuedTo({ organisation }: Inviters): Promise<StoredEvent[]> {
      const store = new EventStoreDbEventStore(fake.connectionString);
      const events = (await everyEvent(store)).filter(
        ({ type, metadata }) => type === 'InvitationIssued' && metadata.organisationId === organisation,
      );
      await store.close();
      return events;
    }
  });
}
