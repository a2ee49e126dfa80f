import { Injectable } from '@nestjs/common';
import { ownershipFrom, ownershipStream, roleCatalogueFrom, roleStream, Scopes } from '../../access/access.contract.js';
import { placeName, resolveRole, type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { invitationOf } from '../../invitations/invitations.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import { EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PublicUrl } from '../../../shared/http/links/public-url.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/locales.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { byKey, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import { enqueue, type OutboxEntry } from '../../../shared/outbox/outbox.js';
import { grantNoticeMail } from './grant-notice.mail.js';
import { gained, grantNoticesFrom, isAny, powersOf, type Powers } from './grant-notices.js';
import { staffMemberFrom } from '../members/staff-role-assignments.js';

/** Outbox kinds: a person got a role, or a role got more permissions. */
const KINDS = { staff: 'grant-notice', role: 'role-notice' } as const;
const NO_POWERS: Powers = { seesIdentifiers: false, mayGrant: false };

/** What was granted, as the log had it then. */
interface GrantedPowers {
  powers: Powers;
  /** The personId of the role's new holder; null when the role itself changed. */
  who: string | null;
  roleName: string;
  /** The person who gave or changed it, or `system`. */
  by: string;
  scope: ScopeRef;
}

interface Notice {
  event: StoredEvent;
  recipient: string;
}

/**
 * An outbox projection: puts a mail for each owner who wants to know about far-reaching grants. It has no tables,
 * because a rebuild must not send again.
 */
export function grantNoticeProjection(store: EventStore): Projection {
  return {
    name: 'grant-notice',
    tables: [],
    handles: ['InvitationAccepted', 'StaffRoleChanged', 'RoleEdited', 'RoleDeleted'],
    async prepare(events): Promise<Notice[]> {
      return (await Promise.all(events.map(async (event) => noticesOf(event, store)))).flat();
    },
    async apply(_events, trx, prepared) {
      // The entry names the recipient, and the stream and revision of the event.
      await enqueue(
        trx,
        (prepared as Notice[]).flatMap(({ event, recipient }) => {
          const kind = kindOf(event);
          return kind === null
            ? []
            : [
                {
                  key: deterministicId(event.id, kind, recipient),
                  kind,
                  stream: personStream(recipient),
                  invitation_id: StreamId.parse(event.stream).uuid,
                  issue: event.revision,
                  recorded_at: event.recordedAt,
                },
              ];
        }),
      );
    },
  };
}

function kindOf({ stream }: StoredEvent): (typeof KINDS)[keyof typeof KINDS] | null {
  const category = StreamId.parse(stream).category;
  return category === 'staff' || category === 'role' ? KINDS[category] : null;
}

/**
 * Reads streams as they were at the event, so that a replay tells nobody else. Owners who want notices are looked up
 * first, because most events concern none.
 */
async function noticesOf(event: StoredEvent, store: EventStore): Promise<Notice[]> {
  const { organisationId } = event.metadata;
  if (kindOf(event) === null || organisationId === null) return [];
  const before = ({ position }: StoredEvent): boolean => store.comparePositions(position, event.position) < 0;
  const owners = [
    ...ownershipFrom((await store.read(ownershipStream({ kind: 'organisation', id: organisationId }))).filter(before))
      .owners,
  ];
  if (owners.length === 0) return [];
  const chosen = await store.readMany(owners.map(personStream));
  const wanting = owners.filter((id) =>
    grantNoticesFrom((chosen.get(personStream(id)) ?? []).filter(before)).has(organisationId),
  );
  if (wanting.length === 0) return [];
  const granted = await grantedBy(event, organisationId, store);
  if (granted === null || !isAny(granted.powers)) return [];
  return wanting.filter((id) => id !== granted.who).map((recipient) => ({ event, recipient }));
}

/** What the event granted; null when it granted nothing. */
async function grantedBy(event: StoredEvent, organisationId: string, store: EventStore): Promise<GrantedPowers | null> {
  const histories = await store.readMany([event.stream, roleStream(organisationId)]);
  const before = ({ position }: StoredEvent): boolean => store.comparePositions(position, event.position) < 0;
  const roles = (histories.get(roleStream(organisationId)) ?? []).filter(before);
  return StreamId.parse(event.stream).category === 'role'
    ? roleChange(event, roles)
    : grant(
        event,
        (histories.get(event.stream) ?? []).filter(({ revision }) => revision <= event.revision),
        roles,
      );
}

function grant(
  event: StoredEvent,
  history: readonly StoredEvent[],
  roles: readonly StoredEvent[],
): GrantedPowers | null {
  const member = staffMemberFrom(history);
  const invitation = invitationOf(history);
  if (member.status !== 'active') return null;
  const role = resolveRole(roleCatalogueFrom(roles), member.role);
  if (!role) return null;
  const by =
    event.type === 'InvitationAccepted' && invitation.status !== 'none' ? invitation.issuedBy : event.metadata.actor;
  return {
    powers: powersOf(role.permissions),
    who: member.personId,
    roleName: role.name,
    by,
    scope: scopeOf(event),
  };
}

/** What holders of a custom role gained because it was edited, or because they were moved to another one. */
function roleChange(event: StoredEvent, before: readonly StoredEvent[]): GrantedPowers | null {
  const id = requireText(event.data, 'roleId');
  const [was, is] = [
    resolveRole(roleCatalogueFrom(before), id),
    resolveRole(roleCatalogueFrom([...before, event]), id),
  ];
  if (!is) return null;
  const powers = gained(was ? powersOf(was.permissions) : NO_POWERS, powersOf(is.permissions));
  return { powers, who: null, roleName: is.name, by: event.metadata.actor, scope: scopeOf(event) };
}

/**
 * Writes these mails. None is written for a recipient who owns the organisation no longer or switched the notices off.
 * A grant is told even when it was revoked since.
 */
@Injectable()
export class GrantNoticeMails implements MailComposer {
  readonly kinds = Object.values(KINDS);

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

  private async mail({ key, kind, stream, invitation_id: uuid, issue }: OutboxEntry): Promise<Mail | null> {
    const event = (await this.store.read(`${kind === KINDS.role ? 'role' : 'staff'}-${uuid}`)).find(
      ({ revision }) => revision === issue,
    );
    const organisationId = event?.metadata.organisationId;
    if (!event || !organisationId) return null;
    const recipient = StreamId.parse(stream).uuid;
    const granted = await grantedBy(event, organisationId, this.store);
    const [scope, organisation] = granted
      ? await Promise.all([
          this.scopes.load(granted.scope),
          this.scopes.load({ kind: 'organisation', id: organisationId }),
        ])
      : [];
    if (!granted || !scope || !organisation || !(await this.stillWants(recipient, organisationId))) return null;
    const ids = [recipient, granted.by, ...(granted.who === null ? [] : [granted.who])];
    const [people, names] = await Promise.all([
      this.people.getByIds(ids.filter((id) => id !== SYSTEM)),
      this.names.of(ids),
    ]);
    const nameOf = (id: string): string | null => names.get(id) ?? people.get(id)?.email ?? null;
    const [to, who] = [people.get(recipient)?.email, granted.who === null ? null : nameOf(granted.who)];
    // No mail is written about or to an erased person.
    if (to === undefined || (granted.who !== null && who === null)) return null;
    const view = {
      ...granted.powers,
      who,
      roleName: granted.roleName,
      place: placeName(scope),
      organisationName: organisation.name,
      by: nameOf(granted.by),
      url: `${this.publicUrl.base}/`,
    };
    return { id: key, to, ...this.templates.render(grantNoticeMail, DEFAULT_LOCALE, view) };
  }

  /** Checked again, because days may have passed since the event. */
  private async stillWants(recipient: string, organisationId: string): Promise<boolean> {
    const ownership = ownershipStream({ kind: 'organisation', id: organisationId });
    const histories = await this.store.readMany([ownership, personStream(recipient)]);
    return (
      ownershipFrom(histories.get(ownership) ?? []).owners.has(recipient) &&
      grantNoticesFrom(histories.get(personStream(recipient)) ?? []).has(organisationId)
    );
  }
}
