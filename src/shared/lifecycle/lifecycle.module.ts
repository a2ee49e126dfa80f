import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Closing } from './closing.js';
import { Listening } from './listening.js';
import { type ProcessName, ProcessRole } from './process-role.js';

export interface LifecycleOptions {
  closing: Closing;
  process: ProcessName;
}

/** What this process runs, and the beginnings and ends that Nest's hooks leave open. */
@Global()
@Module({ providers: [Listening], exports: [Listening, Closing, ProcessRole] })
export class LifecycleModule {
  static with({ closing, process }: LifecycleOptions): DynamicModule {
    return {
      module: LifecycleModule,
      providers: [
        { provide: Closing, useValue: closing },
        { provide: ProcessRole, useValue: new ProcessRole(process) },
      ],
    };
  }
}
