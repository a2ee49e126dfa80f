import { Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../../shared/database/database.js';
import { MailDispatcher } from '../../../shared/outbox/mail-dispatcher.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { AddressChanges } from './address-changes.js';
import { AddressController } from './address.controller.js';
import { AddressLimits } from './address-limits.js';
import { AddressLinks } from './address-links.js';
import { addressMailProjection, AddressMails } from './address-mails.js';
import { AddressSweep } from './address-sweep.js';
import { ConfirmAddressChangeHandler } from './confirm-address-change.command.js';
import { ReadAddressChangeHandler } from './read-address-change.query.js';
import { ReadAddressUndoHandler } from './read-address-undo.query.js';
import { RequestAddressChangeHandler } from './request-address-change.command.js';
import { UndoAddressChangeHandler } from './undo-address-change.command.js';

/** How people change their own e-mail address. */
@Module({
  controllers: [AddressController],
  providers: [
    AddressChanges,
    AddressLimits,
    AddressLinks,
    AddressMails,
    AddressSweep,
    ConfirmAddressChangeHandler,
    ReadAddressChangeHandler,
    ReadAddressUndoHandler,
    RequestAddressChangeHandler,
    UndoAddressChangeHandler,
  ],
})
export class AddressModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly mails: AddressMails,
    private readonly changes: AddressChanges,
  ) {}

  onModuleInit(): void {
    this.projections.register(addressMailProjection);
    this.dispatcher.register(this.mails);
  }

  /** An embedded instance is the only one, so at its start every hold is one that a crash left behind. */
  async onApplicationBootstrap(): Promise<void> {
    await this.changes.sweep(this.database.embedded);
  }
}
