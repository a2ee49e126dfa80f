import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { NotificationBus } from '../cluster/notification-bus.js';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { CommandHandling } from './command-handling.js';
import type { EventShapes } from './event-shapes.js';
import { EventStore } from './event-store.js';
import { KeepsCompanionRows } from './companion-rows.js';
import { openEventStore } from './open-event-store.js';

export interface EventSourcingOptions {
  /** Null: events are in the database. */
  eventStoreUrl: string | null;
  eventShapes: EventShapes;
}

/** The log, and decisions on it. A module of the domain provides `KeepsCompanionRows`. */
@Global()
@Module({ providers: [CommandHandling], exports: [CommandHandling, EventStore] })
export class EventSourcingModule implements OnApplicationShutdown {
  static with({ eventStoreUrl, eventShapes }: EventSourcingOptions): DynamicModule {
    return {
      module: EventSourcingModule,
      providers: [
        {
          provide: EventStore,
          useFactory: async (database: Database, notificationBus: NotificationBus, people: KeepsCompanionRows) =>
            openEventStore(database, eventStoreUrl, { notificationBus, people, shapes: eventShapes }),
          inject: [Database, NotificationBus, KeepsCompanionRows],
        },
      ],
    };
  }

  constructor(
    private readonly store: EventStore,
    private readonly closing: Closing,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('event-store', async () => this.store.close());
  }
}
