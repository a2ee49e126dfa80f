import { RoleKeyField } from '../../../shared/http/fields.js';
import { InvitePeopleDto, withWindows } from '../../invitations/invitations.contract.js';

/** Source: docs/domain.md §6.2 */
export const STAFF_WINDOWS = ['24h', '72h', '7d'] as const;

export class InviteStaffDto extends withWindows(InvitePeopleDto, STAFF_WINDOWS, '7d') {
  @RoleKeyField({ description: 'Key of a built-in role, or id of a custom role', example: 'deployment-staff' })
  role: string;
}

/** What a change of a staff invitation may name besides its window. */
export class ChangedRoleDto {
  @RoleKeyField({
    description: 'Key of a built-in role, or id of a custom role; default: the same',
    example: 'deployment-staff',
    optional: true,
  })
  role?: string;
}

/** An invitation call for the platform, which has its own roles. */
export class InvitePlatformStaffDto extends InviteStaffDto {
  @RoleKeyField({ description: '`super-admin`, `support` or `account-manager`', example: 'support' })
  declare role: string;
}
