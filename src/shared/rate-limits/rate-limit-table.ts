import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/** rate-limiter-flexible's, in its columns and their order; `key` is a keyed hash, `expire` in milliseconds. Not moved: limits begin anew at another place. */
export const RateLimitTable = defineEntity({
  name: 'rate_limit',
  properties: {
    key: p.string().length(255).primary(),
    points: p.integer().default(0),
    expire: p.bigint().$type<number>().nullable(),
  },
});
export type RateLimitTables = InferKyselyDB<typeof RateLimitTable>;
