import { Injectable } from '@nestjs/common';
import {
  ownershipFrom,
  type OwnerNotice,
  OwnerNoticeMails,
  ownerNoticeProjection,
  ownershipStream,
} from '../../access/access.contract.js';
import { placeName, type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { type EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import type { Projection } from '../../../shared/projections/projection.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';
import { groupAcceptanceMail } from './group-acceptance.mail.js';
import { GROUP_MEMBERS } from '../members/group-member.js';
import { noticesFrom } from './group-notices.js';

const KIND = 'group-acceptance';

/** Puts a mail into the outbox for each administrator and owner who switched notices about acceptances on. */
export function groupAcceptanceProjection(store: EventStore): Projection {
  return ownerNoticeProjection('group-acceptance-notice', ['InvitationAccepted'], async (event) =>
    StreamId.parse(event.stream).category === 'groupMember' ? noticesOf(event, store) : [],
  );
}

/** The group and its organisation, whose owners may get the notice. */
function ownedBy(scope: ScopeRef, organisationId: string | null): ScopeRef[] {
  return organisationId === null ? [scope] : [scope, { kind: 'organisation', id: organisationId }];
}

function wantsAcceptances(history: readonly StoredEvent[]): boolean {
  return noticesFrom(history).acceptances;
}

/** Reads streams as they were at the acceptance, so that a replay mails nobody else. */
async function noticesOf(event: StoredEvent, store: EventStore): Promise<OwnerNotice[]> {
  const { organisationId } = event.metadata;
  const before = ({ position }: StoredEvent): boolean => store.comparePositions(position, event.position) < 0;
  const ownerships = await store.readMany(ownedBy(scopeOf(event), organisationId).map(ownershipStream));
  const recipients = new Set(
    [...ownerships.values()].flatMap((history) => [...ownershipFrom(history.filter(before)).owners]),
  );
  recipients.delete(requireText(event.data, 'personId'));
  const chosen = await store.readMany([...recipients].map(personStream));
  const wanting = [...recipients].filter((id) => wantsAcceptances((chosen.get(personStream(id)) ?? []).filter(before)));
  return wanting.map((recipient) => ({ kind: KIND, event, recipient }));
}

/**
 * Writes these mails. Writes none if the new member has left since. Writes none to a recipient who is no longer an
 * owner or administrator, or who switched the notice off.
 */
@Injectable()
export class GroupAcceptanceMails extends OwnerNoticeMails {
  override readonly kinds = [KIND];

  protected override async mail(entry: OutboxEntry): Promise<Mail | null> {
    const history = await this.store.read(`groupMember-${entry.invitation_id}`);
    const member = GROUP_MEMBERS.activeFrom(history);
    const scope = history[0] && (await this.scopes.load(scopeOf(history[0])));
    const recipient = StreamId.parse(entry.stream).uuid;
    if (!member || !scope || scope.archived) return null;
    const owned = ownedBy(scope, scope.organisation?.id ?? null);
    if (!(await this.stillWants(recipient, owned, wantsAcceptances))) return null;
    const [people, names] = await Promise.all([
      this.people.getByIds([recipient, member.personId]),
      this.names.of([member.personId]),
    ]);
    const to = people.get(recipient)?.email;
    if (to === undefined) return null;
    const who = names.get(member.personId) ?? people.get(member.personId)?.email ?? null;
    if (who === null) return null;
    const view = {
      who,
      place: placeName(scope),
      scopeName: scope.name,
      parentName: scope.organisation?.name ?? null,
    };
    return this.write(entry, to, groupAcceptanceMail, view);
  }
}
