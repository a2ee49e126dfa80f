import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ProcessManagerRunner } from './process-manager-runner.js';

@Global()
@Module({ providers: [ProcessManagerRunner], exports: [ProcessManagerRunner] })
export class ProcessManagersModule implements OnApplicationBootstrap {
  constructor(private readonly processManagers: ProcessManagerRunner) {}

  /** Starts them after every module has registered its own. They end with the leadership. */
  async onApplicationBootstrap(): Promise<void> {
    await this.processManagers.start();
  }
}
