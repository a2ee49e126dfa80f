import { ApiProperty } from '@nestjs/swagger';
import { MemberListDto, MemberView, NamedScope } from '../../access/access.contract.js';
import { BooleanField, RoleKeyField } from '../../../shared/http/fields.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';

export class ChangeRoleDto extends ReasonDto {
  @RoleKeyField({ description: "A built-in role's key or a custom role's id", example: 'deployment-staff' })
  role: string;
}

export class EndMembershipDto extends ReasonDto {
  @BooleanField({
    description:
      'The last role in an organisation ends group memberships there and withdraws group invitations, unless this is true',
    optional: true,
  })
  keepGroups?: boolean;
}

export class StaffListDto extends MemberListDto {
  @RoleKeyField({ description: 'Only with this role', optional: true })
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

export class StaffPage extends pageOf(StaffMemberView) {}
