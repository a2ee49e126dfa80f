import { type Checkpoint, Positions } from './checkpoints.js';

const store = {
  comparePositions: (a: string, b: string) => Number(a) - Number(b),
  lookAt: async () => Promise.resolve({ eventId: null, isBeyondEnd: false }),
};
const PLACE = { position: '9', eventId: 'e' };

function at(position: string | null, seenUpTo: Checkpoint['seenUpTo'], error: string | null = null): Checkpoint {
  return { name: 'list', position, eventId: null, seenUpTo, pausedAt: null, error, version: 1 };
}

describe('the start of a subscription for several read models', () => {
  it.each([
    ['the earliest checkpoint', [at('2', PLACE), at('1', null), at('3', PLACE)], { position: '1', seenUpTo: null }],
    [
      'the start of the log if one has applied nothing',
      [at('2', PLACE), at(null, null)],
      { position: null, seenUpTo: null },
    ],
    ['the earliest that is not paused', [at('1', null, 'TypeError'), at('2', null)], { position: '2', seenUpTo: null }],
    // A read model that was rebuilt or resumed has seen no event beyond its position yet.
    [
      'with the last event that any of those has seen',
      [at('2', null), at('2', PLACE), at('2', null)],
      { position: '2', seenUpTo: PLACE },
    ],
  ])('is %s', (_, checkpoints, expected) => {
    expect(new Positions(store).earliest(checkpoints)).toMatchObject(expected);
  });
});
