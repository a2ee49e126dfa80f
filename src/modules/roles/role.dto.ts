import { ApiProperty } from '@nestjs/swagger';
import {
  CLINICAL_PERMISSIONS,
  type Permission,
  ROLE_PERMISSIONS,
  SCOPE_KINDS,
  type ScopeKind,
} from '../access/access.domain.contract.js';
import { EnumListField, RoleKeyField } from '../../shared/http/fields.js';
import { NameField } from '../../shared/http/names.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';

type ClinicalPermission = (typeof CLINICAL_PERMISSIONS)[number];

const MAX_NAME = 100;
const NAME = 'Name, unique in the organisation';
const NAME_EXAMPLE = 'Night nurse';
const PERMISSIONS_EXAMPLE = ['patients.view', 'patients.contact'];
const ALLOWED = 'Permissions of the role; `patients.view` is always included';

export class DefineRoleDto {
  @NameField({ description: NAME, example: NAME_EXAMPLE, max: MAX_NAME })
  name: string;
  @EnumListField({ description: ALLOWED, of: CLINICAL_PERMISSIONS, example: PERMISSIONS_EXAMPLE })
  permissions: ClinicalPermission[];
}

export class EditRoleDto {
  @NameField({ description: NAME, example: NAME_EXAMPLE, max: MAX_NAME, optional: true })
  name?: string;
  @EnumListField({
    description: `${ALLOWED}. The list replaces the old one.`,
    example: PERMISSIONS_EXAMPLE,
    of: CLINICAL_PERMISSIONS,
    optional: true,
  })
  permissions?: ClinicalPermission[];
}

export class DeleteRoleDto {
  @RoleKeyField({
    description: 'Role that replaces this one for its holders and in open invitations',
    optional: true,
  })
  moveTo?: string;
}

class DefinedAt {
  @ApiProperty({ type: String, enum: SCOPE_KINDS })
  kind: ScopeKind;
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
}

export class RoleView {
  @ApiProperty({
    type: String,
    description: 'Key of a built-in role, or id of a custom role',
    example: 'deployment-staff',
  })
  id: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Boolean, description: 'Whether the organisation defined the role' })
  custom: boolean;
  @ApiProperty({ type: String, isArray: true, enum: ROLE_PERMISSIONS })
  permissions: Permission[];
  @ApiProperty({
    type: DefinedAt,
    nullable: true,
    description: 'Scope that defined the custom role; it can be given there and below',
  })
  definedAt: DefinedAt | null;
  @ApiProperty({ type: Boolean, description: 'Whether you may give it here' })
  grantable: boolean;
}

export class RolePage extends pageOf(RoleView) {}
