import { ApiProperty } from '@nestjs/swagger';
import { MemberListDto, MemberView, NamedScope } from '../../access/access.contract.js';
import { BooleanField, RoleKeyField } from '../../../shared/http/fields.js';
import { countedPageOf } from '../../../shared/http/lists/page.dto.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';

export class ChangeRoleDto extends ReasonDto {
  @RoleKeyField({ description: 'Key of a built-in role, or id of a custom role', example: 'deployment-staff' })
  role: string;
}

export class EndMembershipDto extends ReasonDto {
  @BooleanField({
    description:
      'Keeps the group memberships and group invitations that would end with the last role in the organisation',
    example: false,
    optional: true,
  })
  keepGroups?: boolean;
}

export class StaffListDto extends MemberListDto {
  @RoleKeyField({ description: 'Lists members with this role', optional: true })
  role?: string;
}

export class StaffMemberView extends MemberView {
  @ApiProperty({ type: String })
  role: string;
  @ApiProperty({ type: String })
  roleName: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
}

export class StaffPage extends countedPageOf(StaffMemberView) {}
