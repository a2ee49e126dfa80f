import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import type { AddressUndoLink } from './address.dto.js';
import { AddressLinks } from './address-links.js';
import { openAddress } from './sealed-address.js';

/** What a mailed link that undoes a change of the address opens. Changes nothing. */
export class ReadAddressUndo extends Query<AddressUndoLink> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadAddressUndo)
export class ReadAddressUndoHandler implements IQueryHandler<ReadAddressUndo> {
  constructor(
    private readonly links: AddressLinks,
    private readonly people: People,
  ) {}

  async execute({ token }: ReadAddressUndo): Promise<AddressUndoLink> {
    const { personId, change } = await this.links.openUndo(token);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('address-undo-not-found');
    return { email: openAddress(person, change.from), undoUntil: change.undoUntil };
  }
}
