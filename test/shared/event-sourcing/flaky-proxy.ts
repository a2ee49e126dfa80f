import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy before a real server whose line can be cut. */
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

  /** The next answer of the server is lost with its connection, though the server did the work. */
  swallowNextAnswer(): void {
    this.swallowing = true;
  }

  get isSwallowing(): boolean {
    return this.swallowing;
  }

  /** Lines stay open and new ones are taken, but no answer comes any more, until `speak`. */
  fallSilent(): void {
    this.silent = true;
  }

  /** Cuts the lines whose answers were lost; new ones work. */
  speak(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Cuts every line and refuses new ones. */
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
