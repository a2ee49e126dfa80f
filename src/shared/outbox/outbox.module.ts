import { Global, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { Listening } from '../lifecycle/listening.js';
import { ProcessRole } from '../lifecycle/process-role.js';
import type { MailFailureAdvice } from '../mail/mail-failures.js';
import { MailServer } from '../mail/mail-server.js';
import { MailTransport } from '../mail/mail-transport.js';
import { ProjectionRunner } from '../projections/projection-runner.js';
import { Clock } from '../time/clock.js';
import { MailDispatcher } from './mail-dispatcher.js';
import { hasWaiting, type OutboxTables } from './outbox.js';

export interface OutboxOptions {
  /** What an operator can do about each reason. */
  mailFailureAdvice: MailFailureAdvice;
}

/** Sends waiting mails, and knows whether the mail server takes mails. */
@Global()
@Module({
  providers: [MailDispatcher],
  exports: [MailDispatcher, MailServer],
})
export class OutboxModule implements OnModuleInit, OnApplicationShutdown {
  static with({ mailFailureAdvice }: OutboxOptions): DynamicModule {
    return {
      module: OutboxModule,
      providers: [
        {
          provide: MailServer,
          useFactory: (transport: MailTransport, database: Database, clock: Clock, role: ProcessRole) =>
            new MailServer(
              transport,
              async (now) => hasWaiting(database.kysely<OutboxTables>(), now),
              clock,
              mailFailureAdvice,
              { sendsMails: role.runsWork },
            ),
          inject: [MailTransport, Database, Clock, ProcessRole],
        },
      ],
    };
  }

  constructor(
    private readonly dispatcher: MailDispatcher,
    private readonly server: MailServer,
    private readonly projections: ProjectionRunner,
    private readonly listening: Listening,
    private readonly role: ProcessRole,
    private readonly closing: Closing,
  ) {}

  /** Begins when the server listens, because links in mails may hold its address. */
  onModuleInit(): void {
    this.projections.onMoved(this.dispatcher.notify.bind(this.dispatcher));
    if (this.role.runsWork) this.listening.begin(async () => this.dispatcher.start());
    this.listening.begin(() => {
      this.server.start();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('mails', async () => this.dispatcher.stop());
    await this.closing.step('mail-server', () => {
      this.server.stop();
    });
  }
}
