import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import type { AddressChangeLink } from './address.dto.js';
import { AddressLinks } from './address-links.js';
import { openAddress } from './sealed-address.js';

/** What a mailed link that confirms an address opens. Changes nothing. */
export class ReadAddressChange extends Query<AddressChangeLink> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadAddressChange)
export class ReadAddressChangeHandler implements IQueryHandler<ReadAddressChange> {
  constructor(
    private readonly links: AddressLinks,
    private readonly people: People,
  ) {}

  async execute({ token }: ReadAddressChange): Promise<AddressChangeLink> {
    const { personId, request } = await this.links.openRequest(token);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('address-change-not-found');
    return { email: openAddress(person, request.address), expiresAt: request.expiresAt };
  }
}
