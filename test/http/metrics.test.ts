import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Metrics } from '../../src/shared/http/metrics/metrics.js';
import { MetricsServer } from '../../src/shared/http/metrics/metrics-server.js';
import { describeOnPglite } from '../support/engines.js';
import { metricsAt, SECRETS, withTestServer, type TestServer } from '../support/test-server.js';

const NUMBERS = 'http_request_duration_seconds';

describeOnPglite('/metrics', (engine) => {
  const withServer = async (
    settings: Record<string, string>,
    work: (server: TestServer) => Promise<void>,
  ): Promise<void> => withTestServer(engine, settings, work);

  it('is served nowhere unless it is configured', async () => {
    await withServer({ METRICS_TOKEN: '' }, async (server) => {
      expect(server.running.metricsUrl).toBeNull();
      for (const api of [server.anonymous, server.admin, server.signedIn('x'), server.signedIn('undefined')]) {
        expect((await api.get('/metrics').expect(404)).body.code).toBe('not-found');
      }
      await server.anonymous.get('/metrics').set('Authorization', 'Bearer ').expect(404);
    });
  });

  it('is served only to holders of the token, and not even to super-admins', async () => {
    await withServer({}, async (server) => {
      expect(await metricsAt(server.url)).toContain(NUMBERS);
      const wrong = [
        SECRETS.METRICS_TOKEN.slice(0, -1),
        `${SECRETS.METRICS_TOKEN}x`,
        SECRETS.METRICS_TOKEN.toUpperCase(),
        '',
        server.admin.token!,
      ];
      for (const token of wrong)
        expect(
          (await server.anonymous.get('/metrics').set('Authorization', `Bearer ${token}`).expect(401)).body.code,
        ).toBe('unauthenticated');
      await server.anonymous.get('/metrics').expect(401);
      await server.anonymous.get('/metrics').set('Authorization', `Basic ${SECRETS.METRICS_TOKEN}`).expect(401);
      expect(server.logs.join('')).not.toContain(SECRETS.METRICS_TOKEN);
    });
  });

  it('is served only at its own port, on this machine alone, until the product stops', async () => {
    let metricsUrl = '';
    await withServer({ METRICS_PORT: '0' }, async (server) => {
      metricsUrl = server.running.metricsUrl!;
      expect(new URL(metricsUrl).hostname).toBe('127.0.0.1');
      expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain(NUMBERS);
      for (const path of ['/', '/v1/me', '/health/live', '/metrics/x', '/openapi.json'])
        expect([path, (await fetch(metricsUrl + path)).status]).toEqual([path, 404]);
      expect((await fetch(`${metricsUrl}/metrics`, { method: 'POST', body: 'x' })).status).toBe(404);
      await server.anonymous.get('/metrics').set('Authorization', `Bearer ${SECRETS.METRICS_TOKEN}`).expect(404);
      for (const { address, internal, family } of Object.values(networkInterfaces())
        .flat()
        .filter((each) => each !== undefined)) {
        if (internal || family !== 'IPv4') continue;
        await expect(fetch(`http://${address}:${new URL(metricsUrl).port}/metrics`)).rejects.toThrow('fetch failed');
      }
    });
    await expect(fetch(`${metricsUrl}/metrics`)).rejects.toThrow('fetch failed');
  });

  it('refuses a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      const { port } = taken.address() as AddressInfo;
      await withServer({}, async ({ running }) => {
        await expect(new MetricsServer(running.app.get(Metrics, { strict: false }), port).start()).rejects.toThrow(
          'EADDRINUSE',
        );
      });
    } finally {
      taken.close();
    }
  });
});
