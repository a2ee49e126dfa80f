import { measureJson } from './json-size.js';

const NO_LIMITS = { keys: Infinity, values: Infinity, depth: Infinity };
const sizeOf = (text: string, limits = NO_LIMITS) => measureJson(Buffer.from(text), limits);

describe('the size of a JSON text', () => {
  it.each([
    ['{}', 0, 1, 1],
    ['5', 0, 0, 0],
    ['{"a":1,"b":[1,2,3]}', 2, 5, 2],
    ['{"a":{"b":{"c":[]}}}', 3, 4, 4],
    ['[[],[],[[]]]', 0, 7, 3],
    [' [ 1 , 2 ] ', 0, 2, 1],
  ])('%s has %d keys, %d values, depth %d', (text, keys, values, depth) => {
    expect(sizeOf(text)).toEqual({ keys, values, depth });
  });

  it('counts nothing inside a string', () => {
    expect(sizeOf(JSON.stringify(['[{,:', '"[', '\\', '\\"{', 'é\u{1F600}:']))).toEqual({
      keys: 0,
      values: 5,
      depth: 1,
    });
  });

  it('has the keys and the depth that a parser finds, and at least half the values', () => {
    const parts = [0, 'a:,[{', null, true, [], {}, [[1, 2], { a: [{}] }], { a: 1, '"b\\': { c: [1, [2]] } }];
    for (const one of parts) {
      for (const other of parts) {
        const value = { one, list: [other, one] };
        const counted = { keys: 0, values: 0, depth: 0 };
        count(value, 0, counted);
        const { keys, values, depth } = sizeOf(JSON.stringify(value));
        expect({ keys, depth }).toEqual({ keys: counted.keys, depth: counted.depth });
        expect(values).toBeGreaterThanOrEqual(counted.values / 2);
      }
    }
  });

  it.each([
    ['keys', `{${Array.from({ length: 1000 }, (_, index) => `"k${String(index)}":1`).join(',')}}`],
    ['values', `[${'1,'.repeat(1000)}1]`],
    ['depth', '['.repeat(1000)],
  ] as const)('stops at the first limit: %s', (what, text) => {
    expect(sizeOf(text, { ...NO_LIMITS, [what]: 10 })[what]).toBe(11);
  });

  it.each(['"', '{"a', '"\\', '{"a":"\\'])('ends at the end of a truncated text: %s', (text) => {
    expect(sizeOf(text).depth).toBeLessThanOrEqual(1);
  });
});

function count(value: unknown, depth: number, into: { keys: number; values: number; depth: number }): void {
  into.values += 1;
  if (typeof value !== 'object' || value === null) return;
  into.depth = Math.max(into.depth, depth + 1);
  if (!Array.isArray(value)) into.keys += Object.keys(value).length;
  for (const inner of Object.values(value)) count(inner, depth + 1, into);
}
