import { Injectable } from '@nestjs/common';
import {
  ownershipFrom,
  type OwnerNotice,
  OwnerNoticeMails,
  ownerNoticeProjection,
  ownershipStream,
  roleCatalogueFrom,
  roleStream,
} from '../../access/access.contract.js';
import { placeName, resolveRole, type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { invitationOf } from '../../invitations/invitations.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { type EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import type { Projection } from '../../../shared/projections/projection.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';
import { grantNoticeMail } from './grant-notice.mail.js';
import { gained, grantNoticesFrom, isAny, powersOf, type Powers } from './grant-notices.js';
import { staffMemberFrom } from '../members/staff-member.js';

/** Outbox kinds: a person got a role, or a role got more permissions. */
const KINDS = { staff: 'grant-notice', role: 'role-notice' } as const;
const NO_POWERS: Powers = { seesIdentifiers: false, mayGrant: false };

/** The grant that an event made, as the log had it at that event. */
interface GrantedPowers {
  powers: Powers;
  /** The personId of the role's new holder; null when the role itself changed. */
  who: string | null;
  roleName: string;
  /** The person who gave or changed it, or `system`. */
  by: string;
  scope: ScopeRef;
}

/** Puts a mail into the outbox for each owner who switched notices about grants on. */
export function grantNoticeProjection(store: EventStore): Projection {
  return ownerNoticeProjection(
    'grant-notice',
    ['InvitationAccepted', 'StaffRoleChanged', 'RoleEdited', 'RoleDeleted'],
    async (event) => noticesOf(event, store),
  );
}

function kindOf({ stream }: StoredEvent): (typeof KINDS)[keyof typeof KINDS] | null {
  const category = StreamId.parse(stream).category;
  return category === 'staff' || category === 'role' ? KINDS[category] : null;
}

/**
 * Reads streams as they were at the event, so that a replay mails nobody else. Looks up the owners first, because for
 * most events none wants a notice.
 */
async function noticesOf(event: StoredEvent, store: EventStore): Promise<OwnerNotice[]> {
  const { organisationId } = event.metadata;
  const kind = kindOf(event);
  if (kind === null || organisationId === null) return [];
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
  return wanting.filter((id) => id !== granted.who).map((recipient) => ({ kind, event, recipient }));
}

/** The grant that the event made; null for none. */
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

/** The powers that holders of a custom role gained by its edit, or by its deletion with a successor. */
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
 * Writes these mails. Writes none to a recipient who is no longer an owner, or who switched the notices off. Writes one
 * even if the grant has ended since.
 */
@Injectable()
export class GrantNoticeMails extends OwnerNoticeMails {
  override readonly kinds = Object.values(KINDS);

  protected override async mail(entry: OutboxEntry): Promise<Mail | null> {
    const { kind, stream, invitation_id: uuid, issue } = entry;
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
    if (!granted || !scope || !organisation) return null;
    const wants = (history: readonly StoredEvent[]) => grantNoticesFrom(history).has(organisationId);
    if (!(await this.stillWants(recipient, [organisation], wants))) return null;
    const ids = [recipient, granted.by, ...(granted.who === null ? [] : [granted.who])];
    const [people, names] = await Promise.all([
      this.people.getByIds(ids.filter((id) => id !== SYSTEM)),
      this.names.of(ids),
    ]);
    const nameOf = (id: string): string | null => names.get(id) ?? people.get(id)?.email ?? null;
    const [to, who] = [people.get(recipient)?.email, granted.who === null ? null : nameOf(granted.who)];
    // Nobody gets a mail about an erased person, and an erased person gets none.
    if (to === undefined || (granted.who !== null && who === null)) return null;
    const view = {
      ...granted.powers,
      who,
      roleName: granted.roleName,
      place: placeName(scope),
      organisationName: organisation.name,
      by: nameOf(granted.by),
    };
    return this.write(entry, to, grantNoticeMail, view);
  }
}
