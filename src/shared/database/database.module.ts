import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Closing } from '../lifecycle/closing.js';
import { Database } from './database.js';

export interface DatabaseModuleOptions {
  /** An open database. This module closes it. */
  database: Database;
}

@Global()
@Module({ exports: [Database] })
export class DatabaseModule implements OnApplicationShutdown {
  static with({ database }: DatabaseModuleOptions): DynamicModule {
    return { module: DatabaseModule, providers: [{ provide: Database, useValue: database }] };
  }

  constructor(
    private readonly database: Database,
    private readonly closing: Closing,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('database', async () => this.database.close());
  }
}
