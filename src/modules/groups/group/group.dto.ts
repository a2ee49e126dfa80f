import { ApiProperty, PartialType } from '@nestjs/swagger';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { CountedPageDto, countedPageOf } from '../../../shared/http/lists/page.dto.js';

const MAX_DESCRIPTION = 2000;
export const GROUP_STATES = ['active', 'deleted'] as const;

export class CreateGroupDto {
  @NameField({ description: 'Name', example: 'Tumour board' })
  name: string;
  @MultilineField({
    description: 'Purpose of the group',
    example: 'Discusses new cases every Tuesday',
    max: MAX_DESCRIPTION,
    optional: true,
    nullable: true,
  })
  description?: string | null;
}

/** Fields that the call leaves out stay the same. Null is allowed only for fields that may be null. */
export class EditGroupDto extends PartialType(CreateGroupDto, { skipNullProperties: false }) {}

export class GroupListDto extends CountedPageDto {
  @MultilineField({ description: 'Text that the name contains', max: 200, optional: true })
  q?: string;
  @EnumField({
    description: 'Default `active`; `deleted` lists the groups that account administrators can still restore',
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
    description: 'True if the group has no administrator; only for account administrators, who can appoint one',
  })
  withoutAdministrator?: true;
  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    description: 'Time of the deletion; only for a deleted group',
  })
  deletedAt?: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    description: 'A deleted group can be restored before this moment',
  })
  restorableUntil?: string;
}

export class GroupPage extends countedPageOf(GroupView) {}
