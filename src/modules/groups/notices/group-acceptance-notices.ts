import { Injectable } from '@nestjs/common';
import { ownershipFrom, ownershipStream, type Scope, Scopes } from '../../access/access.contract.js';
import { placeName, type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import { EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PublicUrl } from '../../../shared/http/links/public-url.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/locales.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { byKey, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import { enqueue, type OutboxEntry } from '../../../shared/outbox/outbox.js';
import { groupAcceptanceMail } from './group-acceptance.mail.js';
import { GROUP_MEMBERS } from '../members/group-member.js';
import { noticesFrom } from './group-notices.js';

const KIND = 'group-acceptance';

interface Notice {
  event: StoredEvent;
  recipient: string;
}

/**
 * An outbox projection: puts a mail for each administrator and owner who wants to know that somebody accepted. It has
 * no tables, because a rebuild must not send again.
 */
export function groupAcceptanceProjection(store: EventStore): Projection {
  return {
    name: 'group-acceptance-notice',
    tables: [],
    handles: ['InvitationAccepted'],
    async prepare(events): Promise<Notice[]> {
      const accepted = events.filter(({ stream }) => StreamId.parse(stream).category === 'groupMember');
      return (await Promise.all(accepted.map(async (event) => noticesOf(event, store)))).flat();
    },
    async apply(_events, trx, prepared) {
      // The entry names the recipient's stream where an invitation's mail names the membership stream. Its id is the
      // membership's.
      await enqueue(
        trx,
        (prepared as Notice[]).map(({ event, recipient }) => ({
          key: deterministicId(event.id, KIND, recipient),
          kind: KIND,
          stream: personStream(recipient),
          invitation_id: StreamId.parse(event.stream).uuid,
          issue: event.revision,
          recorded_at: event.recordedAt,
        })),
      );
    },
  };
}

/** The ownership streams of the group and its organisation. */
function ownershipsOf(scope: ScopeRef, organisationId: string | null): string[] {
  const owned: ScopeRef[] = organisationId === null ? [scope] : [scope, { kind: 'organisation', id: organisationId }];
  return owned.map(ownershipStream);
}

/** Reads streams as they were when the invitation was accepted, so that a replay tells nobody else. */
async function noticesOf(event: StoredEvent, store: EventStore): Promise<Notice[]> {
  const { organisationId } = event.metadata;
  const before = ({ position }: StoredEvent): boolean => store.comparePositions(position, event.position) < 0;
  const ownerships = await store.readMany(ownershipsOf(scopeOf(event), organisationId));
  const recipients = new Set(
    [...ownerships.values()].flatMap((history) => [...ownershipFrom(history.filter(before)).owners]),
  );
  recipients.delete(requireText(event.data, 'personId'));
  const chosen = await store.readMany([...recipients].map(personStream));
  const wanting = [...recipients].filter(
    (id) => noticesFrom((chosen.get(personStream(id)) ?? []).filter(before)).acceptances,
  );
  return wanting.map((recipient) => ({ event, recipient }));
}

/**
 * Writes these mails. None is written when the accepted member has left, or when the recipient is no owner or
 * administrator any more or switched the notice off.
 */
@Injectable()
export class GroupAcceptanceMails implements MailComposer {
  readonly kinds = [KIND];

  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly publicUrl: PublicUrl,
    private readonly templates: MailTemplates,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    return byKey(await Promise.all(entries.map(async (entry) => this.mail(entry))));
  }

  /** Checked again, because days may have passed since the acceptance. */
  private async stillWants(recipient: string, scope: Scope): Promise<boolean> {
    const ownerships = ownershipsOf(scope, scope.organisation?.id ?? null);
    const histories = await this.store.readMany([...ownerships, personStream(recipient)]);
    const isOwner = ownerships.some((stream) => ownershipFrom(histories.get(stream) ?? []).owners.has(recipient));
    return isOwner && noticesFrom(histories.get(personStream(recipient)) ?? []).acceptances;
  }

  private async mail(entry: OutboxEntry): Promise<Mail | null> {
    const history = await this.store.read(`groupMember-${entry.invitation_id}`);
    const member = GROUP_MEMBERS.activeFrom(history);
    const scope = history[0] && (await this.scopes.load(scopeOf(history[0])));
    const recipient = StreamId.parse(entry.stream).uuid;
    if (!member || !scope || scope.archived || !(await this.stillWants(recipient, scope))) return null;
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
      url: `${this.publicUrl.base}/`,
    };
    return { id: entry.key, to, ...this.templates.render(groupAcceptanceMail, DEFAULT_LOCALE, view) };
  }
}
