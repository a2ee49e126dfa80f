import { ApiProperty } from '@nestjs/swagger';
import { NamedOrganisation, NamedScope } from '../../shared/access/named-scope.dto.js';
import { Choice, Flag, Paragraphs } from '../../shared/http/fields.js';
import { PageDto, pageOf } from '../../shared/http/page.dto.js';
import { ReasonDto } from '../../shared/http/reason.dto.js';
import { sortWords } from '../../shared/http/sorting.js';

const MEMBER_SORTS = sortWords('since', 'name', 'email');
const ADMINISTRATOR = 'Invites, changes members, sees all content';
const CONTENT_CREATOR = 'Creates, edits, uploads';

/** What is left out stays. */
export class ChangePermissionsDto extends ReasonDto {
  @Flag({ description: ADMINISTRATOR, optional: true })
  administrator?: boolean;
  @Flag({ description: CONTENT_CREATOR, optional: true })
  contentCreator?: boolean;
}

export class GroupMemberListDto extends PageDto {
  @Paragraphs({ description: 'Name or address contains this', max: 254, optional: true })
  q?: string;
  @Choice({ description: '`since` unless given: longest there first. A cursor is good for its own order alone', of: MEMBER_SORTS, optional: true })
  sort: (typeof MEMBER_SORTS)[number] = 'since';
}

export class GroupMemberView {
  @ApiProperty({ type: String, format: 'uuid', description: "The membership's id" })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
  @ApiProperty({ type: Boolean, description: ADMINISTRATOR })
  administrator: boolean;
  @ApiProperty({ type: Boolean, description: CONTENT_CREATOR })
  contentCreator: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
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
