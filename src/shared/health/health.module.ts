import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Health, HealthLimits } from './health.js';

export interface HealthOptions {
  /** Absent: the defaults. */
  healthLimits?: Partial<HealthLimits> | undefined;
}

@Global()
@Module({ providers: [Health], exports: [Health, HealthLimits] })
export class HealthModule {
  static with({ healthLimits }: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      providers: [{ provide: HealthLimits, useValue: Object.assign(new HealthLimits(), healthLimits) }],
    };
  }
}
