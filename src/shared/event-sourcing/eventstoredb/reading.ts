import { EventStoreUnavailable } from '../event-store.js';

/** A stream of the client that is read to its end and can be cancelled. */
interface Reading<Item> {
  on(event: 'data', listener: (item: Item) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  cancel(): unknown;
  destroy(): unknown;
}

/**
 * Returns all items of a read. The signal ends it, because the client's reads have no deadline and don't end when they
 * are cancelled.
 * @throws what the server or gRPC reports
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
  // This listener stays, because an error without a listener would end the process.
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

/** Ends a stream of the client in any state. */
export function hangUp(reading: { destroy(): unknown }, cancel: () => unknown): void {
  // Cancelling rejects when there was never a connection.
  void Promise.resolve(cancel()).catch(() => undefined);
  reading.destroy();
}
