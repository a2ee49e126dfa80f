import { openField } from '../../../shared/crypto/sealing.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import type { KnownPerson } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import type { SealedAddress } from './address.js';

/** Opens an address of the person's stream. @throws when it was sealed for another person or place */
export function openAddress(person: KnownPerson, { eventId, field, sealed }: SealedAddress): EmailAddress {
  return openField(person, { stream: personStream(person.personId), eventId, field }, sealed) as EmailAddress;
}
