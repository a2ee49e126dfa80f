import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MailServerController } from './mail-server.controller.js';
import { MetricsController } from './metrics.controller.js';
import { HistoryVerifier } from '../history/history.contract.js';
import { OperatorActs } from './acts/operator-acts.js';
import { InstancesController } from './instances/instances.controller.js';
import { ListInstancesHandler } from './instances/list-instances.query.js';
import { ListOutboxHandler } from './outbox/list-outbox.query.js';
import { OutboxController } from './outbox/outbox.controller.js';
import { RetryMailHandler } from './outbox/retry-mail.command.js';
import { ListProjectionsHandler } from './read-models/list-projections.query.js';
import { ProjectionsController } from './read-models/projections.controller.js';
import { RebuildProjectionHandler } from './read-models/rebuild-projection.command.js';
import { ResumeProjectionHandler } from './read-models/resume-projection.command.js';
import { VerifyHistoryHandler } from './read-models/verify-history.command.js';
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
    OutboxController,
    InstancesController,
    SecurityTxtController,
  ],
  providers: [
    OperatorActs,
    ListProjectionsHandler,
    ResumeProjectionHandler,
    RebuildProjectionHandler,
    HistoryVerifier,
    VerifyHistoryHandler,
    ListOutboxHandler,
    RetryMailHandler,
    ListInstancesHandler,
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
