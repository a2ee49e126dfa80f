import { ApiProperty, PartialType } from '@nestjs/swagger';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';

const MAX_DESCRIPTION = 2000;
export const GROUP_STATES = ['active', 'deleted'] as const;

export class CreateGroupDto {
  @NameField({ description: 'Name', example: 'Tumour board' })
  name: string;
  @MultilineField({ description: 'What the group is for', max: MAX_DESCRIPTION, optional: true, nullable: true })
  description?: string | null;
}

/** Fields that are left out stay; null is allowed only where the field may be null. */
export class EditGroupDto extends PartialType(CreateGroupDto, { skipNullProperties: false }) {}

export class GroupListDto extends PageDto {
  @EnumField({
    description: '`active` unless given; `deleted` shows account administrators what can still be restored',
    of: GROUP_STATES,
    optional: true,
  })
  state: (typeof GROUP_STATES)[number] = 'active';
}

export class GroupView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  organisationId: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ type: Number })
  memberCount: number;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'Only for account administrators, and only true: nobody administers it, and they appoint somebody',
  })
  withoutAdministrator?: true;
  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', required: false, description: 'Only of a deleted one' })
  deletedAt?: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    description: 'Until when a deleted one can be restored; exclusive',
  })
  restorableUntil?: string;
}

export class GroupPage extends pageOf(GroupView) {}
