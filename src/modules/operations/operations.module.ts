import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MailServerController } from './mail-server.controller.js';
import { MetricsController } from './metrics.controller.js';
import { ProjectionsController } from './projections.controller.js';
import { SecurityContact, SecurityTxtController } from './security-txt.controller.js';

export interface OperationsOptions {
  /** A URI; null if the installation publishes none. */
  securityContact: string | null;
}

@Module({
  controllers: [
    HealthController,
    MailServerController,
    MetricsController,
    ProjectionsController,
    SecurityTxtController,
  ],
})
export class OperationsModule {
  static with({ securityContact }: OperationsOptions): DynamicModule {
    return {
      module: OperationsModule,
      providers: [{ provide: SecurityContact, useValue: new SecurityContact(securityContact) }],
    };
  }
}
