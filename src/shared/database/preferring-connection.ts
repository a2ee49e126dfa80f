import type { Duplex } from 'node:stream';
import { Connection, type ConnectionConfig } from 'pg';

/** The driver's connection, with the methods that its types leave out. */
interface DriverConnection {
  readonly stream: Duplex;
  connect(portOrSocket: number | string, host?: string): void;
  attachListeners(stream: Duplex): void;
  emit(event: 'sslconnect'): boolean;
}

const Driver = Connection as unknown as new (config: ConnectionConfig) => DriverConnection;

/** The server's whole response to a request for TLS when it has none. */
const NO_TLS = 'N';

/**
 * Implements libpq's `sslmode=prefer`: asks for TLS, and continues without it on the same connection when the server
 * has none.
 */
export class PreferringConnection extends Driver {
  override connect(portOrSocket: number | string, host?: string): void {
    super.connect(portOrSocket, host);
    const [readAnswer] = this.stream.listeners('data') as ((answer: Buffer) => void)[];
    if (!readAnswer) throw new TypeError('the driver does not read the answer to its question for TLS');
    this.stream.removeListener('data', readAnswer);
    this.stream.once('data', (answer: Buffer) => {
      if (answer.toString('latin1') === NO_TLS) this.goOnInTheClear();
      else readAnswer.call(this.stream, answer);
    });
  }

  private goOnInTheClear(): void {
    this.attachListeners(this.stream);
    // The client starts its session at this event.
    this.emit('sslconnect');
  }
}
