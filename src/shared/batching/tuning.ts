/** A number that was chosen by measuring, where no rule of the product asks for it. */
export interface Tuned<Value> {
  readonly value: Value;
  /** What it trades, and for what. */
  readonly why: string;
  /** What was seen with this value and with others. Figures of one machine compare only with each other. */
  readonly measured: string;
}

/** Names say the unit. `embedded` is PGlite in this process, with one connection; `server` is a PostgreSQL server. */
export const TUNING = {
  batchLoopIterations: {
    value: 8,
    why: 'A batch collects callers for this many iterations of the event loop. Idle iterations take microseconds; under load each brings more callers.',
    measured: 'With 3 in place of 8: 7 % fewer calls of one address. With 16: no more (docs/performance/history.md).',
  },
  storeReadsAtOnce: {
    value: 3,
    why: 'Batches of stream reads under way at a server. More overlap, fewer callers share a query.',
    measured:
      'One at a time gained nothing beyond the noise (docs/performance/history.md, what was tried and left out).',
  },
  decisionsPerChunk: {
    value: 500,
    why: 'Streams decided and appended together. Other requests are served between two chunks.',
    measured:
      'While a call of 10,000 is stored, 50 other requests a second have a p99 of 90 to 121 ms (docs/performance/history.md, large calls).',
  },
  projectionBatchEvents: {
    value: { embedded: 100, server: 1000 },
    why: 'Events that the live read models apply in one transaction. Embedded, all requests wait for the one connection meanwhile.',
    measured: 'A call of 10,000 was listed after 4.3 s, and after 5.7 s with 100 (server; 2026-11-30, one run each).',
  },
  projectionPaceMs: {
    value: 200,
    why: 'The least time between the starts of two batches under load, so that more events share statements. Skipped while a caller waits.',
    measured: '1,004 calls/s, and 848 without a pace (one address each; 2026-11-30, one run each).',
  },
  historyShare: {
    value: 0.1,
    why: 'The part of the time that the history works on a server under load, unless a call about it waits. Other calls wait for their own read models alone. Under load that goes on for more than half a minute it takes its whole cost.',
    measured:
      'With 0.15, and a rest of at most 1 s, until it was 20 s behind: 0.82 of the calls of one address without a history, because it caught up within the window (2026-12-01, median of five pairs).',
  },
  heapGrowingPercent: {
    value: 30,
    why: 'How much V8 lets its heap grow before it collects everything. By default it lets a small heap grow to four times its size, with what long streams leave behind.',
    measured:
      'A stream of 150,000 entries added 61 MB to the process with 20, and 195 MB by default, in the same time (2026-12-01, one run each).',
  },
  rebuildBatchEvents: {
    value: { embedded: 500, server: 2000 },
    why: 'Events that a rebuild applies in one transaction. It has no caller who waits, so its batches are larger than those of live read models.',
    measured: '12,708 events/s, and 10,521 with 500 (server; 2026-11-30, one run each).',
  },
} as const satisfies Readonly<Record<string, Tuned<unknown>>>;
