import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Closing } from '../lifecycle/closing.js';
import type { MailRate } from './mail-rate.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';

export interface MailModuleOptions {
  /** Null: mails wait on the mailbox page. */
  smtpUrl: string | null;
  /** PEM; null: those that Node knows. */
  smtpAuthorities: string | null;
  mailFrom: string;
  /** A rateLimit in SMTP_URL replaces its mails per second. */
  mailRate: MailRate;
}

@Global()
@Module({ providers: [MailTemplates], exports: [MailTemplates, MailTransport] })
export class MailModule implements OnApplicationShutdown {
  static with({ smtpUrl, smtpAuthorities, mailFrom, mailRate }: MailModuleOptions): DynamicModule {
    return {
      module: MailModule,
      providers: [
        {
          provide: MailTransport,
          useFactory: () => new MailTransport({ smtpUrl, smtpAuthorities, from: mailFrom, rate: mailRate }),
        },
      ],
    };
  }

  constructor(
    private readonly transport: MailTransport,
    private readonly closing: Closing,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('mail-transport', () => {
      this.transport.close();
    });
  }
}
