import { DatabaseUnavailable } from '../database/failures.js';
import { AppendWatch } from './append-watch.js';
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

  it.each([new EventStoreUnavailable(), new DatabaseUnavailable('53100')])('keeps %s', async (error) => {
    await fail(error);
    expect(appends.hasFailedWithin(LONG_MS)).toBe(true);
  });

  it('forgets it when one is stored, and not for a conflict', async () => {
    await fail(new EventStoreUnavailable());
    await expect(appends.watch(Promise.resolve([CONFLICT]))).resolves.toEqual([CONFLICT]);
    expect(appends.hasFailedWithin(LONG_MS)).toBe(true);
    await appends.watch(Promise.resolve([CONFLICT, STORED]));
    expect(appends.hasFailedWithin(LONG_MS)).toBe(false);
  });

  it('forgets it after a while', async () => {
    await fail(new EventStoreUnavailable());
    await waitFor('that it is too long ago', async () => Promise.resolve(!appends.hasFailedWithin(20)));
  });

  it('tells a store that refuses from one that is away', async () => {
    await fail(new EventStoreRefuses('access-denied'));
    expect(appends.isRefused).toBe(true);
    await fail(new EventStoreUnavailable());
    expect(appends.isRefused).toBe(false);
  });

  it('takes no notice of what no store would take', async () => {
    await fail(new AppendRefused('too large'));
    expect(appends.hasFailedWithin(LONG_MS)).toBe(false);
  });
});
