import { ApiProperty } from '@nestjs/swagger';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { CountedPageDto } from '../../../shared/http/lists/page.dto.js';
import { sortWords } from '../../../shared/http/lists/sorting.js';

const MEMBER_SORTS = sortWords('since', 'name', 'email');

/** The query of a list of members. */
export class MemberListDto extends CountedPageDto {
  @MultilineField({ description: 'Text that the name or address contains', max: 254, optional: true })
  q?: string;
  @EnumField({
    description: 'Default `since`: oldest membership first. A cursor works only with the order that it came from.',
    of: MEMBER_SORTS,
    optional: true,
  })
  sort: (typeof MEMBER_SORTS)[number] = 'since';
}

/** A member of any kind of scope. */
export class MemberView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the membership' })
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
