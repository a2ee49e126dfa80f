import type { EffectivePermissions, Permission } from '../../access/access.domain.contract.js';

export type ProfiledKind = 'organisation' | 'deployment';

/** The permissions that change the settings of a place and archive it. Only super-admins restore. */
export const PLACE_PERMISSIONS: Readonly<Record<ProfiledKind, { edit: Permission; archive: Permission }>> = {
  organisation: { edit: 'organisation.edit', archive: 'organisation.archive' },
  deployment: { edit: 'deployment.manage', archive: 'deployment.archive' },
};

/** What a visitor may do with a place of one kind, while it is open or archived. */
export interface PlaceRights {
  edit: boolean;
  archive: boolean;
  restore: boolean;
}

export function rightsIn(kind: ProfiledKind, effectivePermissions: EffectivePermissions): PlaceRights {
  const { edit, archive } = PLACE_PERMISSIONS[kind];
  return {
    edit: effectivePermissions.can(edit),
    archive: effectivePermissions.can(archive),
    restore: effectivePermissions.roles.some(({ role }) => role.id === 'super-admin'),
  };
}
