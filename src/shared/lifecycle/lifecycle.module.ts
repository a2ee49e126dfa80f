import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Closing } from './closing.js';
import { Listening } from './listening.js';

export interface LifecycleOptions {
  closing: Closing;
}

/** Beginnings and ends that Nest's hooks leave open. */
@Global()
@Module({ providers: [Listening], exports: [Listening, Closing] })
export class LifecycleModule {
  static with({ closing }: LifecycleOptions): DynamicModule {
    return { module: LifecycleModule, providers: [{ provide: Closing, useValue: closing }] };
  }
}
