import { eventId } from '../../shared/event-sourcing/command-handling.js';
import type { People } from './people.js';
import { sealField, type Sealed } from '../../shared/crypto/sealing.js';

/**
 * Seals a reason under the key of the person whom it is about, for the first event of the command on `stream`.
 * Undefined without a key.
 */
export async function sealReason(
  people: People,
  personId: string,
  stream: string,
  reason: string,
): Promise<Sealed | undefined> {
  const person = (await people.getByIds([personId])).get(personId);
  return person && sealField(person, { stream, eventId: eventId(stream, 0), field: 'reason' }, reason);
}
