import { ApiProperty } from '@nestjs/swagger';
import { MemberView, NamedOrganisation, NamedScope } from '../../access/access.contract.js';
import { BooleanField } from '../../../shared/http/fields.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';

const ADMINISTRATOR = 'Invites, changes members, sees all content';
const CONTENT_CREATOR = 'Creates, edits, uploads';

/** Fields that are left out stay. */
export class ChangePermissionsDto extends ReasonDto {
  @BooleanField({ description: ADMINISTRATOR, optional: true })
  administrator?: boolean;
  @BooleanField({ description: CONTENT_CREATOR, optional: true })
  contentCreator?: boolean;
}

export class GroupMemberView extends MemberView {
  @ApiProperty({ type: Boolean, description: ADMINISTRATOR })
  administrator: boolean;
  @ApiProperty({ type: Boolean, description: CONTENT_CREATOR })
  contentCreator: boolean;
}

export class GroupMemberPage extends pageOf(GroupMemberView) {}

/** A group that the caller is in. */
export class GroupMembershipView {
  @ApiProperty({ type: String, format: 'uuid', description: "The membership's id" })
  id: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: Boolean, description: ADMINISTRATOR })
  administrator: boolean;
  @ApiProperty({ type: Boolean, description: CONTENT_CREATOR })
  contentCreator: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
}
