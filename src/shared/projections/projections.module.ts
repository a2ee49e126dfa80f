import { Global, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Closing } from '../lifecycle/closing.js';
import { ProjectionRunner } from './projection-runner.js';

@Global()
@Module({ providers: [ProjectionRunner], exports: [ProjectionRunner] })
export class ProjectionsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly projections: ProjectionRunner,
    private readonly closing: Closing,
  ) {}

  /** Starts them after every module has registered its own. */
  async onApplicationBootstrap(): Promise<void> {
    await this.projections.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('projections', async () => this.projections.stop());
  }
}
