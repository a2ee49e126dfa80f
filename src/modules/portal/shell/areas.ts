import type { Permission, ScopeKind } from '../../access/access.domain.contract.js';
import { PLACE_PERMISSIONS } from '../settings/place-rights.js';
import type { TextKey } from '../texts/texts.en.js';

/** What decides whether a person sees a link to an area of a place: the facts by which the API decides. */
export interface Sight {
  kind: ScopeKind;
  /** Whether the person holds a role there, or below an organisation. Guests and patients hold none. */
  holdsRole: boolean;
  /** Whether the person is a member of some group of the organisation. */
  isInGroup: boolean;
  isSuperAdmin: boolean;
  /** Whether the person may give some role there. */
  givesRoles: boolean;
  can: (permission: Permission) => boolean;
  /** As `can`, also for a permission that a role below the organisation gives. */
  canWithin: (permission: Permission) => boolean;
}

/** An area of a place, or something to do there. */
export interface Area {
  label: TextKey;
  icon: string;
  /** What follows the path of the place. */
  segment: string;
  isOpenTo(sight: Sight): boolean;
}

/**
 * The links of the side bar, in their order; those of the platform are the tabs of the Admin portal. A page that doesn't
 * exist has none.
 */
export const AREAS: readonly Area[] = [
  { label: 'shell.overview', icon: 'overview', segment: '', isOpenTo: ({ kind }) => kind !== 'platform' },
  { label: 'shell.organisations', icon: 'building', segment: '', isOpenTo: ({ kind }) => kind === 'platform' },
  {
    label: 'shell.deployments',
    icon: 'programme',
    segment: '/deployments',
    isOpenTo: ({ kind }) => kind === 'platform',
  },
  {
    label: 'shell.team',
    icon: 'people',
    segment: '/staff',
    isOpenTo: ({ kind, canWithin }) => kind !== 'platform' && canWithin('staff.view'),
  },
  {
    label: 'shell.patients',
    icon: 'patients',
    segment: '/patients',
    isOpenTo: ({ kind, holdsRole, can }) => kind === 'deployment' && holdsRole && can('patients.view'),
  },
  {
    label: 'groups.title',
    icon: 'group',
    segment: '/groups',
    isOpenTo: ({ kind, holdsRole, isInGroup }) => kind === 'organisation' && (holdsRole || isInGroup),
  },
  {
    label: 'shell.platformStaff',
    icon: 'people',
    segment: '/staff',
    isOpenTo: ({ kind, can }) => kind === 'platform' && can('staff.view'),
  },
  {
    label: 'shell.operations',
    icon: 'operations',
    segment: '/operations',
    isOpenTo: ({ kind, isSuperAdmin }) => kind === 'platform' && isSuperAdmin,
  },
  {
    label: 'shell.roles',
    icon: 'roles',
    segment: '/roles',
    isOpenTo: ({ kind, holdsRole }) => kind !== 'platform' && holdsRole,
  },
  {
    label: 'shell.history',
    icon: 'history',
    segment: '/history',
    isOpenTo: ({ can }) => can('audit.view'),
  },
  {
    label: 'shell.settings',
    icon: 'settings',
    segment: '/settings',
    isOpenTo: ({ kind, can }) =>
      (kind === 'organisation' || kind === 'deployment') && Object.values(PLACE_PERMISSIONS[kind]).some(can),
  },
];

/** What a person may do, in the menu next to their name. */
export const DEEDS: readonly Area[] = [
  {
    label: 'shell.inviteStaff',
    icon: 'invite',
    segment: '/staff/invite',
    isOpenTo: ({ can, givesRoles }) => can('staff.manage') && givesRoles,
  },
  {
    label: 'shell.invitePatients',
    icon: 'patients',
    segment: '/patients/invite',
    isOpenTo: ({ kind, can }) => kind === 'deployment' && can('patients.manage'),
  },
  {
    label: 'shell.editRoles',
    icon: 'roles',
    segment: '/roles',
    isOpenTo: ({ kind, can }) => kind !== 'platform' && can('roles.edit'),
  },
];
