import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Sweeps } from '../cluster/sweeps.js';
import { Database } from '../database/database.js';
import { Clock } from '../time/clock.js';
import { OwnEvents } from './own-events.js';
import { RateLimits } from './rate-limits.js';

export interface RateLimitsOptions {
  /** The key for the hashes of counted addresses and origins. */
  signInSecret: Buffer;
  /** 0: no limit. */
  ownEventsPerHour: number;
}

@Global()
@Module({ exports: [OwnEvents, RateLimits] })
export class RateLimitsModule {
  static with({ signInSecret, ownEventsPerHour }: RateLimitsOptions): DynamicModule {
    return {
      module: RateLimitsModule,
      providers: [
        {
          provide: OwnEvents,
          useFactory: (database: Database, clock: Clock, sweeps: Sweeps) =>
            new OwnEvents(database, clock, sweeps, ownEventsPerHour),
          inject: [Database, Clock, Sweeps],
        },
        {
          provide: RateLimits,
          useFactory: (database: Database, sweeps: Sweeps) => new RateLimits(database, sweeps, signInSecret),
          inject: [Database, Sweeps],
        },
      ],
    };
  }
}
