import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Random bytes for keys and IVs, each given out once. Drawn in bulk: asking the generator costs more than sealing does. @throws RangeError for more than 8192 */
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
