import { OWNER_ROLES, PLATFORM } from '../../access/access.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import type { EntryRow } from '../fold/history-entry.js';
import type { RoleHistory } from '../access/role-history.js';
import { holdsAt } from '../reading/past-facts.js';
import type { Basis, HeldGrant, Use } from './chain-link.js';
import { CHANGES, type EntriesByStream, linkBehind, membershipOf, OFFERS } from './grant-links.js';

/** What somebody had to be able to do for an event to be stored. */
export interface Power {
  person: string;
  /** The last number before the event. */
  number: number;
  /** The scopes in which a role gives the power, the nearest first. */
  scopes: readonly string[];
  /** The permission that a role must give; null: only administrators of the group, and of the account, have the power. */
  permission: string | null;
  /** The roles that the holder had to be allowed to give. */
  roles: readonly string[];
}

/** The permission to do what an event says, where its type tells it alone. */
const OF_TYPES: Readonly<Record<string, string>> = {
  OrganisationCreated: 'organisation.create',
  DeploymentCreated: 'deployment.manage',
  GroupCreated: 'groups.create',
  GroupFounderJoined: 'groups.create',
  PatientLinkCreated: 'patients.manage',
  PatientOffboarded: 'patients.offboard',
  RoleDefined: 'roles.edit',
  RoleEdited: 'roles.edit',
  RoleDeleted: 'roles.edit',
};
/** The permission to invite, by the kind of grant. */
const TO_INVITE: Readonly<Record<string, string>> = {
  staff: 'staff.manage',
  observer: 'staff.manage',
  patient: 'patients.manage',
};
/** Owners of the organisation and of the platform administer its groups too. Source: docs/domain.md §9 */
const ACCOUNT_ADMINISTRATORS: readonly string[] = Object.values(OWNER_ROLES);
/** The permission of a group's administrators. */
const ADMINISTERS_GROUP = 'group.administer';

/** By what an event could happen: the power that its actor needed, or why nobody needed one. */
export function powerBehind(entry: EntryRow, use: Use, entries: EntriesByStream): Power | Exclude<Basis, 'grant'> {
  if (entry.type === 'BuiltInRolesChanged') return 'release';
  const { offers } = membershipOf(use, entries);
  if (entry.type !== 'InvitationAccepted')
    return entry.actor === SYSTEM ? basisOfSystem(use, offers) : powerOf(entry, use, offers, entry.actor);
  // An acceptance is the invitee's own act. For staff, the issuer must still be allowed to give the role.
  if (use.grant.kind !== 'staff') return 'oneself';
  const issuer = offers.at(-1)?.actor;
  if (issuer === SYSTEM) return basisOfSystem(use, offers);
  return issuer === undefined ? 'unknown' : powerOf(entry, use, offers, issuer);
}

/** The product invites by itself the first super-admin, and people who asked through a patient link. */
function basisOfSystem({ grant }: Use, offers: readonly EntryRow[]): 'first-start' | 'link' | 'unknown' {
  if (linkBehind({ offers }) !== undefined) return 'link';
  return grant.scope_id === PLATFORM.id ? 'first-start' : 'unknown';
}

function powerOf(entry: EntryRow, { grant }: Use, offers: readonly EntryRow[], person: string): Power {
  const { type, number, scope_id: scopeId, organisation_id: organisationId } = entry;
  const isOfGroup = grant.kind === 'groupMember' && (OFFERS.includes(type) || CHANGES.includes(type));
  return {
    person,
    number: number - 1,
    scopes: [...new Set([scopeId, ...(organisationId === null ? [] : [organisationId]), PLATFORM.id])],
    permission: isOfGroup ? null : (OF_TYPES[type] ?? TO_INVITE[grant.kind] ?? null),
    roles: grant.kind === 'staff' ? rolesIn(entry, offers) : [],
  };
}

/** The roles that an event of a staff membership gives or takes. */
function rolesIn({ type, data, number }: EntryRow, offers: readonly EntryRow[]): string[] {
  if (type === 'StaffRoleChanged') return [data['from'], data['to']].map(String);
  if (!OFFERS.includes(type) && type !== 'InvitationAccepted') return [];
  const own = offeredRole(data);
  const before = offers.findLast((offer) => offer.number < number && offeredRole(offer.data) !== undefined);
  const isTold = own !== undefined && type !== 'InvitationChanged';
  return [...(isTold || !before ? [] : [offeredRole(before.data)]), own].filter((role) => role !== undefined);
}

function offeredRole(data: EntryRow['data']): string | undefined {
  return (data['grant'] as { role?: string } | undefined)?.role;
}

/**
 * The grant that gave somebody a power: of several the nearest in scope. Where one gives the permission and another the
 * right to give the role, the nearest with the permission.
 */
export function authorityFor(power: Power, held: readonly HeldGrant[], roles: RoleHistory): HeldGrant | null {
  const { person, number, scopes } = power;
  const near = held
    .filter((grant) => grant.person_id === person && scopes.includes(grant.scope_id) && holdsAt(grant, number))
    .sort((a, b) => scopes.indexOf(a.scope_id) - scopes.indexOf(b.scope_id));
  const permitting = near.filter((grant) => permits(grant, power, roles));
  return permitting.find((grant) => mayGiveAll(grant, power, roles)) ?? permitting[0] ?? null;
}

function permits({ kind, role }: HeldGrant, { permission, number }: Power, roles: RoleHistory): boolean {
  const meaning = roles.meanings(number).of(kind, role);
  if (permission !== null) return meaning.permissions.includes(permission);
  return kind === 'groupMember'
    ? meaning.permissions.includes(ADMINISTERS_GROUP)
    : ACCOUNT_ADMINISTRATORS.includes(meaning.id);
}

function mayGiveAll({ kind, role }: HeldGrant, { roles: given, number }: Power, roles: RoleHistory): boolean {
  const meanings = roles.meanings(number);
  return given.every((id) => meanings.mayGrant(meanings.of(kind, role), meanings.of('staff', id)));
}
