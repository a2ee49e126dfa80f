import type { Tuned } from '../../shared/batching/tuning.js';

/** Numbers of large calls that were chosen by measuring. */
export const INVITATION_TUNING = {
  addressesPerChunk: {
    value: 100,
    why: 'Addresses prepared and appended together. Sealing and hashing them blocks the event loop.',
    measured:
      'A call of 10,000 was listed after 4.3 s, and after 3.5 s with 500, which holds the event loop five times as long (2026-11-30, one run each).',
  },
  chunksAtOnce: {
    value: { embedded: 1, server: 3 },
    why: 'Chunks of one call in flight: the server works at one while the next is prepared. The embedded database runs in this process and has one connection.',
    measured:
      'Listed after 4.3 s with 3 and after 3.4 s with 1, within the spread of that machine (2026-11-30, one run each).',
  },
} as const satisfies Readonly<Record<string, Tuned<unknown>>>;
