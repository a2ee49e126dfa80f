import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { METRICS_TYPE, type Metrics } from './metrics.js';

const ADDRESS = '127.0.0.1';

/** Serves `/metrics` alone at its own port, which only this machine reaches. */
export class MetricsServer {
  private constructor(private readonly server: Server) {}

  /**
   * Resolves when it accepts requests.
   * @param port 0: any free port
   * @throws when the port is taken
   */
  static async start(metrics: Metrics, port: number): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      request.resume();
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      metrics.text().then(
        (text) => {
          response.writeHead(200, { 'Content-Type': METRICS_TYPE, 'Cache-Control': 'no-store' }).end(text);
        },
        () => {
          response.writeHead(503).end();
        },
      );
    });
    server.listen(port, ADDRESS);
    await once(server, 'listening');
    return new MetricsServer(server);
  }

  get url(): string {
    return `http://${ADDRESS}:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** Finishes the scrapes in progress. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    await closed;
  }
}
