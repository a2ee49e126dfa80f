import { ApiProperty } from '@nestjs/swagger';
import {
  CLINICAL_PERMISSIONS,
  type Permission,
  PERMISSIONS,
  SCOPE_KINDS,
  type ScopeKind,
} from '../access/access.domain.contract.js';
import { EnumListField, RoleKeyField } from '../../shared/http/fields.js';
import { NameField } from '../../shared/http/names.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';

type ClinicalPermission = (typeof CLINICAL_PERMISSIONS)[number];

const MAX_NAME = 100;
const NAME = 'Name, unique in the organisation';
const ALLOWED = 'What it allows; `patients.view` is always among it';

export class DefineRoleDto {
  @NameField({ description: NAME, example: 'Night nurse', max: MAX_NAME })
  name: string;
  @EnumListField({ description: ALLOWED, of: CLINICAL_PERMISSIONS, example: ['patients.view', 'patients.contact'] })
  permissions: ClinicalPermission[];
}

export class EditRoleDto {
  @NameField({ description: NAME, max: MAX_NAME, optional: true })
  name?: string;
  @EnumListField({ description: `${ALLOWED}; the whole list`, of: CLINICAL_PERMISSIONS, optional: true })
  permissions?: ClinicalPermission[];
}

export class DeleteRoleDto {
  @RoleKeyField({
    description: 'The role that everybody who holds this one, or is invited to it, gets instead',
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
    description: "A built-in role's key or a custom role's id",
    example: 'deployment-staff',
  })
  id: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Boolean, description: 'Made by the organisation' })
  custom: boolean;
  @ApiProperty({ type: String, isArray: true, enum: PERMISSIONS })
  permissions: Permission[];
  @ApiProperty({
    type: DefinedAt,
    nullable: true,
    description: 'Where a custom role was defined: it can be given there and below',
  })
  definedAt: DefinedAt | null;
  @ApiProperty({ type: Boolean, description: 'Whether you may give it here' })
  grantable: boolean;
}

export class RolePage extends pageOf(RoleView) {}
