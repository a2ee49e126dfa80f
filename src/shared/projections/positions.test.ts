import type { Checkpoint } from './checkpoints.js';
import { Positions } from './positions.js';

const store = {
  comparePositions: (a: string, b: string) => Number(a) - Number(b),
  lookAt: async () => Promise.resolve({ eventId: null, isBeyondEnd: false }),
};
const PLACE = { position: '9', eventId: 'e' };

function at(position: string | null, seenUpTo: Checkpoint['seenUpTo'], error: string | null = null): Checkpoint {
  return { name: 'list', position, eventId: null, seenUpTo, pausedAt: null, error, version: 1 };
}

describe('where a subscription for several read models begins', () => {
  it.each([
    ['the earliest', [at('2', PLACE), at('1', null), at('3', PLACE)], { position: '1', seenUpTo: null }],
    ['the beginning, where one is there', [at('2', PLACE), at(null, null)], { position: null, seenUpTo: null }],
    ['none that is paused', [at('1', null, 'TypeError'), at('2', null)], { position: '2', seenUpTo: null }],
    // A rebuilt one, or one that was resumed, has seen nothing beyond its position yet.
    ['what any of those has seen', [at('2', null), at('2', PLACE), at('2', null)], { position: '2', seenUpTo: PLACE }],
  ])('is %s', (_, checkpoints, expected) => {
    expect(new Positions(store).earliest(checkpoints)).toMatchObject(expected);
  });
});
