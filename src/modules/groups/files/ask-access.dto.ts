import { ApiProperty } from '@nestjs/swagger';
import { PERMISSIONS } from '../../access/access.domain.contract.js';
import { EnumField, IdField } from '../../../shared/http/fields.js';
import { ACCESS_REASONS } from './group-file.js';

/** Besides role permissions: what a permission set allows in a group and on one of its files. */
const ASKABLE = [
  ...PERMISSIONS,
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
  @EnumField({ description: 'A permission of roles; in a group `group.…`, on a file `file.…`', of: ASKABLE })
  permission: (typeof ASKABLE)[number];
}

export class AccessReason {
  @ApiProperty({
    type: String,
    enum: GIVEN_BY,
    description: 'A role, a permission set, an exception for this file, or being super-admin',
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
  @ApiProperty({ type: AccessReason, required: false, description: 'What gives it, where it is allowed' })
  reason?: AccessReason;
}
