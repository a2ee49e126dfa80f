import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { Interval } from '@nestjs/schedule';
import { CompiledQuery } from 'kysely';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Database } from '../database/database.js';
import type { Sweeps } from '../cluster/sweeps.js';
import type { RateLimitTables } from './rate-limit-table.js';

const TABLE = 'rate_limit';
const HOUR_MS = 60 * 60 * 1000;

export interface LimitOptions {
  /** Permanent, because keys in the table begin with it. */
  name: string;
  points: number;
  seconds: number;
  /**
   * From `from` points on, this process refuses the key without asking the database. It refuses for `seconds`, or else
   * until the window ends.
   */
  blockInMemory: { from: number; seconds?: number };
}

/** The query that rate-limiter-flexible passes to its client. */
interface LimiterQuery {
  text: string;
  values?: readonly unknown[];
}

/**
 * Makes limits that all instances share and that survive restarts. The database counts in windows that begin with the
 * first point.
 */
export class RateLimits {
  private readonly secret: KeyObject;

  constructor(
    private readonly database: Database,
    private readonly sweeps: Sweeps,
    secret: Buffer,
  ) {
    this.secret = createSecretKey(secret);
  }

  limiter({ name, points, seconds, blockInMemory }: LimitOptions): RateLimiterPostgres {
    return new RateLimiterPostgres({
      storeClient: { query: async (query: LimiterQuery) => this.query(query) },
      storeType: 'client',
      tableName: TABLE,
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points,
      duration: seconds,
      inMemoryBlockOnConsumed: blockInMemory.from,
      ...(blockInMemory.seconds === undefined ? {} : { inMemoryBlockDuration: blockInMemory.seconds }),
    });
  }

  /**
   * Makes a limit of points per hour. The process may refuse from memory, because points are never given back: a refusal
   * holds until the hour is over.
   * @param name permanent, as in `LimitOptions`
   */
  hourly(name: string, points: number): RateLimiterPostgres {
    return this.limiter({ name, points, seconds: HOUR_MS / 1000, blockInMemory: { from: points + 1 } });
  }

  /** Returns a keyed hash in place of an address or an origin, so that the table holds nothing about a person. */
  keyOf(...parts: string[]): string {
    return createHmac('sha256', this.secret).update(parts.join('\n')).digest('base64url');
  }

  /** Removes expired keys. */
  @Interval(HOUR_MS)
  async sweep(): Promise<void> {
    await this.sweeps.run(async () =>
      this.database.kysely<RateLimitTables>().deleteFrom('rate_limit').where('expire', '<', Date.now()).execute(),
    );
  }

  private async query({ text, values = [] }: LimiterQuery): Promise<{ rows: unknown[]; rowCount: number }> {
    const { rows } = await this.database.kysely().executeQuery(CompiledQuery.raw(text, [...values]));
    return { rows, rowCount: rows.length };
  }
}
