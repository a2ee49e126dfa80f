import type { Grant } from '../../invitations/invitations.domain.contract.js';

/**
 * The permissions of a group member: one, both, or neither. Every member may view and download. Source: docs/domain.md
 * §9
 */
export interface PermissionSet {
  /** Allows to invite, change members and see all content. */
  administrator: boolean;
  /** Allows to create, edit and upload. */
  contentCreator: boolean;
}

/**
 * The four sets by key. Grants have the key in the place of a role. The keys are permanent, because events hold them.
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

/** The keys of the sets that administer a group. */
export const ADMINISTERING: readonly string[] = Object.entries(PERMISSION_SETS).flatMap(([key, { administrator }]) =>
  administrator ? [key] : [],
);

export function keyOf({ administrator, contentCreator }: PermissionSet): PermissionSetKey {
  if (administrator) return contentCreator ? 'administrator-content-creator' : 'administrator';
  return contentCreator ? 'content-creator' : 'viewer';
}

/** The set with this key. @throws TypeError for an unknown key, which no event of ours has */
export function setOf(key: unknown): PermissionSet & { name: string } {
  if (typeof key !== 'string' || !Object.hasOwn(PERMISSION_SETS, key)) throw new TypeError('unknown permission set');
  return PERMISSION_SETS[key as PermissionSetKey];
}

/** The set that an invitation to a group offers. */
export function permissionSetOf(grant: Grant): PermissionSet & { name: string } {
  return setOf(grant['role']);
}
