import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes for keys and IVs; no byte is given out twice. They are drawn in bulk, because a call of the generator
 * costs more than sealing.
 * @throws RangeError for more than 8192
 */
export function randomBytes(size: number): Buffer {
  if (size > POOL_BYTES) throw new RangeError('more than the pool holds');
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + size));
  pool.fill(0, used, used + size);
  used += size;
  return bytes;
}
