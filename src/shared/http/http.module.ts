import { Global, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { CookieAttributes } from './cookies.js';
import { IdempotencySweep } from './idempotency/idempotency-sweep.js';
import { ProblemCatalogue } from '../problems/problem-catalogue.js';
import { IdempotentCalls, type RepeatRules } from './idempotency/idempotent-calls.js';
import { PublicUrl } from './links/public-url.js';
import { MetricsAccess } from './metrics/metrics-access.js';
import { MetricsServer } from './metrics/metrics-server.js';
import { Metrics } from './metrics/metrics.js';
import { PositionTokens } from './positions/position-tokens.js';

export interface HttpOptions {
  /** Null: where the server listens. */
  publicUrl: string | null;
  masterKey: Buffer;
  /** Null: numbers are not served at a port of their own. */
  metricsPort: number | null;
  metricsToken: string | null;
  problems: ProblemCatalogue;
  repeatRules: RepeatRules;
}

/** What every route builds on; the guards that look at every call are listed in `app.module.ts`. */
@Global()
@Module({
  providers: [Metrics, IdempotencySweep],
  exports: [Metrics, PublicUrl, CookieAttributes, MetricsAccess, PositionTokens, IdempotentCalls, ProblemCatalogue],
})
export class HttpModule implements OnApplicationBootstrap, OnModuleDestroy {
  static with({ publicUrl, masterKey, metricsPort, metricsToken, problems, repeatRules }: HttpOptions): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: PublicUrl, useValue: new PublicUrl(publicUrl) },
        { provide: ProblemCatalogue, useValue: problems },
        { provide: CookieAttributes, useValue: new CookieAttributes(publicUrl) },
        { provide: MetricsAccess, useValue: new MetricsAccess(metricsPort === null ? metricsToken : null) },
        {
          provide: MetricsServer,
          useFactory: (metrics: Metrics) => new MetricsServer(metrics, metricsPort),
          inject: [Metrics],
        },
        {
          provide: PositionTokens,
          useFactory: (database: Database) => new PositionTokens(database, masterKey),
          inject: [Database],
        },
        {
          provide: IdempotentCalls,
          useFactory: (database: Database) => new IdempotentCalls(database, masterKey, problems, repeatRules),
          inject: [Database],
        },
      ],
    };
  }

  constructor(
    private readonly metrics: MetricsServer,
    private readonly closing: Closing,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.metrics.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.closing.step('metrics', async () => this.metrics.close());
  }
}
