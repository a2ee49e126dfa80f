import type { Grant } from '../../invitations/invitations.domain.contract.js';

/**
 * What a member of a group may do: each permission on its own, both, or neither. Every member may view and download.
 * Source: docs/domain.md §9
 */
export interface PermissionSet {
  /** Invites, changes members, sees all content. */
  administrator: boolean;
  /** Creates, edits, uploads. */
  contentCreator: boolean;
}

/**
 * The four sets by their keys, which stand where other scopes name a role. The keys are permanent, because events hold
 * them.
 */
export const PERMISSION_SETS = {
  'administrator-content-creator': {
    name: 'Administrator and content creator',
    administrator: true,
    contentCreator: true,
  },
  administrator: { name: 'Administrator', administrator: true, contentCreator: false },
  'content-creator': { name: 'Content creator', administrator: false, contentCreator: true },
  viewer: { name: 'Viewer', administrator: false, contentCreator: false },
} as const satisfies Record<string, PermissionSet & { name: string }>;
export type PermissionSetKey = keyof typeof PERMISSION_SETS;

export function keyOf({ administrator, contentCreator }: PermissionSet): PermissionSetKey {
  if (administrator) return contentCreator ? 'administrator-content-creator' : 'administrator';
  return contentCreator ? 'content-creator' : 'viewer';
}

/** The set that a key means. @throws TypeError for an unknown key, because only our own are stored */
export function setOf(key: unknown): PermissionSet & { name: string } {
  if (typeof key !== 'string' || !Object.hasOwn(PERMISSION_SETS, key)) throw new TypeError('no permission set');
  return PERMISSION_SETS[key as PermissionSetKey];
}

/** The set that an invitation to a group offers. */
export function permissionSetOf(grant: Grant): PermissionSet & { name: string } {
  return setOf(grant['role']);
}
