import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AddressChanges } from './address-changes.js';
import { AddressLinks } from './address-links.js';

/** Changes the address by the link that was mailed to the new one. Sessions go on. */
export class ConfirmAddressChange extends Command<void> {
  constructor(readonly token: string) {
    super();
  }
}

@CommandHandler(ConfirmAddressChange)
export class ConfirmAddressChangeHandler implements ICommandHandler<ConfirmAddressChange> {
  constructor(
    private readonly links: AddressLinks,
    private readonly changes: AddressChanges,
  ) {}

  async execute({ token }: ConfirmAddressChange): Promise<void> {
    const { personId, request } = await this.links.openRequest(token);
    await this.changes.confirm(personId, request.issue);
  }
}
