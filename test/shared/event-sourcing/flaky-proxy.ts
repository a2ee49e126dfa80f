import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a real server. A test can cut its connections. */
export class FlakyProxy {
  private readonly sockets = new Set<Socket>();
  private swallowing = false;
  private silent = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(host: string, port: number): Promise<FlakyProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new FlakyProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => {
      proxy.join(client, connect(port, host));
    });
    return proxy;
  }

  /** Loses the next answer of the server with its connection, although the server did the work. */
  swallowNextAnswer(): void {
    this.swallowing = true;
  }

  get isSwallowing(): boolean {
    return this.swallowing;
  }

  /** Keeps connections open and accepts new ones, but passes no answer on until `speak`. */
  fallSilent(): void {
    this.silent = true;
  }

  /** Cuts the connections whose answers were lost. New ones work. */
  speak(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Cuts every connection and refuses new ones. */
  async down(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async up(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private join(client: Socket, server: Socket): void {
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    client.pipe(server);
    server.on('data', (answer) => {
      if (this.silent) return;
      if (!this.swallowing) client.write(answer);
      else {
        this.swallowing = false;
        cut();
      }
    });
  }
}
