import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { isExposed, peerOf } from './peer.js';

/** The peer of a connection to this address, which must belong to this machine. */
async function peerAt(address: string): Promise<ReturnType<typeof peerOf>> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const socket: Socket = connect((server.address() as AddressInfo).port, address);
  try {
    await once(socket, 'connect');
    return peerOf(socket);
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('a connection in the clear', () => {
  it.each(['127.0.0.1', '127.0.0.9'])('to %s stays on this machine', async (address) => {
    const peer = await peerAt(address);
    expect([peer, isExposed(peer)]).toEqual([{ encrypted: false, address }, false]);
  });

  it.each(['::1', '::ffff:127.0.0.1'])('to %s stays on this machine', (address) => {
    expect(isExposed({ encrypted: false, address })).toBe(false);
  });

  it.each(['10.0.0.7', '::ffff:10.0.0.7', 'fd00::7', '0.0.0.0'])('to %s is exposed', (address) => {
    expect(isExposed({ encrypted: false, address })).toBe(true);
  });

  it('to a socket is not exposed', () => {
    expect(isExposed({ encrypted: false, address: null })).toBe(false);
  });
});

it('a connection by TLS is not exposed, at any address', () => {
  expect(isExposed({ encrypted: true, address: '10.0.0.7' })).toBe(false);
});
