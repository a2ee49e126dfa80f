import { Global, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Closing } from '../lifecycle/closing.js';
import { ProjectionRunner } from './projection-runner.js';
import { ProjectionRunners } from './projection-runners.js';

@Global()
@Module({ providers: [ProjectionRunner, ProjectionRunners], exports: [ProjectionRunner, ProjectionRunners] })
export class ProjectionsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly runners: ProjectionRunners,
    private readonly closing: Closing,
  ) {}

  /** Starts them after every module has registered its own. */
  async onApplicationBootstrap(): Promise<void> {
    await this.runners.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('projections', async () => this.runners.stop());
  }
}
