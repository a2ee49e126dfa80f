import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** The port of a fake and its connections. */
export class Connections {
  private readonly sockets = new Map<string, Socket>();
  private readonly listener: Server;
  private portTaken = 0;

  /** @param serve is called with each connection */
  constructor(serve: (socket: Socket) => void) {
    this.listener = createServer({ noDelay: true }, (socket) => {
      const peer = `${socket.remoteAddress ?? ''}:${String(socket.remotePort)}`;
      this.sockets.set(peer, socket);
      socket.on('close', () => {
        this.sockets.delete(peer);
      });
      socket.on('error', () => {
        socket.destroy();
      });
      serve(socket);
    });
  }

  /** @throws before the first `listen` */
  get port(): number {
    if (this.portTaken === 0) throw new Error('has no port yet');
    return this.portTaken;
  }

  get isOpen(): boolean {
    return this.listener.listening;
  }

  get size(): number {
    return this.sockets.size;
  }

  /** Listens at the port. 0 takes a free one. */
  async listen(port: number): Promise<void> {
    if (this.listener.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.listener.once('error', reject);
      this.listener.listen(port, HOST, () => {
        this.listener.off('error', reject);
        resolve();
      });
    });
    this.portTaken = (this.listener.address() as AddressInfo).port;
  }

  /** Refuses connections until `listen`. Resolves when all have ended. @param end ends the open ones, by default at once */
  async refuse(
    end = (): void => {
      this.drop();
    },
  ): Promise<void> {
    if (!this.listener.listening) return;
    const closed = new Promise<void>((resolve) =>
      this.listener.close(() => {
        resolve();
      }),
    );
    end();
    await closed;
  }

  drop(): void {
    for (const socket of this.sockets.values()) socket.destroy();
  }

  dropPeer(peer: string): void {
    this.sockets.get(peer)?.destroy();
  }
}
