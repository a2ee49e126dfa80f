import { Global, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { CookieAttributes } from './cookies.js';
import { IdempotencySweep } from './idempotency/idempotency-sweep.js';
import { ProblemCatalogue } from '../problems/problem-catalogue.js';
import { IdempotentCalls, type RepeatRules } from './idempotency/idempotent-calls.js';
import { LinkTokens } from './links/link-token.js';
import { PublicUrl } from './links/origin.js';
import { MetricsAccess } from './metrics/metrics-access.js';
import { MetricsServer } from './metrics/metrics-server.js';
import { Metrics } from './metrics/metrics.js';
import { PositionTokens } from './positions/event-position.js';

export interface HttpOptions {
  /** Null: the address that the server listens on. */
  publicUrl: string | null;
  masterKey: Buffer;
  /** The first secret signs links, and each one verifies them. */
  linkSecrets: readonly Buffer[];
  /** Null: the metrics have no port of their own. */
  metricsPort: number | null;
  metricsToken: string | null;
  problems: ProblemCatalogue;
  repeatRules: RepeatRules;
}

/** The services that every route uses. `app.module.ts` lists the guards of every call. */
@Global()
@Module({
  providers: [Metrics, IdempotencySweep],
  exports: [
    Metrics,
    PublicUrl,
    LinkTokens,
    CookieAttributes,
    MetricsAccess,
    PositionTokens,
    IdempotentCalls,
    ProblemCatalogue,
  ],
})
export class HttpModule implements OnApplicationBootstrap, OnModuleDestroy {
  static with({
    publicUrl,
    masterKey,
    linkSecrets,
    metricsPort,
    metricsToken,
    problems,
    repeatRules,
  }: HttpOptions): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: PublicUrl, useValue: new PublicUrl(publicUrl) },
        { provide: LinkTokens, useFactory: () => new LinkTokens(linkSecrets) },
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
