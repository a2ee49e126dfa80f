import { EventStoreUnavailable } from '../event-store.js';

/** Something of the client's that is read to its end, and can be told that nobody listens any more. */
interface Reading<Item> {
  on(event: 'data', listener: (item: Item) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  cancel(): unknown;
  destroy(): unknown;
}

/**
 * Everything a reading brings. The client's readings have no deadline and don't end when they are cancelled: the signal ends this one.
 * @throws whatever the server or gRPC says
 */
export async function everythingIn<Item>(reading: Reading<Item>, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Item[]>();
  reading.on('data', (item) => {
    items.push(item);
  });
  let ended = false;
  reading.on('end', () => {
    ended = true;
    resolve(items);
  });
  // Stays: an error that comes when nobody waits any more would end the process.
  reading.on('error', reject);
  reading.on('close', () => {
    if (!ended) reject(new EventStoreUnavailable());
  });
  const stop = (): void => {
    hangUp(reading, () => reading.cancel());
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Ends a reading of the client's, whatever state it is in. */
export function hangUp(reading: { destroy(): unknown }, cancel: () => unknown): void {
  // Rejects when there never was a connection.
  void Promise.resolve(cancel()).catch(() => undefined);
  reading.destroy();
}
