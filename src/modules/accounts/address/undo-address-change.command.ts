import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import { Accounts } from '../accounts.js';
import { faultOf, passwordError } from '../new-password.js';
import { AddressChanges } from './address-changes.js';
import { AddressLinks } from './address-links.js';
import { openAddress } from './sealed-address.js';

/** Restores the address before a change by the link that was mailed to it. Ends all sessions, and signs nobody in. */
export class UndoAddressChange extends Command<void> {
  constructor(
    readonly token: string,
    readonly password: string,
  ) {
    super();
  }
}

@CommandHandler(UndoAddressChange)
export class UndoAddressChangeHandler implements ICommandHandler<UndoAddressChange> {
  constructor(
    private readonly links: AddressLinks,
    private readonly people: People,
    private readonly accounts: Accounts,
    private readonly changes: AddressChanges,
  ) {}

  async execute({ token, password }: UndoAddressChange): Promise<void> {
    const { personId, change } = await this.links.openUndo(token);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person || !(await this.accounts.exists(personId))) throw new RuleBroken('address-undo-not-found');
    const fault = faultOf(password, openAddress(person, change.from));
    if (fault) throw new RuleBroken('invalid-input', { errors: [passwordError(fault)] });
    await this.changes.undo(personId, change.issue, await this.accounts.hashPassword(password));
  }
}
