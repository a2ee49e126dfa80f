import type { Permission, ScopeKind } from '../../access/access.domain.contract.js';
import type { TextKey } from '../texts/texts.en.js';

/** What decides whether a person sees a link to an area of a place: the facts by which the API decides. */
export interface Sight {
  kind: ScopeKind;
  /** Whether the person holds a role there. Guests and patients hold none. */
  holdsRole: boolean;
  can: (permission: Permission) => boolean;
}

/** An area of a place, or something to do there. */
export interface Area {
  label: TextKey;
  icon: string;
  /** What follows the path of the place. */
  segment: string;
  isOpenTo(sight: Sight): boolean;
}

/** The links of the side bar, in their order. A page that doesn't exist has none. */
export const AREAS: readonly Area[] = [
  { label: 'shell.overview', icon: 'overview', segment: '', isOpenTo: ({ kind }) => kind !== 'platform' },
  { label: 'shell.organisations', icon: 'building', segment: '', isOpenTo: ({ kind }) => kind === 'platform' },
  {
    label: 'shell.team',
    icon: 'people',
    segment: '/staff',
    isOpenTo: ({ kind, can }) => kind !== 'platform' && can('staff.view'),
  },
  {
    label: 'shell.platformStaff',
    icon: 'people',
    segment: '/staff',
    isOpenTo: ({ kind, can }) => kind === 'platform' && can('staff.view'),
  },
  {
    label: 'shell.roles',
    icon: 'roles',
    segment: '/roles',
    isOpenTo: ({ kind, holdsRole }) => kind !== 'platform' && holdsRole,
  },
];

/** What a person may do, in the menu next to their name. */
export const DEEDS: readonly Area[] = [
  { label: 'shell.inviteStaff', icon: 'invite', segment: '/staff/invite', isOpenTo: ({ can }) => can('staff.manage') },
  {
    label: 'shell.editRoles',
    icon: 'roles',
    segment: '/roles',
    isOpenTo: ({ kind, can }) => kind !== 'platform' && can('roles.edit'),
  },
];
