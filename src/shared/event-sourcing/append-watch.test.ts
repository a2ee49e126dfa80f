import { DatabaseUnavailable } from '../database/failures.js';
import { AppendWatch } from './serialised-append.js';
import { EventStoreRefuses } from './event-store-refuses.js';
import { AppendRefused, EventStoreUnavailable } from './event-store.js';
import { waitFor } from '../../../test/support/wait-for.js';

const LONG_MS = 600_000;
const STORED = { ok: true, position: '1' } as const;
const CONFLICT = { ok: false, actualRevision: 3 } as const;

describe('the watch on appends', () => {
  let appends: AppendWatch;
  beforeEach(() => {
    appends = new AppendWatch();
  });
  const fail = async (error: Error): Promise<void> => expect(appends.watch(Promise.reject(error))).rejects.toBe(error);

  it.each([new EventStoreUnavailable(), new DatabaseUnavailable('53100')])('remembers %s', async (error) => {
    await fail(error);
    expect(appends.hasFailedWithin(LONG_MS)).toBe(true);
  });

  it('forgets a failure when an append is stored, not when it conflicts', async () => {
    await fail(new EventStoreUnavailable());
    await expect(appends.watch(Promise.resolve([CONFLICT]))).resolves.toEqual([CONFLICT]);
    expect(appends.hasFailedWithin(LONG_MS)).toBe(true);
    await appends.watch(Promise.resolve([CONFLICT, STORED]));
    expect(appends.hasFailedWithin(LONG_MS)).toBe(false);
  });

  it('forgets a failure when its time has passed', async () => {
    await fail(new EventStoreUnavailable());
    await waitFor('the failure is older than 20 ms', async () => Promise.resolve(!appends.hasFailedWithin(20)));
  });

  it('distinguishes a store that refuses from a store that is unavailable', async () => {
    await fail(new EventStoreRefuses('access-denied'));
    expect(appends.isRefused).toBe(true);
    await fail(new EventStoreUnavailable());
    expect(appends.isRefused).toBe(false);
  });

  it('ignores an append that every store would refuse', async () => {
    await fail(new AppendRefused('too large'));
    expect(appends.hasFailedWithin(LONG_MS)).toBe(false);
  });
});
