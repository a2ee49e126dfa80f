import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isLoopbackAddress } from '../network/loopback.js';

/** Warning for operators whose connection is exposed. */
export const EXPOSED =
  'DATABASE_URL reaches another host without TLS: add sslmode=verify-full, or sslmode=disable where the network is trusted';

/** The other end of a connection, as its socket reports it. */
export interface Peer {
  encrypted: boolean;
  /** Null: a socket of this machine. */
  address: string | null;
}

export function peerOf(socket: Socket): Peer {
  return { encrypted: (socket as Partial<TLSSocket>).encrypted === true, address: socket.remoteAddress ?? null };
}

/** Tells whether others on the way could read the traffic. */
export function isExposed({ encrypted, address }: Peer): boolean {
  return !encrypted && address !== null && !isLoopbackAddress(address);
}
