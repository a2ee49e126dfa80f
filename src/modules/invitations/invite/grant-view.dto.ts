import { ApiProperty } from '@nestjs/swagger';

/** The grant of an invitation, for readers. */
export class GrantView {
  @ApiProperty({
    type: String,
    required: false,
    description: 'Role that the invitation offers, or the permission set in a group; absent if it offers neither',
  })
  role?: string;
  @ApiProperty({ type: String, required: false })
  roleName?: string;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'Whether the permission set includes administrator rights; only for groups',
  })
  administrator?: boolean;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'Whether the permission set includes content-creator rights; only for groups',
  })
  contentCreator?: boolean;
}

/**
 * The pending invitation of an outcome `already-pending`. Only callers who may identify the invitee, or invited them,
 * see it.
 */
export class DescribedOutcome extends GrantView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    required: false,
    description:
      'Id of the open invitation with `already-pending`; only for callers who may identify the invitee or invited them',
  })
  invitationId?: string;
}
