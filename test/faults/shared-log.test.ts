import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import { EventStore, STREAM_DOES_NOT_EXIST } from '../../src/shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../src/shared/projections/projection-runner.js';
import { postgresAt } from '../support/engines.js';
import { FakeProcess } from '../support/eventstoredb-fake/fake-process.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

const SERVER = process.env.TEST_DATABASE_URL;
const FOREIGN = Number(process.env.FOREIGN_EVENTS ?? 20_000);
const IDLE_MS = Number(process.env.IDLE_MS ?? 6_000);
const PATIENCE_MS = 120_000 + IDLE_MS;
/** The most events that EventStoreDB may examine for an idle product, with a log of any length. */
const EXAMINED_IDLE = 2_000;
/**
 * The most events examined for 200 health reports: the new ones of each subscription once, and the log's end per
 * report.
 */
const EXAMINED_BY_HEALTH = 5_000;
const DELIVERED_MS = 100;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

if (!SERVER)
  process.stdout.write(
    'a product on an EventStoreDB log that others fill: not run, because TEST_DATABASE_URL is not set\n',
  );
else {
  describe('a product on an EventStoreDB log that others fill', () => {
    let fake: FakeProcess;
    let server: TestServer;
    /** The same product with a log of its own, on the same machine at the same time. */
    let alone: { fake: FakeProcess; server: TestServer };
    beforeAll(async () => {
      [{ fake, server }, alone] = [await start(), await start()];
    }, PATIENCE_MS);
    afterAll(async () => {
      for (const one of [{ fake, server }, alone]) {
        await one.server.close();
        await one.fake.kill();
      }
    });

    async function start(): Promise<typeof alone> {
      const own = await FakeProcess.start();
      const engine = postgresAt(SERVER!);
      const place = async (...entities: Parameters<typeof engine.openDatabase>) => ({
        ...(await engine.openDatabase(...entities)),
        eventStoreUrl: own.connectionString,
      });
      return {
        fake: own,
        server: await startTestServer({ ...engine, openDatabase: place }, {}, { healthLimits: { keptMs: 0 } }),
      };
    }

    const examined = async (): Promise<number> => (await fake.value('counters')).examined;
    const health = async ({ url }: TestServer): Promise<void> => {
      const { status } = await fetch(`${url}/health/ready`);
      expect(status).toBe(200);
    };
    /** Stores an event of ours, and resolves when the read models show it. */
    const deliver = async (): Promise<void> => {
      const metadata = {
        actor: 'system',
        organisationId: null,
        scope: PLATFORM,
        schemaVersion: 1,
        $correlationId: 'test',
        $causationId: 'test',
        commandId: 'test',
      };
      const position = await server.running.app.get(EventStore).append({
        stream: `staff-${randomUUID()}`,
        expectedRevision: STREAM_DOES_NOT_EXIST,
        events: [{ id: randomUUID(), type: 'NobodyLooksAtThis', data: {}, metadata }],
      });
      expect(await server.running.app.get(ProjectionRunner).reached(position, 10_000)).toBe(true);
    };

    it(
      'has few events examined while it idles, and reports health and delivers as fast as alone',
      async () => {
        await deliver();
        await fake.call('fill', FOREIGN);
        // Each subscription passes the events of others once.
        let before = await examined();
        await waitFor(
          'subscriptions past the events of others',
          async () => {
            await setTimeout(500);
            const now = await examined();
            const isIdle = before >= 2 * FOREIGN && now - before < 100;
            before = now;
            return isIdle;
          },
          PATIENCE_MS,
        );
        await setTimeout(IDLE_MS);
        const idle = (await examined()) - before;
        before = await examined();
        const full: number[] = [];
        const empty: number[] = [];
        for (let n = 0; n < 200; n += 1) {
          full.push(await timed(async () => health(server)));
          empty.push(await timed(async () => health(alone.server)));
        }
        const looks = (await examined()) - before;
        const delivered = [];
        for (let n = 0; n < 20; n += 1) {
          await fake.call('fill', FOREIGN / 20);
          delivered.push(await timed(deliver));
        }
        process.stdout.write(
          `${String(FOREIGN)} events of others: ${String(idle)} examined in ${String(IDLE_MS)} ms, health ${median(empty).toFixed(1)} -> ${median(full).toFixed(1)} ms (200 reports examined ${String(looks)}), delivery ${median(delivered).toFixed(1)} ms\n`,
        );
        expect(idle).toBeLessThan(EXAMINED_IDLE);
        expect(looks).toBeLessThan(EXAMINED_BY_HEALTH);
        expect(median(full)).toBeLessThan(2 * median(empty));
        expect(median(delivered)).toBeLessThan(DELIVERED_MS);
      },
      PATIENCE_MS * 2,
    );
  });
}
