import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { METRICS_TYPE, type Metrics } from './metrics.js';

const ADDRESS = '127.0.0.1';

/** Serves `/metrics` alone at its own port, which only this machine reaches. */
export class MetricsServer {
  private server: Server | null = null;

  /** @param port 0: any free port; null: it does not listen */
  constructor(
    private readonly metrics: Metrics,
    private readonly port: number | null,
  ) {}

  /**
   * Resolves when it accepts requests.
   * @throws when the port is taken
   */
  async start(): Promise<void> {
    if (this.port === null) return;
    const server = createServer((request, response) => {
      request.resume();
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.metrics.text().then(
        (text) => {
          response.writeHead(200, { 'Content-Type': METRICS_TYPE, 'Cache-Control': 'no-store' }).end(text);
        },
        () => {
          response.writeHead(503).end();
        },
      );
    });
    server.listen(this.port, ADDRESS);
    await once(server, 'listening');
    this.server = server;
  }

  /** Null: it does not listen. */
  get url(): string | null {
    return this.server && `http://${ADDRESS}:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** Finishes the scrapes in progress. */
  async close(): Promise<void> {
    if (!this.server) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    await closed;
  }
}
