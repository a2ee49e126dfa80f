import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/**
 * The table of rate-limiter-flexible, with its columns in its order. `key` is a keyed hash, `expire` is in
 * milliseconds.
 * An export leaves it out, because limits begin again in another installation.
 */
export const RateLimitTable = defineEntity({
  name: 'rate_limit',
  properties: {
    key: p.string().length(255).primary(),
    points: p.integer().default(0),
    expire: p.bigint().$type<number>().nullable(),
  },
});
export type RateLimitTables = InferKyselyDB<typeof RateLimitTable>;
