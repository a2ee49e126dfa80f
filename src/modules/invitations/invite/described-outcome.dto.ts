import { ApiProperty } from '@nestjs/swagger';

/** An outcome and, for already-pending, its invitation. Callers who may identify the person or invited them see it. */
export class DescribedOutcome {
  @ApiProperty({
    type: String,
    format: 'uuid',
    required: false,
    description: 'With already-pending for who may identify the person or invited them alone',
  })
  invitationId?: string;
  @ApiProperty({
    type: String,
    required: false,
    description: 'With already-pending and its id: what that invitation offers',
  })
  role?: string;
  @ApiProperty({ type: String, required: false })
  roleName?: string;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the pending permission set is an administrator's",
  })
  administrator?: boolean;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: "To a group: whether the pending permission set is a content creator's",
  })
  contentCreator?: boolean;
}
