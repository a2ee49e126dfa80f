import type { GrantView } from '../../modules/history/access/access.dto.js';
import { grantView } from '../../modules/history/access/grant-views.js';
import type { AccessReplay } from '../../modules/history/replay/access-replay.js';
import type { People } from '../../modules/people/people.js';
import { openField } from '../../shared/crypto/sealing.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';

/**
 * The grants of a replay, in the shape of the access list.
 * @param people null: nobody has a name, because the keys of names are not at hand
 */
export async function accessLines(
  organisation: string,
  replay: AccessReplay,
  people: People | null,
): Promise<GrantView[]> {
  const { grants, meanings } = replay;
  const known = await people?.getByIds([...new Set(grants.map(({ person_id: id }) => id))]);
  const nameOf = (personId: string): string | null => {
    const [person, name] = [known?.get(personId), replay.nameOf(personId)];
    if (!person) return null;
    if (!name) return person.email;
    const place = { stream: name.stream, eventId: name.opened_by ?? '', field: 'name' };
    return openField(person, place, { personId, sealed: name.sealed });
  };
  const scope = { kind: 'organisation', id: organisation, name: '' } as const;
  return grants.map((row) =>
    grantView(row, scope, meanings, {
      grantId: row.opened_by,
      membershipId: StreamId.parse(row.key).uuid,
      person: { personId: row.person_id, name: nameOf(row.person_id) },
    }),
  );
}
