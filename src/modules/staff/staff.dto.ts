import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../shared/access/named-scope.dto.js';
import { Choice, Line, Paragraphs } from '../../shared/http/fields.js';
import { PageDto, pageOf } from '../../shared/http/page.dto.js';
import { ReasonDto } from '../../shared/http/reason.dto.js';
import { sortWords } from '../../shared/http/sorting.js';

const STAFF_SORTS = sortWords('since', 'name', 'email');

export class ChangeRoleDto extends ReasonDto {
  @Line({ description: "A built-in role's key or a custom role's id", example: 'deployment-staff', max: 64 })
  role: string;
}

export class StaffListDto extends PageDto {
  @Line({ description: 'Only with this role', max: 64, optional: true })
  role?: string;
  @Paragraphs({ description: 'Name or address contains this', max: 254, optional: true })
  q?: string;
  @Choice({ description: '`since` unless given: longest there first. A cursor is good for its own order alone', of: STAFF_SORTS, optional: true })
  sort: (typeof STAFF_SORTS)[number] = 'since';
}

export class StaffMemberView {
  @ApiProperty({ type: String, format: 'uuid', description: "The membership's id" })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
  @ApiProperty({ type: String })
  role: string;
  @ApiProperty({ type: String })
  roleName: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
}

export class StaffPage extends pageOf(StaffMemberView) {}
