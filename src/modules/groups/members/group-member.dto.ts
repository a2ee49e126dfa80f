import { ApiProperty } from '@nestjs/swagger';
import { MemberView, NamedOrganisation, NamedScope } from '../../access/access.contract.js';
import { BooleanField } from '../../../shared/http/fields.js';
import { countedPageOf } from '../../../shared/http/lists/page.dto.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';

const ADMINISTRATOR = 'Whether the member may invite, change members and see all content';
const CONTENT_CREATOR = 'Whether the member may create, edit and upload';

/** Fields that the call leaves out stay the same. */
export class ChangePermissionsDto extends ReasonDto {
  @BooleanField({ description: ADMINISTRATOR, example: false, optional: true })
  administrator?: boolean;
  @BooleanField({ description: CONTENT_CREATOR, example: true, optional: true })
  contentCreator?: boolean;
}

export class GroupMemberView extends MemberView {
  @ApiProperty({ type: Boolean, description: ADMINISTRATOR })
  administrator: boolean;
  @ApiProperty({ type: Boolean, description: CONTENT_CREATOR })
  contentCreator: boolean;
}

export class GroupMemberPage extends countedPageOf(GroupMemberView) {}

/** A group of which the caller is a member. */
export class GroupMembershipView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the membership' })
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
