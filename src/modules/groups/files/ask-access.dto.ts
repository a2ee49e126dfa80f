import { ApiProperty } from '@nestjs/swagger';
import { ROLE_PERMISSIONS } from '../../access/access.domain.contract.js';
import { EnumField, IdField } from '../../../shared/http/fields.js';
import { ACCESS_REASONS } from './group-file.js';

/** The permissions of roles, and those of permission sets in a group and on its files. */
const ASKABLE = [
  ...ROLE_PERMISSIONS,
  'group.view',
  'group.administer',
  'group.create-content',
  'file.view',
  'file.edit',
] as const;
const GIVEN_BY = ['role', ...ACCESS_REASONS] as const;

export class AccessQuestionDto {
  @IdField({ description: 'Id of an organisation, a deployment, a group, a file of a group, or the platform' })
  scope: string;
  @EnumField({ description: 'Permission to check; `group.…` in a group, `file.…` on a file', of: ASKABLE })
  permission: (typeof ASKABLE)[number];
}

export class AccessReason {
  @ApiProperty({
    type: String,
    enum: GIVEN_BY,
    description: 'Source of the permission: a role, a permission set, an exception for the file, or super-admin',
  })
  by: (typeof GIVEN_BY)[number];
  @ApiProperty({ type: String, required: false })
  role?: string;
  @ApiProperty({ type: String, required: false })
  roleName?: string;
}

export class AccessAnswer {
  @ApiProperty({ type: String, format: 'uuid' })
  scope: string;
  @ApiProperty({ type: String, enum: ASKABLE })
  permission: (typeof ASKABLE)[number];
  @ApiProperty({ type: Boolean })
  allowed: boolean;
  @ApiProperty({
    type: AccessReason,
    required: false,
    description: 'What gives the permission; absent if it is not given',
  })
  reason?: AccessReason;
}
