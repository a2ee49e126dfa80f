import { roleStream } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import type { EntryRow } from '../fold/history-entry.js';
import { RELEASE } from '../fold/fold-event.js';
import type { RoleHistory } from '../access/role-history.js';
import type { Use } from './chain-link.js';

/** The types of events that offer an invitation, and that change a grant. */
export const OFFERS: readonly string[] = ['InvitationIssued', 'InvitationReissued', 'InvitationChanged'];
export const CHANGES: readonly string[] = [
  'StaffRoleChanged',
  'GroupPermissionsChanged',
  'PatientOffboarded',
  'PatientReactivated',
];
const OPENINGS: readonly string[] = ['InvitationAccepted', 'GroupFounderJoined'];
export const ON_MEMBERSHIPS = [...OFFERS, ...OPENINGS, ...CHANGES];
export const CREATIONS = ['OrganisationCreated', 'DeploymentCreated', 'GroupCreated'];
export const STATES = ['OrganisationArchived', 'OrganisationRestored', 'DeploymentArchived', 'DeploymentRestored'];
export const DEFINITIONS = ['RoleDefined', 'RoleEdited', 'RoleDeleted'];

/** The stream of what releases mean. */
export const RELEASES = roleStream(PLATFORM.id);

/** The events that links are picked from, by stream, in the order of their numbers. */
export type EntriesByStream = ReadonlyMap<string, readonly EntryRow[]>;

/** A link before it is known by whose authority it came. */
export interface Picked {
  entry: EntryRow;
  isNeeded: boolean;
}

/** The events that made somebody a member, and the changes of the grant since. */
interface Membership {
  offers: readonly EntryRow[];
  opening: EntryRow | undefined;
  changes: readonly EntryRow[];
}

/** The events of a membership stream behind a grant. */
export function membershipOf({ grant }: Use, entries: EntriesByStream): Membership {
  const events = (entries.get(grant.key) ?? []).filter(({ number }) => number <= grant.from_number);
  const opening = events.findLast(({ type }) => OPENINGS.includes(type));
  const since = opening?.number ?? -1;
  return {
    opening,
    offers: events.filter(
      ({ type, about, number }) => OFFERS.includes(type) && about === opening?.about && number < since,
    ),
    changes: events.filter(({ type, number }) => CHANGES.includes(type) && number > since),
  };
}

/** The patient link through which somebody was invited; undefined: through none. */
export function linkBehind({ offers }: Pick<Membership, 'offers'>): string | undefined {
  const id = (offers[0]?.data['grant'] as { linkId?: unknown } | undefined)?.linkId;
  return typeof id === 'string' ? id : undefined;
}

/**
 * The links of a grant: the issue, the acceptance, the change and the definition in force, the scope's creation.
 * @param isAsked whether the answer is about this grant, and so also says what limits it
 */
export function linksOf(use: Use, entries: EntriesByStream, roles: RoleHistory, isAsked: boolean): Picked[] {
  const { offers, opening, changes } = membershipOf(use, entries);
  const { grant, number } = use;
  const terms = offers.findLast(({ type }) => type === 'InvitationChanged');
  const isNeededOffer = (offer: EntryRow): boolean => offer === offers[0] || offer === terms || offer === offers.at(-1);
  const link = linkBehind({ offers });
  const created = (entries.get(`${grant.scope_kind}-${grant.scope_id}`) ?? []).filter(({ type }) =>
    CREATIONS.includes(type),
  );
  return [
    ...created.filter((entry) => entry.number <= number).map(needed),
    ...(isAsked ? archivings(use, entries).map(context) : []),
    ...(link === undefined ? [] : (entries.get(`patientLink-${link}`) ?? []).map(needed)),
    ...offers.map((entry) => ({ entry, isNeeded: isNeededOffer(entry) })),
    ...(opening ? [needed(opening)] : []),
    ...changes.map((entry) => ({ entry, isNeeded: entry === changes.at(-1) })),
    ...definitionsOf(use, entries, roles),
  ];
}

/** What an archived scope leaves is less: the archiving in force, there and above. */
function archivings({ grant, number }: Use, entries: EntriesByStream): EntryRow[] {
  const scopes = [`${grant.scope_kind}-${grant.scope_id}`, `organisation-${grant.organisation_id ?? ''}`];
  return [...new Set(scopes)].flatMap((stream) => {
    const last = entries.get(stream)?.findLast((entry) => STATES.includes(entry.type) && entry.number <= number);
    return last?.type.endsWith('Archived') ? [last] : [];
  });
}

/** The definitions in force of what the grant names. Patients and observers have none. */
function definitionsOf({ grant, number }: Use, entries: EntriesByStream, roles: RoleHistory): Picked[] {
  const releases = entries.get(RELEASES) ?? [];
  const release = (eventId: string | undefined): Picked[] =>
    releases.filter(({ event_id: id }) => id === eventId).map(needed);
  if (grant.kind === 'groupMember') return release(roles.versionOf(RELEASE, number)?.opened_by);
  if (grant.kind !== 'staff') return [];
  const versions = roles.versionsBehind(grant.role, number);
  const last = versions.at(-1);
  const implied = roles.versionOf(RELEASE, number)?.tables?.implied ?? {};
  const meant = last && !last.deleted ? last.permissions : [];
  const isImplying = meant.some((permission) => (implied[permission] ?? []).some((one) => !meant.includes(one)));
  return [
    ...versions.flatMap(({ key, organisation_id: organisationId, deleted, opened_by: eventId }) => {
      if (organisationId === null) return release(eventId);
      const own = (entries.get(roleStream(organisationId)) ?? []).filter(
        ({ about, number: at }) => about === key && at <= number,
      );
      return deleted
        ? own
            .filter(({ type }) => type === 'RoleDeleted')
            .slice(-1)
            .map(needed)
        : customDefinition(own);
    }),
    ...(isImplying ? release(roles.versionOf(RELEASE, number)?.opened_by) : []),
  ];
}

/** A custom role means what its last event with permissions says. */
function customDefinition(events: readonly EntryRow[]): Picked[] {
  const meant = events.findLast(({ data }) => data['permissions'] !== undefined);
  return events
    .filter((entry) => entry === meant || entry.type === 'RoleDefined')
    .map((entry) => ({ entry, isNeeded: entry === meant }));
}

function needed(entry: EntryRow): Picked {
  return { entry, isNeeded: true };
}

function context(entry: EntryRow): Picked {
  return { entry, isNeeded: false };
}
