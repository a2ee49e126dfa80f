import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock } from './clock.js';

export interface TimeOptions {
  clock: Clock;
}

@Global()
@Module({ exports: [Clock] })
export class TimeModule {
  static with({ clock }: TimeOptions): DynamicModule {
    return { module: TimeModule, providers: [{ provide: Clock, useValue: clock }] };
  }
}
