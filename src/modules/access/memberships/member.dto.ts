import { ApiProperty } from '@nestjs/swagger';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { sortWords } from '../../../shared/http/lists/sorting.js';

const MEMBER_SORTS = sortWords('since', 'name', 'email');

/** The query of a list of members. */
export class MemberListDto extends PageDto {
  @MultilineField({ description: 'Name or address contains this', max: 254, optional: true })
  q?: string;
  @EnumField({
    description: '`since` unless given: longest there first. A cursor is good for its own order alone',
    of: MEMBER_SORTS,
    optional: true,
  })
  sort: (typeof MEMBER_SORTS)[number] = 'since';
}

/** A member of any kind of scope. */
export class MemberView {
  @ApiProperty({ type: String, format: 'uuid', description: "The membership's id" })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true, required: false, description: 'Absent for readers who may not see it' })
  name?: string | null;
  @ApiProperty({ type: String, nullable: true, required: false, description: 'Absent for readers who may not see it' })
  email?: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
}
