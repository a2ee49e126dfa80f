import type { Ahead, EventStore } from '../event-sourcing/event-store.js';
import { Lags } from './lags.js';

const STRETCH = 10;
const AGE_MS = 90_000;

/** A log of events at positions 1, 2, 3 …, recorded 90 s ago. It looks at ten of them per call. */
class LongLog implements Pick<EventStore, 'lookAhead' | 'categories'> {
  readonly categories = [];
  readonly types: string[];

  constructor(...types: readonly string[]) {
    this.types = [...types];
  }

  async lookAhead({ after, types }: { after: string | null; types?: readonly string[] | undefined }): Promise<Ahead> {
    const from = Number(after ?? 0);
    const end = Math.min(from + STRETCH, this.types.length);
    const found = this.types.slice(from, end).some((type) => !types || types.includes(type));
    const recordedAt = found ? new Date(Date.now() - AGE_MS).toISOString() : null;
    return Promise.resolve({ recordedAt, lookedUpTo: String(end), isEnd: end === this.types.length });
  }
}

const rare = (position: string | null) => [{ name: 'rare', position, types: ['Rare'] }];

describe('the lag of read models', () => {
  it('is the age of the oldest event that each of them has not applied', async () => {
    const lags = await new Lags(new LongLog('a', 'b', 'c')).of([
      { name: 'new', position: null },
      { name: 'going', position: '2' },
      { name: 'done', position: '3' },
    ]);
    expect([...lags]).toEqual([
      ['new', expect.closeTo(AGE_MS / 1000, 0)],
      ['going', expect.closeTo(AGE_MS / 1000, 0)],
      ['done', 0],
    ]);
  });

  it('of a read model counts only events of its types', async () => {
    const log = new LongLog('a', 'Rare', 'b');
    expect((await new Lags(log).of(rare('1'))).get('rare')).toBeCloseTo(AGE_MS / 1000, 0);
    expect((await new Lags(log).of(rare('2'))).get('rare')).toBe(0);
  });

  it('is unknown until a long stretch without events of its types was searched, part by part', async () => {
    const lags = new Lags(new LongLog(...Array<string>(25).fill('a')));
    const seen = [];
    for (let look = 0; look < 3; look += 1) seen.push((await lags.of(rare(null))).get('rare'));
    expect(seen).toEqual([null, null, 0]);
  });

  it('is searched from the checkpoint again after that was set back', async () => {
    const log = new LongLog('Rare', 'a');
    const lags = new Lags(log);
    expect((await lags.of(rare('1'))).get('rare')).toBe(0);
    expect((await lags.of(rare(null))).get('rare')).toBeCloseTo(AGE_MS / 1000, 0);
  });
});
