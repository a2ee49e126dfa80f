import { Global, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { Listening } from '../lifecycle/listening.js';
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

/** Mails that wait, who sends them, and whether the mail server takes them: it is asked again while some wait. */
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
          useFactory: (transport: MailTransport, database: Database, clock: Clock) =>
            new MailServer(
              transport,
              async (now) => hasWaiting(database.kysely<OutboxTables>(), now),
              clock,
              mailFailureAdvice,
            ),
          inject: [MailTransport, Database, Clock],
        },
      ],
    };
  }

  constructor(
    private readonly dispatcher: MailDispatcher,
    private readonly server: MailServer,
    private readonly projections: ProjectionRunner,
    private readonly listening: Listening,
    private readonly closing: Closing,
  ) {}

  /** Links in mails say where the server listens. */
  onModuleInit(): void {
    this.projections.onMoved(() => {
      this.dispatcher.notify();
    });
    this.listening.begin(async () => this.dispatcher.start());
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
